"""Data documents become records, through the same door as everything else, and never twice."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any, Literal

from kith_metadata.expressions import EvaluationError, evaluate
from kith_metadata.kinds.data import Data
from kith_metadata.kinds.entity import Field
from kith_platform.clock import FixedClock
from kith_platform.errors import Invalid, KithError
from kith_platform.files import Files
from kith_platform.identity import Accounts, Passwords, RoleAssignments
from kith_runtime import records
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.file import File
from kith_runtime.field_types.system import fields_of
from kith_runtime.publish import store
from kith_runtime.scopes import PERSON_ENTITY, checked_expression, environment_of

Purpose = Literal["seed", "demo"]
Key = tuple[str, str]
"""An entity and the stable name of one of its records."""

CREATED_AT = "created_at"
ROLES = "roles"


class DataFault(Invalid):
    """A data document holds something that cannot be made a record; the message names document and record."""


@dataclass(frozen=True, slots=True)
class Source:
    """One record of a data document, as it is written there."""

    key: Key
    document: str
    values: Mapping[str, Any]


@dataclass(slots=True)
class _Install:
    ctx: Context
    files: Files
    sources: Mapping[Key, Source]
    made: dict[Key, str]
    new: int = 0
    open: list[Key] = field(default_factory=list)
    later: list[tuple[Key, str]] = field(default_factory=list)


def install_data(ctx: Context, purposes: frozenset[Purpose], files: Files) -> int:
    """Make the records of all data documents of some purposes that are not there yet; return how many were made.

    A record comes after those that it points to. Where records point to each other in a circle, the lookup that closes
    it is set when both are there. Files that are written into a document are stored first. Raises :class:`DataFault`.
    """
    known = store.load_data_records(ctx.connection)
    sources = {source.key: source for source in _sources(ctx, purposes)}
    run = _Install(ctx, files, sources, known)
    for key in sources:
        _ensure(run, key)
    for key, name in run.later:
        source = sources[key]
        try:
            records.update(ctx, key[0], run.made[key], {name: _value(run, source, name, source.values[name])})
        except KithError as error:
            raise _fault(source, error) from error
    return run.new


def _sources(ctx: Context, purposes: frozenset[Purpose]) -> Iterator[Source]:
    documents: list[Data] = [ctx.snapshot.data(name) for name in ctx.snapshot.names("data")]
    for document in sorted(documents, key=lambda item: (item.position, item.name)):
        if document.purpose in purposes:
            for name, values in document.records.items():
                yield Source((document.entity, name), document.name, values)


def _ensure(run: _Install, key: Key) -> None:
    """Make a record and, before it, those that it points to."""
    if key in run.made or key not in run.sources:
        return
    source = run.sources[key]
    run.open.append(key)
    postponed: list[str] = []
    for name, target in _targets(run, source):
        if target in run.open:
            postponed.append(name)
        else:
            _ensure(run, target)
    try:
        run.made[key] = _make(run, source, frozenset(postponed))
    except KithError as error:
        raise _fault(source, error) from error
    run.open.pop()
    run.new += 1
    run.later.extend((key, name) for name in dict.fromkeys(postponed))


def _targets(run: _Install, source: Source) -> Iterator[tuple[str, Key]]:
    """Yield the records that a record points to, with the field that does."""
    fields = fields_of(run.ctx.snapshot, source.key[0])
    for name, value in source.values.items():
        declared = fields.get(name)
        if declared is None or value is None:
            continue
        if isinstance(value, Mapping) and set(value) == {"entity", "id"}:
            yield name, (value["entity"], value["id"])
            continue
        target = _target(declared)
        if target:
            for item in value if isinstance(value, (list, tuple)) else (value,):
                yield name, (target, item)


def _target(declared: Field) -> str:
    """Return the entity that a lookup, owner or many-to-many lookup points to, else nothing."""
    if declared.type not in ("lookup", "lookups", "owner"):
        return ""
    return PERSON_ENTITY if declared.type == "owner" else str(declared.options.to)


def _make(run: _Install, source: Source, postponed: frozenset[str]) -> str:
    ctx, entity = run.ctx, source.key[0]
    values = {
        name: _value(run, source, name, value)
        for name, value in source.values.items()
        if name not in postponed and name not in (CREATED_AT, ROLES)
    }
    moment = _moment(run, source)
    if moment is not None:
        ctx = replace(ctx, now=moment, clock=FixedClock(moment))
    made = records.create(ctx, entity, values)
    store.save_data_record(run.ctx.connection, source.key, source.document, made.id)
    if entity == PERSON_ENTITY:
        _admit(run.ctx, made, source)
    return made.id


def _admit(ctx: Context, person: records.Record, source: Source) -> None:
    """Give a person their roles, and a way in that opens when a password is set.

    Roles of apps that are not installed are left out: people of the base app may have roles in apps that stand on it.
    """
    roles = RoleAssignments(ctx.clock, store.bump_access)
    known = [name for name in source.values.get(ROLES) or () if ctx.snapshot.has("role", name)]
    roles.replace(ctx.connection, person.id, known, by=ctx.actor.id)
    email = person.values.get("email")
    if email:
        Accounts(ctx.clock, Passwords()).add(ctx.connection, person.id, email)


def _value(run: _Install, source: Source, name: str, value: Any) -> Any:
    declared = fields_of(run.ctx.snapshot, source.key[0]).get(name)
    if declared is None or value is None:
        return value
    if isinstance(value, str) and value.startswith("="):
        return _worked_out(run, source, declared, value[1:].strip())
    if isinstance(value, Mapping) and set(value) == {"entity", "id"}:
        return {"entity": value["entity"], "id": _id(run, source, (value["entity"], value["id"]))}
    if isinstance(field_types[declared.type], File) and isinstance(value, Mapping) and "content" in value:
        return _received(run, source, name, value)
    target = _target(declared)
    if not target:
        return value
    if isinstance(value, (list, tuple)):
        return [_id(run, source, (target, item)) for item in value]
    return _id(run, source, (target, value))


def _received(run: _Install, source: Source, name: str, value: Mapping[str, Any]) -> str:
    """Store a file that is written into the document, and return its key."""
    try:
        content = b64decode("".join(str(value["content"]).split()), validate=True)
    except ValueError as error:
        raise DataFault(
            "data_file",
            f"{source.document}: the content of '{name}' of record '{source.key[1]}' is not Base64.",
            "Write the bytes of the file as Base64.",
        ) from error
    received = run.files.receive(BytesIO(content), str(value["name"]))
    return run.files.add(run.ctx.connection, received, run.ctx.actor.id).id


def _id(run: _Install, source: Source, key: Key) -> str:
    found = run.made.get(key)
    if found is None:
        raise DataFault(
            "data_unknown",
            f"{source.document}: record '{source.key[1]}' points to '{key[1]}' of {key[0]}, which is not installed.",
            "Add that record, or install the demo data too.",
        )
    return found


def _worked_out(run: _Install, source: Source, declared: Field, text: str) -> Any:
    """Return an expression's value as the API shows values, so that the field reads it like any other input."""
    value = _evaluated(run, source, text)
    if value is None:
        return None
    if declared.type == "date" and isinstance(value, datetime):
        value = value.date()
    return field_types[declared.type].to_json(value, declared)


def _evaluated(run: _Install, source: Source, text: str) -> Any:
    try:
        checked = checked_expression(run.ctx.published, source.key[0], text)
        return evaluate(checked, {}, environment_of(run.ctx))
    except EvaluationError as error:
        raise DataFault(
            "data_expression", f"{source.document}: '{text}' of record '{source.key[1]}' gives no value: {error}"
        ) from error


def _moment(run: _Install, source: Source) -> datetime | None:
    """Return when a record says that it was made."""
    written = source.values.get(CREATED_AT)
    if written is None:
        return None
    value: Any = written
    if isinstance(written, str):
        value = _evaluated(run, source, written[1:].strip()) if written.startswith("=") else _read_moment(written)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, 9, tzinfo=UTC)
    return value if isinstance(value, datetime) else None


def _read_moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _fault(source: Source, error: KithError) -> KithError:
    if isinstance(error, DataFault):
        return error
    problems = error.problems if isinstance(error, records.ValidationFailed) else ()
    details = "; ".join(f"{problem.field}: {problem.message}" for problem in problems) or error.message
    return DataFault(
        "data_refused", f"{source.document}: record '{source.key[1]}' cannot be made: {details}", error.hint
    )
