"""The board: records as cards in lanes, and the one thing that a board changes, the lane of a card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from kith_metadata.expressions import ExpressionError
from kith_platform.errors import Conflict, Forbidden, Invalid, KithError, NotFound
from kith_runtime import records
from kith_runtime.access import allows
from kith_runtime.context import Context
from kith_runtime.field_types._options import option_label
from kith_runtime.queries import get
from kith_runtime.records import ValidationFailed
from kith_runtime.records.foresight import NOTHING, Foreseen, foresee
from kith_runtime.screens.addresses import new_address
from kith_runtime.screens.list_bulk import actions_of
from kith_runtime.screens.list_empty import Emptiness, emptiness_of
from kith_runtime.screens.list_figures import Question, problem_text
from kith_runtime.screens.list_filters import read_filter
from kith_runtime.screens.list_shape import Shape, shape_of
from kith_runtime.screens.list_state import Condition, ListState, read_state
from kith_runtime.screens.listing import Answer, ListPage, Pager, frame_of, require_entity
from kith_runtime.screens.parameters import Unfit, one_of
from kith_runtime.screens.rendering import Page, render, toast, wants_part
from kith_runtime.screens.stage_form import Way, asks_of
from kith_runtime.screens.views.lanes import (
    BLANK,
    MOST_LANES,
    Board,
    Figure,
    Lane,
    board_of,
    draw_card,
    draw_cards,
    figures_of,
    grand_total,
    is_small,
    lane_names,
    lane_of,
    sum_label,
)
from kith_runtime.screens.views.refusals import refusal_words
from kith_runtime.screens.views.registry import options_of, view_screens
from kith_runtime.web.state import context, reopen, write

blueprint = Blueprint("board", __name__)

_DIGITS = "123456789"


@dataclass(frozen=True, slots=True)
class BoardPage(ListPage):
    """A board: lanes with cards, and the ends of the path as rails. ``pending`` asks for the figures afterwards."""

    lanes: Sequence[Lane] = ()
    rails: Sequence[Lane] = ()
    choice: str = ""
    total: str = ""
    total_label: str = ""
    fixed: str = ""
    move: str = ""
    reasons: str = ""
    pending: str = ""


@dataclass(frozen=True, slots=True)
class LanePart(Page):
    """More cards of a lane."""

    lane: Lane | None = None


@dataclass(frozen=True, slots=True)
class HeadsPart(Page):
    """The figures of all lanes anew, with the card that was moved and what is to be said."""

    lanes: Sequence[Lane] = ()
    rails: Sequence[Lane] = ()
    total: str = ""
    total_label: str = ""
    card: str = ""
    lane: str = ""
    message: str = ""
    undo: str = ""
    refused: bool = False
    asks: str = ""
    """Where that is filled in which alone keeps the card from moving."""


@dataclass(frozen=True, slots=True)
class MovePage(Page):
    """The choices for one card, as a page of its own for browsers without script."""

    name: str = ""
    choice: str = ""
    lanes: Sequence[Lane] = ()
    now: str = ""
    record: str = ""
    version: int = 0
    action: str = ""
    back: str = ""
    fixed: str = ""


@view_screens.register("board")
def show_board(ctx: Context, shape: Shape, state: ListState) -> BaseResponse:
    """Show the lanes; a card that was to be moved without script is asked about first."""
    board, found = board_of(ctx, shape), read_filter(ctx, state)
    if request.args.get("move"):
        return _ask(ctx, board, state, request.args["move"])
    asked = Question(state, found)
    if found.problem:
        return _problem(ctx, shape, state, Answer(found, problem=found.problem, status=400))
    try:
        known = state.exact or is_small(ctx, board, asked)
        figures = figures_of(ctx, board, asked) if known else {}
        lanes = _filled(ctx, board, asked, figures if known else None)
    except Unfit:
        raise
    except (Invalid, ExpressionError) as fault:
        return _problem(ctx, shape, state, Answer(found, problem=problem_text(fault), status=400))
    page = BoardPage(
        **frame_of(ctx, shape, state, Answer(found)),
        lanes=[lane for lane in lanes if lane.open],
        rails=[lane for lane in lanes if not lane.open],
        choice=board.noun,
        total=grand_total(ctx, board, figures),
        total_label=sum_label(ctx, board),
        fixed=board.why_fixed,
        selects=shape.selects,
        actions=actions_of(ctx, state.entity) if shape.selects else None,
        pager=Pager(next=state.here()) if any(lane.more or not lane.open for lane in lanes) else Pager(),
        move=state.here("/board/move"),
        reasons=state.here("/board/reasons"),
        pending="" if known else state.here("/board/figures"),
        empty=_empty(ctx, shape, state, figures if known else None),
    )
    return render("board.html", page)


def _empty(ctx: Context, shape: Shape, state: ListState, figures: Mapping[str, Figure] | None) -> Emptiness | None:
    """Say why a board has no cards; None when it has some, and while nobody knows."""
    if figures is None or any(figure.count for figure in figures.values()):
        return None
    return emptiness_of(ctx, shape, state)


def _problem(ctx: Context, shape: Shape, state: ListState, answer: Answer) -> Response:
    page = BoardPage(**frame_of(ctx, shape, state, answer))
    return render("board.html", page, status=answer.status)


def _filled(ctx: Context, board: Board, asked: Question, figures: Mapping[str, Figure] | None) -> list[Lane]:
    """Return all lanes with their first cards; what is known to be empty is not asked for."""
    found = []
    for lane in _lanes(ctx, board, asked, figures):
        if lane.open and (figures is None or lane.name in figures):
            cards, cursor = draw_cards(ctx, board, asked, lane.name)
            lane = replace(lane, cards=cards, more=_more(asked.state, lane.name, cursor))
        found.append(lane)
    return found


def _lanes(ctx: Context, board: Board, asked: Question, figures: Mapping[str, Figure] | None) -> list[Lane]:
    known = figures if figures is not None else {}
    opened = asked.state.asked("open").split(",")
    for name in opened:
        one_of("open", name, {BLANK, *board.options, *known}, "lane of this board")
    lanes, shown = [], 0
    for number, name in enumerate(lane_names(board, known)):
        lane = lane_of(ctx, board, name, known.get(name), known=figures is not None)
        is_open = not lane.ends or name in opened
        if shown >= MOST_LANES and name not in known:
            is_open = name in opened
        shown += is_open
        key = _DIGITS[number] if number < len(_DIGITS) else ""
        lanes.append(_addressed(board, asked.state, replace(lane, open=is_open, key=key), opened))
    return lanes


def _addressed(board: Board, state: ListState, lane: Lane, opened: Sequence[str]) -> Lane:
    kept = [name for name in opened if name and name != lane.name]
    turned = kept if lane.open else [*kept, lane.name]
    condition = Condition(
        board.by.name, "blank" if lane.name == BLANK else "is", "" if lane.name == BLANK else lane.name
    )
    given = {} if lane.name == BLANK else {board.by.name: lane.name}
    return replace(
        lane,
        toggle=state.shown(open=",".join(turned)) if lane.ends or not lane.open else "",
        create=new_address(state.entity, **given) if board.shape.rights.create else "",
        listed=state.address(conditions=(*state.conditions, condition), more=(("as", "list"),)),
    )


def _more(state: ListState, lane: str, cursor: str) -> str:
    if not cursor:
        return ""
    start = state.here("/board/lane")
    return f"{start}{'&' if '?' in start else '?'}{urlencode({'lane': lane, 'after': cursor})}"


@blueprint.get("/e/<entity>/board/lane")
def show_lane(entity: str) -> Response:
    """Return more cards of a lane, after the last one that is shown."""
    ctx = context()
    board, state = _asked_board(ctx, entity)
    lane, after = request.args.get("lane", "")[:100], state.after
    asked = Question(replace(state, after=""), read_filter(ctx, state))
    cards, cursor = draw_cards(ctx, board, asked, lane, after)
    found = replace(lane_of(ctx, board, lane, None, known=False), cards=cards, more=_more(asked.state, lane, cursor))
    found = _addressed(board, asked.state, found, ())
    return render("board_more.html", LanePart("Cards", entity, found))


@blueprint.get("/e/<entity>/board/figures")
def show_figures(entity: str) -> Response:
    """Return counts and sums of the lanes of a board that is shown already."""
    ctx = context()
    board, state = _asked_board(ctx, entity)
    return render("board_heads.html", _heads(ctx, board, Question(state, read_filter(ctx, state))))


def _asked_board(ctx: Context, entity: str) -> tuple[Board, ListState]:
    require_entity(ctx, entity)
    state = read_state(entity, request.args)
    shape = shape_of(ctx, entity, state.view)
    if shape is None or options_of(ctx, shape, "board") is None:
        raise NotFound("no_board", "There is no board here, or it is not for you.", "Go back to the list.")
    return board_of(ctx, shape), state


def _heads(ctx: Context, board: Board, asked: Question) -> HeadsPart:
    figures = figures_of(ctx, board, asked)
    lanes = _lanes(ctx, board, asked, figures)
    return HeadsPart(
        "Figures",
        asked.state.entity,
        [lane for lane in lanes if lane.open],
        [lane for lane in lanes if not lane.open],
        grand_total(ctx, board, figures),
        sum_label(ctx, board),
    )


# ---- moving a card --------------------------------------------------------------------------------------------------


def _ask(ctx: Context, board: Board, state: ListState, record: str) -> Response:
    """Show the lanes that a card may go to, each as a button."""
    entity = board.shape.entity
    titled = (entity.title,) if board.shape.titled else ()
    values = get(ctx, entity.name, record, (board.by.name, *titled))
    reasons = _reasons(ctx, board, record)
    page = MovePage(
        "Move",
        entity.name,
        str(values.get(entity.title) or entity.label),
        board.noun,
        [
            replace(lane_of(ctx, board, name, None, known=False), note=reasons.get(name, ""))
            for name in lane_names(board, {})
        ],
        values[board.by.name] or BLANK,
        record,
        values["version"],
        state.here("/board/move"),
        state.here(),
        board.why_fixed,
    )
    return render("board_move.html", page)


@blueprint.get("/e/<entity>/board/reasons")
def show_reasons(entity: str) -> Response:
    """Return why a card cannot go to some of the lanes, and what others ask for on the way; the rest may be tried."""
    ctx = context()
    board, _ = _asked_board(ctx, entity)
    record = request.args.get("id", "")
    found = _foreseen(ctx, board, record)
    asks = {lane: "asks for " + ", ".join(_missing(item)) for lane, item in found.items() if asks_of(ctx, entity, item)}
    return jsonify({"why": {lane: item.words for lane, item in found.items() if lane not in asks}, "asks": asks})


def _reasons(ctx: Context, board: Board, record: str) -> dict[str, str]:
    """Return what a move is refused for, by lane, for whoever may move the card."""
    return {lane: item.words for lane, item in _foreseen(ctx, board, record).items()}


def _foreseen(ctx: Context, board: Board, record: str) -> dict[str, Foreseen]:
    """Return what stands between a card and the lanes that it cannot go to as it is."""
    entity = board.shape.entity.name
    if not board.editable or not allows(ctx, entity, "update", record):
        return {}
    options = ["" if name == BLANK else name for name in lane_names(board, {})]
    found = foresee(ctx, entity, record, board.by.name, options)
    return {option or BLANK: item for option, item in found.items() if item.words}


def _missing(found: Foreseen) -> list[str]:
    return [ask.label for ask in found.asks if not ask.met]


@dataclass(frozen=True, slots=True)
class Move:
    """What is to be moved: a record, as it was read, to a lane."""

    record: str
    to: str
    version: int | None = field(default=None)


@blueprint.post("/e/<entity>/board/move")
def send_move(entity: str) -> BaseResponse:
    """Move a card; a refusal gives the reason and the card as it is now."""
    board, state = _asked_board(context(), entity)
    values = request.values
    move = Move(values.get("id", ""), values.get("to", "")[:100], values.get("version", type=int))
    try:
        before, saved = write(lambda ctx: _move(ctx, board, move))
    except (ValidationFailed, Conflict, Forbidden, NotFound) as refused:
        return _refused(board, state, move, refused)
    ctx = reopen()
    words = _said(ctx, board, saved, move)
    undo = state.here("/board/move")
    back = urlencode({"id": move.record, "to": before, "version": saved.version})
    undo = "" if before == move.to else f"{undo}{'&' if '?' in undo else '?'}{back}"
    if not wants_part():
        toast(words, undo=undo)
        return redirect(state.here(), 303)
    return _changed(ctx, state, move, HeadsPart("Moved", entity, message=words, undo=undo))


def _move(ctx: Context, board: Board, move: Move) -> tuple[str, records.Record]:
    """Write the new choice by the record door; return the lane that the card came from and the record."""
    name, entity = board.by.name, board.shape.entity.name
    before = get(ctx, entity, move.record, (name,))[name] or BLANK
    value = None if move.to == BLANK else move.to
    return before, records.update(ctx, entity, move.record, {name: value}, version=move.version)


def _said(ctx: Context, board: Board, saved: records.Record, move: Move) -> str:
    title = saved.values.get(board.shape.entity.title) or board.shape.entity.label
    to = f"No {board.noun}" if move.to == BLANK else option_label(move.to, board.options.get(move.to))
    return f"{title} is now in {to}."


def _refused(board: Board, state: ListState, move: Move, refused: KithError) -> BaseResponse:
    words = refusal_words(refused)
    ctx = reopen()
    if not wants_part():
        toast(words, icon="alert-triangle")
        return redirect(state.here(), 303)
    asks = _asks(ctx, board, move) if isinstance(refused, ValidationFailed) else ""
    part = HeadsPart("Refused", state.entity, message=words, refused=True, asks=asks)
    # What asks for something is no fault, and browsers report every other status as one.
    return _changed(ctx, state, move, part, status=200 if asks else refused.status)


def _asks(ctx: Context, board: Board, move: Move) -> str:
    """Return where what the lane asks for is filled in; empty where that is not all that is missing."""
    way = Way(board.shape.entity.name, move.record, board.by.name, move.to)
    found = foresee(ctx, way.entity, way.record, way.by, (way.option,)).get(way.option, NOTHING)
    return way.address if asks_of(ctx, way.entity, found) else ""


def _changed(ctx: Context, state: ListState, move: Move, part: HeadsPart, *, status: int = 200) -> Response:
    """Return the card as it is now with the figures of all lanes, for a page that stays."""
    shape = shape_of(ctx, state.entity, state.view)
    if shape is None or options_of(ctx, shape, "board") is None:
        return render("board_heads.html", part, status=status)
    board, asked = board_of(ctx, shape), Question(state, read_filter(ctx, state))
    card, lane = draw_card(ctx, board, asked, move.record)
    heads = _heads(ctx, board, asked)
    found = replace(
        part,
        lanes=heads.lanes,
        rails=heads.rails,
        total=heads.total,
        total_label=heads.total_label,
        card=card,
        lane=lane,
    )
    return render("board_heads.html", found, status=status)
