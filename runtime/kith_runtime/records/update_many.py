"""Change many records in a set: read once, judged one after the other, written together.

The records come out as they would one by one. What stands in the way of that (fields that hold files, rules or rights
that read other records of the entity, keys with conditions, people and teams, on whom rights hang) is left to
:func:`~kith_runtime.records.update.update`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy.exc import IntegrityError

from kith_platform.errors import Busy, KithError
from kith_platform.ids import is_id
from kith_runtime.context import Context
from kith_runtime.marks.store import followers_of_many
from kith_runtime.personal.notices import FOLLOWED, notify_many, tell_new_owners
from kith_runtime.records import history
from kith_runtime.records.ahead import read_ahead
from kith_runtime.records.apart import judged_apart
from kith_runtime.records.checks import check_alone
from kith_runtime.records.computed import Change, follow
from kith_runtime.records.draft import Draft
from kith_runtime.records.errors import FieldProblem, ValidationFailed
from kith_runtime.records.indexing import index_again
from kith_runtime.records.limits import LimitsOfMany
from kith_runtime.records.links import write_links
from kith_runtime.records.read import Current, load_many, not_found, shown
from kith_runtime.records.record import Record
from kith_runtime.records.references import AskingForMany, reference_problems
from kith_runtime.records.rules import rules_of
from kith_runtime.records.stamp import ACCESS_ENTITIES
from kith_runtime.records.telling import told
from kith_runtime.records.unique import raise_for_race
from kith_runtime.records.unique_many import Candidate, UniqueOfMany, can_be_asked_together
from kith_runtime.records.update import (
    Edit,
    PreparedUpdate,
    drafted,
    former_of,
    prepared_update,
    row_of,
    system_of,
    writing,
)
from kith_runtime.records.writer import EntityWriter, writer_for

_FILES = frozenset({"file", "image"})

Outcome = Record | KithError


@dataclass(frozen=True, slots=True)
class _Judged:
    """A change on its way: where it stands among the edits, the record as it would be, and what is wrong so far."""

    draft: Draft
    problems: list[FieldProblem]


def can_change_together(ctx: Context, entity: str, edits: Sequence[Edit]) -> bool:
    """Tell whether some changes of different records of an entity come out the same when they are made together."""
    writer = writer_for(ctx, entity)
    given = frozenset(name for edit in edits for name in edit.changes)
    fields = frozenset(name for name in given if name in writer.slots) | _set_by_rules(ctx, writer)
    return (
        entity not in ACCESS_ENTITIES
        and len({edit.id for edit in edits}) == len(edits)
        and all(writer.slots[name].field.type not in _FILES for name in fields)
        and can_be_asked_together(ctx, entity, fields)
        and judged_apart(ctx, entity, fields)
    )


def _set_by_rules(ctx: Context, writer: EntityWriter) -> frozenset[str]:
    return frozenset(name for action in rules_of(ctx.published, writer).actions for name in action.values)


def update_many(ctx: Context, entity: str, edits: Sequence[Edit]) -> list[Outcome]:
    """Make the changes that can be made and return for each the record as saved, or why it stays as it is.

    The edits must be fit for it, see :func:`can_change_together`. Raises the error of the database when somebody else
    takes a unique value at the same moment: then nothing may stand, and one by one tells whose it is.
    """
    writer = writer_for(ctx, entity)
    held = load_many(ctx, writer, [edit.id for edit in edits if is_id(edit.id)], "update")
    found: dict[str, Outcome] = {}
    drafts: dict[str, _Judged] = {}
    stored = [current.values for current in held.values() if isinstance(current, Current)]
    judging = read_ahead(ctx, writer, [*stored, *(edit.changes for edit in edits)])
    for edit in edits:
        current = held.get(edit.id) or not_found(writer)
        if isinstance(current, KithError):
            found[edit.id] = current
            continue
        try:
            draft, problems = drafted(judging, writer, current, edit)
        except Busy:
            raise
        except KithError as error:
            found[edit.id] = error
            continue
        drafts[edit.id] = _Judged(draft, problems + check_alone(judging, writer, draft))
    prepared = list(_accepted(ctx, writer, list(drafts.values()), found))
    return _merged(edits, found, _written(ctx, writer, prepared))


def _merged(edits: Sequence[Edit], refused: Mapping[str, Outcome], saved: Mapping[str, Record]) -> list[Outcome]:
    return [saved[edit.id] if edit.id in saved else refused[edit.id] for edit in edits]


def _accepted(
    ctx: Context, writer: EntityWriter, judged: Sequence[_Judged], refused: dict[str, Outcome]
) -> Iterator[PreparedUpdate]:
    """Yield the changes that can be made, each judged as if those before it were saved; the others are refused."""
    drafts = [item.draft for item in judged]
    limits, asking = LimitsOfMany(ctx, writer, drafts), AskingForMany(ctx, writer, drafts)
    unique = UniqueOfMany(ctx, writer, [_candidate(draft) for draft in drafts])
    for item in judged:
        draft, candidate = item.draft, _candidate(item.draft)
        problems = [*item.problems, *limits.problems(draft), *reference_problems(asking, draft)]
        problems += unique.problems(candidate)
        if problems:
            refused[draft.current.id] = ValidationFailed(told(ctx, writer, problems))
            continue
        limits.saved(draft)
        unique.saved(candidate)
        yield prepared_update(writer, draft)


def _candidate(draft: Draft) -> Candidate:
    return Candidate(draft.current.id, draft.values, draft.changed)


def _written(ctx: Context, writer: EntityWriter, prepared: Sequence[PreparedUpdate]) -> dict[str, Record]:
    """Write what has been accepted, with all that follows from it, and return the records by id."""
    changed = [item for item in prepared if item.changes]
    _write_rows(ctx, writer, changed)
    for item in changed:
        for name in item.changes:
            slot = writer.slots[name]
            if slot.link is not None:
                write_links(ctx, slot, item.current.id, item.changes[name])
    after = {item.current.id: item.current.values | dict(item.changes) for item in prepared}
    _note(ctx, writer, changed, after)
    followed = follow(ctx, list(_changes(writer, changed))).get(writer.name, {}) if changed else {}
    found = {}
    for item in prepared:
        record = item.current.id
        system = system_of(ctx, item.current) if item.changes else {}
        values = after[record] | system | followed.get(record, {}) if item.changes else after[record]
        version = item.current.version + bool(item.changes)
        found[record] = Record(writer.name, record, version, shown(ctx, writer, values))
    return found


def _write_rows(ctx: Context, writer: EntityWriter, changed: Sequence[PreparedUpdate]) -> None:
    rows = [({**row}, item.current.id) for item in changed for row in (row_of(ctx, item),)]
    try:
        # In their order: a unique value that one gives up may go to one behind it.
        for columns, alike in groupby(rows, key=lambda row: tuple(row[0])):
            given = [{**row, "kith_id": record} for row, record in alike]
            writing(ctx, writer, columns).execute_all(ctx.connection, given)
    except IntegrityError as error:
        raise_for_race(ctx, writer, error)


def _note(
    ctx: Context, writer: EntityWriter, changed: Sequence[PreparedUpdate], after: Mapping[str, Mapping[str, Any]]
) -> None:
    """Write history and search texts, and tell the people concerned."""
    rows = []
    for item in changed:
        before_after = {name: (item.current.values.get(name), value) for name, value in item.changes.items()}
        rows.append(((item.current.id, item.current.version + 1), before_after))
    history.append_all(ctx, writer, "update", rows)
    texts = [(item.current.id, after[item.current.id], frozenset(item.changes)) for item in changed]
    index_again(ctx, writer, texts)
    tell_new_owners(ctx, [((writer.name, item.current.id), item.current.values, item.changes) for item in changed])
    watched = [item.current.id for item in changed if item.current.is_followed]
    followers = followers_of_many(ctx, watched)
    notify_many(ctx, FOLLOWED, [((writer.name, record), followers.get(record, ())) for record in watched])


def _changes(writer: EntityWriter, changed: Sequence[PreparedUpdate]) -> Iterator[Change]:
    """Yield what changed, alike ones together, for the values that follow from it."""
    by_fields: dict[frozenset[str], list[PreparedUpdate]] = {}
    for item in changed:
        by_fields.setdefault(frozenset(item.changes), []).append(item)
    for fields, items in by_fields.items():
        former: dict[str, list[Any]] = {}
        for item in items:
            for name, values in former_of(item.current, item.changes).items():
                former.setdefault(name, []).extend(values)
        yield Change(writer.name, tuple(item.current.id for item in items), fields, former)
