"""The tree: records under each other, opened step by step, and moved from one place to another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Conflict, Forbidden, Invalid, NotFound
from kith_runtime import records
from kith_runtime.access import allowed
from kith_runtime.context import Context
from kith_runtime.field_types.base import Linked, quoted
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Measure, aggregate, get, select
from kith_runtime.records import ValidationFailed
from kith_runtime.screens.addresses import new_address, record_address
from kith_runtime.screens.cells import label_of
from kith_runtime.screens.list_empty import emptiness_of
from kith_runtime.screens.list_figures import Question, problem_text, query_of
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import ListState, read_state
from kith_runtime.screens.list_titles import find_by_title
from kith_runtime.screens.listing import Answer, ListPage, frame_of, require_entity
from kith_runtime.screens.parameters import id_in
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.screens.views.refusals import refusal_words
from kith_runtime.screens.views.registry import options_of, view_screens
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("tree", __name__)

ROWS = 50
DEEPEST = 12
"""Levels that an address opens at once; deeper ones open one by one. It also ends a circle of records."""

ROOT = "-"
"""Where a record moves that is to stand under nothing."""

_LONGEST_CHAIN = 200


@dataclass(frozen=True, slots=True)
class Node:
    """A record of the tree with how many stand under it; ``kids`` are those when it is open."""

    id: str
    version: int
    title: str
    hint: str
    url: str
    count: int
    open: bool
    may: bool
    toggle: str
    kids_url: str
    new: str
    move: str
    kids: Branch | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """Records beside each other, with the address of the next ones."""

    nodes: Sequence[Node]
    more: str = ""


@dataclass(frozen=True, slots=True)
class TreePage(ListPage):
    """A tree; with a filter the records that match stand beside each other."""

    branch: Branch = field(default_factory=lambda: Branch(()))
    flat: bool = False
    move: str = ""


@dataclass(frozen=True, slots=True)
class BranchPart(Page):
    """The records under one record."""

    branch: Branch = field(default_factory=lambda: Branch(()))


@dataclass(frozen=True, slots=True)
class TreeMovePage(Page):
    """The question where a record should stand."""

    name: str = ""
    label: str = ""
    record: str = ""
    version: int = 0
    action: str = ""
    back: str = ""
    options: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TreePart(Page):
    """What came of a move, for a page that stays."""

    message: str = ""
    undo: str = ""
    refused: bool = False


@view_screens.register("tree")
def show_tree(ctx: Context, shape: Shape, state: ListState) -> BaseResponse:
    """Show what stands at the top, and below what the address opens."""
    found, tree = read_filter(ctx, state), _Tree(ctx, shape, state)
    if request.args.get("move"):
        return _ask(tree, request.args["move"])
    answer = Answer(found)
    flat = state.filtered or shape.where is not None
    branch = Branch(())
    try:
        if not found.problem:
            branch = tree.branch("" if not flat else None, DEEPEST)
    except (Invalid, ExpressionError) as fault:
        answer = Answer(found, problem=problem_text(fault), status=400)
    if found.problem:
        answer = Answer(found, problem=found.problem, status=400)
    empty = None if branch.nodes or answer.problem else emptiness_of(ctx, shape, state)
    page = TreePage(
        **frame_of(ctx, shape, state, answer), branch=branch, flat=flat, move=state.here("/tree/move"), empty=empty
    )
    return render("tree.html", page, status=answer.status)


@dataclass(slots=True)
class _Tree:
    """One question to a tree."""

    ctx: Context
    shape: Shape
    state: ListState
    parent: str = field(init=False)
    opened: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.parent = options_of(self.ctx, self.shape, "tree").parent
        self.opened = [id_in("open", name, "record to open") for name in self.state.asked("open").split(",") if name]

    def branch(self, under: str | None, levels: int, after: str = "") -> Branch:
        """Return the records under one; under nothing for blank, all that the question finds for None."""
        asked = Question(self.state, read_filter(self.ctx, self.state))
        base = query_of(self.shape, asked)
        condition = f"{self.parent} == " + (quoted(under) if under else "blank")
        titled = (self.shape.entity.title,) if self.shape.titled else ()
        second = self.shape.entity.subtitle
        hint = (second,) if second in self.shape.rights.readable and second not in titled else ()
        page = select(
            self.ctx,
            replace(
                base,
                fields=("id", *titled, *hint),
                # Under a record stands all that belongs to it, whatever the filter found it by.
                where=base.where if under is None else None,
                filters=base.filters if under is None else (condition,),
                text=base.text if under is None else "",
                sort=self.state.sort or self.shape.sort or titled,
                limit=ROWS,
                after=after or None,
                before=None,
            ),
        )
        counts = self._counts(page.ids)
        may = self._movable(page.ids)
        nodes = []
        for record, version, row in zip(page.ids, page.versions, page.rows, strict=True):
            known = (record, version, counts.get(record, 0), record in may)
            nodes.append(self._node(known, row[1:], levels))
        return Branch(nodes, self._part(under or "", page.next) if page.next else "")

    def _counts(self, ids: Sequence[str]) -> dict[str, int]:
        if not ids:
            return {}
        where = f"{self.parent} in [{', '.join(quoted(record) for record in ids)}]"
        name = self.shape.entity.name
        groups = aggregate(self.ctx, name, {"count": Measure()}, group_by=[self.parent], where=(where,))
        return {group[self.parent]: group["count"] for group in groups if group[self.parent]}

    def _movable(self, ids: Sequence[str]) -> frozenset[str]:
        rights = self.shape.rights
        if self.parent not in rights.editable or rights.update.nothing:
            return frozenset()
        return frozenset(ids) if rights.update.everything else allowed(self.ctx, self.shape.entity.name, "update", ids)

    def _node(self, known: tuple[str, int, int, bool], texts: Sequence[object], levels: int) -> Node:
        record, version, count, may = known
        name, is_open = self.shape.entity.name, record in self.opened and levels > 0
        shown = [text.title if isinstance(text, Linked) else text for text in texts]
        title = str(shown[0] or "") if self.shape.titled and shown else ""
        hint = shown[1] if len(shown) > 1 and isinstance(shown[1], str) else ""
        others = [each for each in self.opened if each != record]
        creates = self.shape.rights.create and self.parent in self.shape.rights.editable
        return Node(
            record,
            version,
            title or f"Untitled {self.ctx.snapshot.said(self.shape.entity.label)}",
            hint,
            record_address(name, record),
            count,
            is_open,
            may,
            self.state.shown(open=",".join(others if is_open else [*others, record])),
            self._part(record, ""),
            new_address(name, **{self.parent: record}) if creates else "",
            _with(self.state.here(), urlencode({"move": record})),
            self.branch(record, levels - 1) if is_open and count else None,
        )

    def _part(self, under: str, after: str) -> str:
        start = self.state.address().replace(f"/e/{self.state.entity}", f"/e/{self.state.entity}/tree/branch", 1)
        return _with(start, urlencode({"branch": under, "after": after}))


def _with(address: str, more: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{more}"


@blueprint.get("/e/<entity>/tree/branch")
def show_branch(entity: str) -> Response:
    """Return the records under one, or the next of them."""
    ctx = context()
    shape, state = _asked(ctx, entity)
    under = request.args.get("branch", "")[:40]
    flat = not under and (state.filtered or shape.where is not None)
    tree = _Tree(ctx, shape, replace(state, after=""))
    part = BranchPart("Branch", entity, tree.branch(None if flat else under, 0, state.after))
    return render("tree_branch.html", part)


def _asked(ctx: Context, entity: str) -> tuple[Shape, ListState]:
    require_entity(ctx, entity)
    state = read_state(entity, request.args)
    shape = shape_of(ctx, entity, state.view)
    if shape is None or options_of(ctx, shape, "tree") is None:
        raise NotFound("no_tree", "There is no tree here, or it is not for you.", "Go back to the list.")
    return shape, state


# ---- moving ---------------------------------------------------------------------------------------------------------


def _ask(tree: _Tree, record: str, problem: str = "") -> Response:
    entity, state = tree.shape.entity, tree.state
    values = get(tree.ctx, entity.name, record, (entity.title,) if tree.shape.titled else ())
    page = TreeMovePage(
        "Move",
        entity.name,
        str(values.get(entity.title) or entity.label),
        label_of(fields_of(tree.ctx.snapshot, entity.name)[tree.parent]),
        record,
        values["version"],
        state.here("/tree/move"),
        state.here(),
        f"/e/{entity.name}/options/{tree.parent}",
        problem,
    )
    return render("tree_move.html", page, status=422 if problem else 200)


@blueprint.post("/e/<entity>/tree/move")
def send_move(entity: str) -> BaseResponse:
    """Put a record under another one, or under nothing; under itself or what belongs to it, it is refused."""
    ctx = context()
    shape, state = _asked(ctx, entity)
    parent, values = options_of(ctx, shape, "tree").parent, request.values
    record, version = values.get("id", ""), values.get("version", type=int)
    try:
        target = _target(ctx, entity)
        before = get(ctx, entity, record, (parent,))[parent]
        _check_circle(ctx, shape, parent, (record, target))
        changes = {parent: None if target == ROOT else target}
        saved = write(lambda writing: records.update(writing, entity, record, changes, version=version))
    except (ValidationFailed, Conflict, Forbidden, NotFound, Invalid) as refused:
        words = refusal_words(refused)
        if not wants_part() and not isinstance(refused, NotFound):
            return _ask(_Tree(reopen(), shape, state), record, words)
        return _answered(state, TreePart("Refused", entity, words, refused=True), refused.status)
    reopen()
    title = saved.values.get(shape.entity.title) or shape.entity.label
    back = urlencode({"id": record, "to": before or ROOT, "version": saved.version})
    return _answered(
        state, TreePart("Moved", entity, f"{title} was moved.", _with(state.here("/tree/move"), back)), 200
    )


def _target(ctx: Context, entity: str) -> str:
    """Return the record to stand under: by its id, or by its title as somebody typed it."""
    chosen, typed = request.values.get("to", ""), request.values.get("to__text", "").strip()
    if chosen or not typed:
        return chosen or ROOT
    return find_by_title(ctx, entity, typed)


def _check_circle(ctx: Context, shape: Shape, parent: str, move: tuple[str, str]) -> None:
    """Refuse a place that is the record itself or stands below it."""
    record, above = move
    entity, titled = shape.entity, (shape.entity.title,) if shape.titled else ()
    for _ in range(_LONGEST_CHAIN):
        if above == ROOT or not above:
            return
        if above == record:
            name = get(ctx, entity.name, record, titled).get(entity.title) or entity.label
            raise Invalid(
                "circle", f"{name} cannot stand under itself or under what belongs to it.", "Choose another place."
            )
        above = get(ctx, entity.name, above, (parent,))[parent] or ROOT


def _answered(state: ListState, part: TreePart, status: int) -> BaseResponse:
    if wants_part():
        return render("calendar_answer.html", part, status=status)
    toast(part.message, undo=part.undo, icon="alert-triangle" if part.refused else "check")
    return redirect(state.here(), 303)
