"""A small published app for tests of tables, access and queries, with its tables made in an empty database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import MetaData, insert

from kith_metadata.expressions.types import BOOLEAN
from kith_metadata.language import Language, VariantType, metadata_kinds
from kith_metadata.snapshot import Snapshot
from kith_platform.clock import FixedClock
from kith_platform.database import Database
from kith_runtime import field_types as field_type_package
from kith_runtime.access import EntityRights, rights_for
from kith_runtime.actors import SYSTEM, Actor
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.system import fields_of
from kith_runtime.published import Published
from kith_runtime.queries.expression_sql import prepare
from kith_runtime.queries.expression_where import where_checked
from kith_runtime.scopes import checked_expression
from kith_runtime.storage import SYSTEM_COLUMNS, StorageMap, StoredColumn, StoredEntity, StoredField, physical_name
from kith_runtime.tables import indexes_of, link_table_of, make_link_table, make_table, sql_index, table_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

DOCUMENTS: Mapping[str, Mapping[str, Any]] = {
    "entity:base.user": {
        "label": "Person",
        "plural": "People",
        "title": "name",
        "ownership": "none",
        "fields": {
            "name": {"type": "text", "search": True},
            "region": {"type": "text"},
            "teams": {"type": "lookups", "to": "base.team"},
        },
    },
    "entity:base.team": {"label": "Team", "ownership": "none", "fields": {"name": {"type": "text"}}},
    "entity:crm.account": {
        "label": "Account",
        "plural": "Accounts",
        "title": "name",
        "fields": {
            "name": {"type": "text", "search": True, "unique": True},
            "region": {"type": "text"},
            "rating": {"type": "integer"},
            "open_deals": {"type": "rollup", "over": "crm.deal", "by": "account", "where": 'stage == "new"'},
            "best": {"type": "rollup", "over": "crm.deal", "by": "account", "function": "sum", "field": "amount"},
            "average": {
                "type": "rollup",
                "over": "crm.deal",
                "by": "account",
                "function": "avg",
                "field": "probability",
            },
            "secret": {"type": "text", "sensitivity": "restricted", "search": True},
        },
    },
    "entity:crm.deal": {
        "label": "Deal",
        "plural": "Deals",
        "title": "name",
        "fields": {
            "name": {"type": "text", "search": True},
            "account": {"type": "lookup", "to": "crm.account"},
            "stage": {"type": "choice", "options": {"new": {}, "won": {"closed": True}, "lost": {"closed": True}}},
            "amount": {"type": "money", "index": True},
            "probability": {"type": "decimal", "scale": 2},
            "close_date": {"type": "date"},
            "met_at": {"type": "datetime"},
            "done": {"type": "boolean"},
            "tags": {"type": "choices", "options": {"hot": {}, "cold": {}}},
            "margin": {"type": "decimal", "sensitivity": "restricted"},
            "code": {"type": "text"},
            "helpers": {"type": "lookups", "to": "base.user"},
            "weighted": {"type": "formula", "returns": "money", "formula": "amount * probability"},
            "account_region": {"type": "formula", "returns": "text", "formula": "account.region"},
        },
        "keys": {"code": {"fields": ["code"], "where": 'stage == "new"'}},
    },
    "entity:crm.line": {
        "label": "Line",
        "title": "name",
        "ownership": "none",
        "fields": {
            "name": {"type": "text"},
            "deal": {"type": "lookup", "to": "crm.deal", "parent": True, "on_delete": "cascade"},
            "quantity": {"type": "integer"},
        },
    },
    "view:crm.open": {
        "entity": "crm.deal",
        "label": "Open",
        "columns": {"name": {}, "amount": {}},
        "where": 'stage == "new"',
        "sort": ["-close_date", "name"],
    },
    "form:crm.account": {
        "entity": "crm.account",
        "sections": {"main": {"elements": {"name": {}}}},
        "related": {"deals": {"entity": "crm.deal", "by": "account", "sort": ["amount"]}},
    },
    "role:crm.admin": {"label": "Admin", "everything": True},
    "role:crm.rep": {
        "label": "Rep",
        "grants": {
            "crm.account": {"read": "all"},
            "crm.deal": {"create": True, "read": "own", "update": "own", "delete": "own"},
            "crm.line": {"create": True, "read": "all", "update": "all", "delete": "all"},
        },
    },
    "role:crm.team": {
        "label": "Team reader",
        "grants": {"crm.deal": {"read": "team", "update": "own"}, "crm.account": {"read": "own"}},
    },
    "role:crm.regional": {
        "label": "Regional",
        "grants": {
            "crm.account": {"read": "region == me.region", "update": "region == me.region and rating > 2"},
            "crm.deal": {
                "read": "account.region == me.region",
                "update": 'stage != "won"',
                "fields": {"margin": "read"},
            },
            "crm.line": {"read": "quantity > 1", "update": "all"},
        },
    },
    "role:crm.clerk": {
        "label": "Clerk",
        "includes": ["crm.regional"],
        "grants": {"crm.deal": {"read": "all", "fields": {"amount": "none", "name": "read"}}},
    },
}


def language() -> Language:
    """Return the language with every field type, and with the options that these documents use."""
    field_type_package.discover()
    types = {name: VariantType(name, kind.label, kind.help, kind.Options) for name, kind in field_types.items()}
    kinds = metadata_kinds()
    return Language(kinds, {"field_types": types, "view_types": _plain("list"), "form_elements": _plain("field")})


def _plain(name: str) -> Mapping[str, VariantType]:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options:
        """None."""

    return {name: VariantType(name, name, name, Options)}


def storage_of(snapshot: Snapshot) -> StorageMap:
    """Return the storage that a first publish would decide."""
    found = {}
    for name in snapshot.entities():
        table = physical_name(*name.split("."))
        fields = {
            item.name: _stored(table, item)
            for item in fields_of(snapshot, name).values()
            if item.name not in SYSTEM_COLUMNS and item.type not in ("formula", "rollup")
        }
        found[name] = StoredEntity(table, fields).to_json()
    return StorageMap(found)


def _stored(table: str, item: Any) -> StoredField:
    kind = field_types[item.type]
    if not kind.stored:
        return StoredField(item.type, (), physical_name(table, item.name))
    columns = tuple(
        StoredColumn(f"{item.name}__{column.suffix}" if column.suffix else item.name, column.kind, column.scale)
        for column in kind.columns(item)
    )
    return StoredField(item.type, columns)


def publish(documents: Mapping[str, Mapping[str, Any]] = DOCUMENTS) -> Published:
    """Return the documents as a published snapshot."""
    snapshot = Snapshot(language(), {key: json.dumps(data) for key, data in documents.items()})
    return Published(snapshot, storage_of(snapshot), 1)


@dataclass
class TestApp:
    """A published app in a database, with short ways to act and to write rows behind the door."""

    __test__ = False
    database: Database
    published: Published
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    _made: int = 0

    def create_tables(self, *extra: MetaData) -> None:
        """Make the tables and indexes of every entity, and those of ``extra``."""
        with self.database.write() as connection:
            prepare(connection)
            ctx = self.context(connection, SYSTEM)
            for name in self.published.snapshot.entities():
                stored = self.published.storage.entity(name)
                table = make_table(stored, MetaData())
                table.create(connection)
                for item in stored.fields.values():
                    if item.link:
                        make_link_table(item.link, MetaData()).create(connection)
                for definition in indexes_of(self.published.snapshot, stored, name):
                    text = definition.where
                    checked = checked_expression(self.published, name, text, BOOLEAN) if text else None
                    where = None if checked is None else where_checked(ctx, name, checked, table)
                    sql_index(table, definition, where).create(connection)
            for metadata in extra:
                metadata.create_all(connection)

    def publish_more(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Publish more documents, or others of the same names; the tables stay as they are."""
        kept = {key: json.loads(text) for key, text in self.published.snapshot.documents.items()}
        self.published = publish({**kept, **documents})

    def context(self, connection: Any, actor: Actor) -> Context:
        """Return a context of an actor on a connection."""
        return Context(
            database=self.database,
            published=self.published,
            actor=actor,
            connection=connection,
            clock=self.clock,
            door="api",
            trace="test",
            now=self.clock.now(),
        )

    @contextmanager
    def reading(self, actor: Actor = SYSTEM) -> Iterator[Context]:
        """Yield a context of an actor in a reading transaction."""
        with self.database.read() as connection:
            yield self.context(connection, actor)

    def row(self, entity: str, **values: Any) -> str:
        """Write one row behind the door and return its id; fields are given as Python values."""
        self._made += 1
        record = values.pop("id", f"{self._made:020d}")
        at = values.pop("created_at", NOW - timedelta(days=365) + timedelta(minutes=self._made))
        row: dict[str, Any] = {"id": record, "version": 1, "created_at": at, "updated_at": at}
        links: dict[str, Any] = {}
        stored = self.published.storage.entity(entity)
        declared = fields_of(self.published.snapshot, entity)
        for name, value in values.items():
            if name in SYSTEM_COLUMNS:
                row[name] = value
            elif stored.fields[name].link:
                links[name] = value
            elif value is not None:
                parts = field_types[declared[name].type].store(value, declared[name])
                row.update(zip((column.name for column in stored.fields[name].columns), parts, strict=True))
        with self.database.write() as connection:
            connection.execute(insert(table_of(self.published, entity)).values(row))
            for name, targets in links.items():
                table = link_table_of(self.published, entity, name)
                for position, target in enumerate(targets):
                    connection.execute(insert(table).values(record_id=record, target_id=target, position=position))
        return record

    def rights(self, actor: Actor, entity: str) -> EntityRights:
        """Return an actor's rights over an entity."""
        with self.reading(actor) as ctx:
            return rights_for(ctx, entity)


def person(record: str, *roles: str, **person_fields: Any) -> Actor:
    """Return a person who acts with these roles of the app ``crm``."""
    named = frozenset(f"crm.{role}" for role in roles)
    return Actor(id=record, kind="user", name=record, roles=named, person=person_fields)


def token_of(actor: Actor, *scopes: str) -> Actor:
    """Return the same person acting through a token that is held to these scopes."""
    return replace(actor, kind="token", scopes=frozenset(scopes))


def open_app(database: Database, *extra: MetaData, documents: Mapping[str, Any] = DOCUMENTS) -> TestApp:
    """Return the app with its tables made in an empty database."""
    app = TestApp(database, publish(documents))
    app.create_tables(*extra)
    return app
