"""The audit trail: newest first, filtered, and verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from kith_platform.audit import Entry, Filter, Record
from kith_runtime.administration import people, store
from kith_runtime.administration.words import ACTIONS, action_in_words, detail_in_words
from kith_runtime.context import Context
from kith_runtime.screens.administration.frame import AdminPage, Pages, entered, sections_of
from kith_runtime.screens.parameters import id_in, number_in, one_of
from kith_runtime.screens.rendering import render
from kith_runtime.web.state import reopen, server, write

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/audit")

_PAGE = 50


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry in words."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many entries stand in the chain, or the first that does not fit."""

    whole: bool
    count: int
    head: str
    broken: int = 0


@dataclass(frozen=True, slots=True)
class AdminAuditPage(AdminPage):
    """The entries, the filter, and the result of verifying."""

    rows: Sequence[AuditRow] = ()
    action: str = ""
    actor: str = ""
    subject: str = ""
    actions: Mapping[str, str] = field(default_factory=dict)
    people: Sequence[tuple[str, str]] = ()
    pages: Pages = field(default_factory=Pages)
    verdict: Verdict | None = None


@blueprint.get("")
def show_audit() -> Response:
    """List the entries, newest first."""
    return _page(entered("audit"))


@blueprint.post("/verify")
def send_verify() -> Response:
    """Walk the whole chain of hashes; that somebody looked is an entry too."""
    audit = server().services.audit
    ctx = entered("audit")
    broken = audit.verify(ctx.connection)
    count, head = audit.head(ctx.connection)
    verdict = Verdict(broken is None, count, head, broken.sequence if broken else 0)

    def note(writing: Context) -> None:
        people.require(writing, "audit")
        detail = {"whole": verdict.whole, "entries": count}
        audit.append(writing.connection, Entry(writing.actor.id, "audit.verify", "", detail))

    write(note)
    return _page(reopen(), verdict)


def _page(ctx: Context, verdict: Verdict | None = None) -> Response:
    asked = {name: request.args.get(name, "").strip()[:200] for name in ("action", "actor", "subject")}
    for name in ("actor", "subject"):
        id_in(name, asked[name], "person")
    one_of("action", asked["action"], ACTIONS, "action of the audit trail")
    position = number_in("before", request.args.get("before", ""), "place in the audit trail")
    wanted = Filter(actor=asked["actor"] or None, action=asked["action"] or None, subject=asked["subject"] or None)
    found = server().services.audit.entries(ctx.connection, wanted, before=position, limit=_PAGE + 1)
    kept = {name: value for name, value in asked.items() if value}
    next_page = ""
    if len(found) > _PAGE:
        next_page = f"/admin/audit?{urlencode({**kept, 'before': found[_PAGE - 1].sequence})}"
    page = AdminAuditPage(
        "Audit trail",
        section="audit",
        sections=sections_of(ctx),
        rows=_rows(ctx, found[:_PAGE]),
        actions=dict(sorted(ACTIONS.items(), key=lambda item: item[1])),
        people=store.person_choices(ctx),
        pages=Pages(f"/admin/audit?{urlencode(kept)}" if position else "", next_page),
        verdict=verdict,
        **asked,
    )
    return render("admin_audit.html", page)


def _rows(ctx: Context, found: Sequence[Record]) -> list[AuditRow]:
    names = store.names_of(ctx, [each for entry in found for each in (entry.actor, entry.subject)])
    return [
        AuditRow(
            entry.sequence,
            entry.at,
            names.get(entry.actor, entry.actor) or ("Nobody" if entry.action.startswith("sign_in") else "The system"),
            action_in_words(entry.action),
            names.get(entry.subject, entry.subject),
            detail_in_words(entry.detail),
        )
        for entry in found
    ]
