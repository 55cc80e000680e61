"""The lanes of a board: one for each option, with its figures and its first cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kith_metadata.kinds.entity import Field
from kith_metadata.kinds.option_set import Option
from kith_metadata.values import Money
from kith_runtime.access import allowed
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types._amounts import rounded_amount, totals
from kith_runtime.field_types._options import option_label, options_of
from kith_runtime.field_types.base import InputScope, quoted
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import Measure, aggregate, select
from kith_runtime.queries.query import Page, Query
from kith_runtime.screens.cells import label_of, said
from kith_runtime.screens.list_figures import Question, query_of
from kith_runtime.screens.list_shape import Shape
from kith_runtime.screens.list_state import ListState
from kith_runtime.screens.views.cards import CardLayout, card_macro, layout_of
from kith_runtime.screens.views.registry import options_of as view_options
from kith_runtime.web.state import server

CARDS = 25
"""Cards of a lane that are shown at once; more come on demand."""

MOST_LANES = 30
"""Lanes with cards on one board; those beyond stand as rails until somebody opens them."""

BLANK = "-"
"""The lane of records without a choice; no option has this name."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane. ``count`` and ``total`` are empty while they are not known; ``state`` is empty, ``full`` or ``over``."""

    name: str
    label: str
    hue: str
    share: int
    ring: bool
    ends: bool
    open: bool
    limit: int
    count: str = ""
    total: str = ""
    state: str = ""
    note: str = ""
    said: str = ""
    cards: str = ""
    more: str = ""
    key: str = ""
    toggle: str = ""
    create: str = ""
    listed: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What a lane holds: how many, whether there are more than that, and the total as people read it."""

    count: int
    capped: bool = False
    total: Any = None


@dataclass(frozen=True, slots=True)
class Board:
    """What the lanes of a view follow from: the choice, what is added up, and where things stand on a card."""

    shape: Shape
    by: Field
    sum: str
    layout: CardLayout
    options: Mapping[str, Option]
    editable: bool
    noun: str
    """What the lanes are the values of, inside a sentence."""

    @property
    def why_fixed(self) -> str:
        """Say why nobody with these rights can move a card; empty when some can be moved."""
        return "" if self.editable else f"Your roles let you read the {self.noun}, not change it."


def board_of(ctx: Context, shape: Shape) -> Board:
    """Return the board of a view; it is asked for only where the rights allow one."""
    options = view_options(ctx, shape, "board")
    fields = fields_of(ctx.snapshot, shape.entity.name)
    by, summed = fields[options.by], options.sum if options.sum in shape.rights.readable else ""
    layout = replace(layout_of(ctx, shape, "board", figure=summed, left_out=(by.name,)), lane=by.name)
    editable = by.name in shape.rights.editable and not shape.rights.update.nothing
    return Board(shape, by, summed, layout, options_of(by, ctx.snapshot), editable, said(ctx.snapshot, by))


def lane_condition(board: Board, lane: str) -> str:
    """Return the condition for the records of a lane."""
    return f"{board.by.name} == " + ("blank" if lane == BLANK else quoted(lane))


def figures_of(ctx: Context, board: Board, asked: Question) -> dict[str, Figure]:
    """Return what each lane holds, in one statement and one more for amounts of money.

    Where a text is searched for, sums are left out and each lane is counted up to a limit.
    """
    plain = replace(query_of(board.shape, asked), fields=("id",), sort=(), after=None, before=None, titles=False)
    if plain.text:
        return {name: _counted(ctx, board, plain, name) for name in lane_names(board, {})}
    measures = {"count": Measure()} | ({"sum": Measure("sum", board.sum)} if board.sum else {})
    where = (*([plain.where] if plain.where else []), *plain.filters)
    groups = aggregate(ctx, board.shape.entity.name, measures, group_by=[board.by.name], where=where)
    return {
        group[board.by.name] or BLANK: Figure(group["count"], total=group.get("sum"))
        for group in groups
        if group["count"]
    }


def _counted(ctx: Context, board: Board, plain: Query, lane: str) -> Figure:
    limited = replace(plain, filters=(*plain.filters, lane_condition(board, lane)), limit=1, count="capped")
    page = select(ctx, limited)
    return Figure(page.count or 0, page.capped)


def is_small(ctx: Context, board: Board, asked: Question) -> bool:
    """Tell whether the records of a board can be added up while a person waits."""
    plain = replace(query_of(board.shape, asked), fields=("id",), sort=(), after=None, before=None, titles=False)
    return not select(ctx, replace(plain, limit=1, count="capped")).capped


def lane_names(board: Board, figures: Mapping[str, Figure]) -> list[str]:
    """Return the lanes in order: without a choice, the options, and former options that records still have."""
    names = [name for name, option in board.options.items() if option.active or name in figures]
    former = [name for name in figures if name not in board.options and name != BLANK]
    blank = [BLANK] if BLANK in figures or not board.by.required else []
    return [*blank, *names, *sorted(former)]


def draw_cards(ctx: Context, board: Board, asked: Question, lane: str, after: str = "") -> tuple[str, str]:
    """Return the cards of one page of a lane as markup, and the cursor of the next page."""
    query = replace(_card_query(board, asked), after=after or None, before=None)
    page = select(ctx, replace(query, filters=(*query.filters, lane_condition(board, lane))))
    drawn = _drawn(ctx, board, asked.state, [(lane, row) for row in page.rows], page)
    return drawn, page.next or ""


def draw_card(ctx: Context, board: Board, asked: Question, record: str) -> tuple[str, str]:
    """Return the card of one record and its lane; both empty when the record is not on this board."""
    query = replace(_card_query(board, asked), after=None, before=None, limit=1)
    fields = (*query.fields, board.by.name)
    page = select(ctx, replace(query, fields=fields, filters=(*query.filters, f"id == {quoted(record)}")))
    if not page.ids:
        return "", ""
    lane = page.rows[0][-1] or BLANK
    return _drawn(ctx, board, asked.state, [(lane, page.rows[0][:-1])], page), lane


def _card_query(board: Board, asked: Question) -> Query:
    return replace(query_of(board.shape, asked), fields=board.layout.fields or ("id",), limit=CARDS)


def _drawn(ctx: Context, board: Board, state: ListState, rows: Sequence[tuple[str, Any]], page: Page) -> str:
    if not rows:
        return ""
    may, width = _movable(ctx, board, page.ids), len(board.layout.fields)
    cells = [
        (record, version, lane, record in may, *row[:width])
        for record, version, (lane, row) in zip(page.ids, page.versions, rows, strict=True)
    ]
    tick = _TICK if board.shape.selects else ""
    draw = card_macro(ctx, board.shape, board.layout, extra=f'<span class="k-card-acts">{_MOVE}{tick}</span>')
    here, today = state.here(), ctx.locale.dates.today(ctx.now)
    start = f"{here}{'&' if '?' in here else '?'}move="
    return draw(cells, ctx.locale, ctx.now, today, server().assets.icon, start)


_TICK = (
    '<input type="checkbox" class="form-check-input" name="id" value="{{ id }}" data-select tabindex="-1" '
    'aria-label="Select {{ shown_title|default(none) or id }}">'
)
_MOVE = (
    '<a class="btn btn-ghost btn-icon btn-xs k-mv" href="{{ move }}{{ id }}" data-move '
    'aria-label="Move {{ shown_title|default(none) or id }}" title="Move">'
    "{{ icon('arrows-exchange', 'k-i-14') }}</a>"
)


def _movable(ctx: Context, board: Board, ids: Sequence[str]) -> frozenset[str]:
    if not board.editable:
        return frozenset()
    if board.shape.rights.update.everything and board.shape.rights.read.everything:
        return frozenset(ids)
    return allowed(ctx, board.shape.entity.name, "update", ids)


def lane_of(ctx: Context, board: Board, name: str, figure: Figure | None, *, known: bool = True) -> Lane:
    """Return a lane without cards: its words, colour and figures."""
    option = board.options.get(name)
    steps = [key for key, item in board.options.items() if not item.closed]
    ring = _is_path(ctx, board)
    share = 0 if option is None else 100 if option.closed else 0
    if name in steps:
        share = round((steps.index(name) + 1) / (len(steps) + 1) * 10) * 10
    limit = option.limit if option is not None else 0
    lane = Lane(
        name,
        f"No {board.noun}" if name == BLANK else option_label(name, option),
        "gray" if option is None else option.hue,
        share,
        ring,
        option is not None and option.closed,
        True,
        limit,
    )
    return _with_figures(ctx, board, lane, figure or Figure(0)) if known else lane


def _with_figures(ctx: Context, board: Board, lane: Lane, figure: Figure) -> Lane:
    number = ctx.locale.number(figure.count) + ("+" if figure.capped else "")
    over = figure.count - lane.limit if lane.limit else -1
    state = "" if over < 0 else "over" if over else "full"
    return replace(
        lane,
        count=f"{number} / {ctx.locale.number(lane.limit)}" if lane.limit else number,
        said=f"{number} of at most {ctx.locale.number(lane.limit)}" if lane.limit else number,
        total=total_text(ctx, board, figure.total),
        state=state,
        note={"over": f"{ctx.locale.number(over)} over limit", "full": "at limit", "": ""}[state],
    )


def total_text(ctx: Context, board: Board, total: Any) -> str:
    """Return a sum as people read it; amounts of several currencies stand beside each other."""
    if isinstance(total, tuple):
        return totals(ctx.locale, total, rounded_amount)
    if total is None:
        return ""
    declared = fields_of(ctx.snapshot, board.shape.entity.name)[board.sum]
    return field_types[declared.type].text(total, declared, InputScope(ctx.locale, ctx.snapshot))


def grand_total(ctx: Context, board: Board, figures: Mapping[str, Figure]) -> str:
    """Return what the lanes come to together."""
    known = [figure.total for figure in figures.values() if figure.total is not None]
    if not board.sum or not known:
        return ""
    if not isinstance(known[0], tuple):
        return total_text(ctx, board, sum(known[1:], known[0]))
    added: dict[str, Any] = {}
    for part in (money for total in known for money in total):
        added[part.currency] = added.get(part.currency, 0) + part.amount
    return total_text(ctx, board, tuple(Money(amount, currency) for currency, amount in added.items()))


def sum_label(ctx: Context, board: Board) -> str:
    """Return the label of what the lanes add up."""
    return label_of(fields_of(ctx.snapshot, board.shape.entity.name)[board.sum]) if board.sum else ""


def _is_path(ctx: Context, board: Board) -> bool:
    own = board.by.options.options_from
    return bool(own) and ctx.snapshot.option_set(own).stages
