"""What roles give: closed by default, added up, and held back by tokens."""

from __future__ import annotations

import pytest

from kith_platform.database import Database
from kith_runtime.access import Scope, explain_access, may
from kith_runtime.actors import SYSTEM
from support.apps import TestApp, open_app, person, token_of


@pytest.fixture
def app(database: Database) -> TestApp:
    """The app, empty."""
    return open_app(database)


def test_everything_is_closed_without_a_grant(app: TestApp) -> None:
    for actor in (person("ann"), person("ann", "no_such_role"), person("ann", "rep")):
        rights = app.rights(actor, "base.user")
        assert (rights.create, rights.visible, rights.readable, rights.editable) == (False, False, set(), set())
        assert rights.update.nothing
        assert rights.delete.nothing


def test_roles_add_up_and_include_others(app: TestApp) -> None:
    rights = app.rights(person("ann", "rep", "team"), "crm.deal")
    assert (rights.read.own, rights.read.team, rights.create) == (True, True, True)
    clerk = app.rights(person("ann", "clerk"), "crm.deal")
    assert clerk.read == Scope(everything=True)
    assert len(clerk.update.conditions) == 1
    assert app.rights(person("ann", "clerk"), "crm.account").visible


def test_restricted_fields_open_only_by_name(app: TestApp) -> None:
    assert "margin" not in app.rights(person("ann", "rep"), "crm.deal").readable
    regional = app.rights(person("ann", "regional"), "crm.deal")
    assert "margin" in regional.readable
    assert "margin" not in regional.editable
    assert "secret" in app.rights(person("ann", "admin"), "crm.account").editable


def test_system_and_computed_fields_are_never_editable(app: TestApp) -> None:
    for actor in (SYSTEM, person("ann", "admin"), person("ann", "rep")):
        rights = app.rights(actor, "crm.deal")
        assert {"id", "version", "created_by", "deleted_at", "weighted"} <= rights.readable
        assert rights.editable.isdisjoint({"id", "version", "created_at", "updated_by", "deleted_at", "weighted"})
        assert "owner" in rights.editable


def test_a_token_that_only_reads_cannot_write(app: TestApp) -> None:
    for actor in (person("ann", "rep"), person("ann", "admin")):
        reading = app.rights(token_of(actor, "read"), "crm.deal")
        assert reading.visible
        assert (reading.create, reading.editable) == (False, set())
        assert reading.update.nothing
        assert reading.delete.nothing
        assert not app.rights(token_of(actor), "crm.deal").visible
        assert app.rights(token_of(actor, "write"), "crm.deal").create


def test_children_follow_their_parent(app: TestApp) -> None:
    for name in ("ann", "bob"):
        app.row("base.user", id=name, name=name)
    mine, theirs = app.row("crm.deal", owner="ann"), app.row("crm.deal", owner="bob")
    with app.reading(person("ann", "rep")) as ctx:
        assert may(ctx, "crm.line", "read", {"id": "x", "deal": mine})
        assert not may(ctx, "crm.line", "read", {"id": "x", "deal": theirs})
        assert not may(ctx, "crm.line", "update", {"id": "x", "deal": None})
        assert not may(ctx, "crm.line", "delete", {"id": "x", "deal": "missing"})


def test_access_is_explained_in_sentences(app: TestApp) -> None:
    app.row("base.user", id="ann", name="Ann")
    deal = app.row("crm.deal", owner="bob")
    with app.reading(person("ann", "rep")) as ctx:
        sentences = explain_access(ctx, "crm.deal", "margin", deal)
        closed = explain_access(ctx, "base.user")
    assert any("records that they own" in sentence for sentence in sentences)
    assert any("hidden" in sentence for sentence in sentences)
    assert "This record can not be read." in sentences
    assert "closed" in closed[0]
