"""The filter builder as it is drawn, and the question that a sent builder asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import current_app
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from kith_metadata.expressions import ExpressionError
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types.base import OPERATORS
from kith_runtime.screens.list_expression import in_words, text_of, tree_of
from kith_runtime.screens.list_figures import problem_text
from kith_runtime.screens.list_filters import FilterField, condition_read, filter_fields, read_filter
from kith_runtime.screens.list_relative import RELATIVE, takes_of
from kith_runtime.screens.list_shape import plural_of
from kith_runtime.screens.list_state import LONGEST_TEXT, MOST_CONDITIONS, Condition, ListState
from kith_runtime.screens.list_tree import DEEPEST, Group, Node, Phrase, flattened, pruned, read_tree
from kith_runtime.screens.rendering import Page, render_part

ALL_OPERATORS = (
    *((word, operator.label) for word, operator in OPERATORS.items()),
    *((word, relative.label) for word, relative in RELATIVE.items()),
)
"""For a line whose field is not chosen yet, so that a page without script can fill it in one go."""

MENU_MOST_FIELDS = 60
"""How many fields stand in a menu; of more, one types the label of one."""

BUTTONS = ("_add", "_drop", "_group")


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A condition as it is drawn. ``path`` stands in the names of its inputs, ``number`` is how people count it."""

    path: str
    number: str
    field: FilterField | None
    operator: str
    value: str
    takes: str
    words: str = ""
    problem: str = ""
    kind: str = "line"
    typed: str = ""
    """What stands in the place of the field where it is typed."""


@dataclass(frozen=True, slots=True)
class DrawnPhrase:
    """A part that stays text."""

    path: str
    number: str
    text: str
    problem: str = ""
    kind: str = "phrase"


@dataclass(frozen=True, slots=True)
class DrawnGroup:
    """A group as it is drawn. ``nests`` tells whether it can hold groups."""

    path: str
    number: str
    join: str
    items: tuple[DrawnLine | DrawnPhrase | DrawnGroup, ...]
    nests: bool
    kind: str = "group"


@dataclass(frozen=True, slots=True)
class Builder:
    """The builder: its tree, or the text of the whole filter when ``mode`` is text."""

    root: DrawnGroup
    mode: str = "builder"
    text: str = ""
    problem: str = ""
    words: str = ""
    """The part of the filter that has no chips of its own, as people read it."""


@dataclass(frozen=True, slots=True)
class FilterPart(Page):
    """The builder, redrawn while somebody edits it."""

    heading: str = ""
    builder: Builder | None = None
    filter_fields: Sequence[FilterField] = ()
    operators: Sequence[tuple[str, str]] = ALL_OPERATORS

    @property
    def types_fields(self) -> bool:
        """Tell whether a field is typed, by its label, because there are too many for a menu."""
        return len(self.filter_fields) > MENU_MOST_FIELDS


@dataclass(frozen=True, slots=True)
class Applied:
    """What a sent builder came to: the question, or the builder with what is wrong in it."""

    state: ListState
    builder: Builder | None = None


def builder_of(ctx: Context, state: ListState) -> Builder:
    """Return the builder of a question: its conditions as lines, its expression as far as it has lines."""
    try:
        below = tree_of(ctx, state.entity, state.where)
    except ExpressionError as fault:
        root = _drawn(ctx, state.entity, Group("and", state.conditions))
        return Builder(root, "text", state.where, problem_text(fault), state.where)
    tree = _joined(state.conditions, below)
    words = in_words(ctx, state.entity, below) if state.where else ""
    return Builder(_drawn(ctx, state.entity, tree), text=text_of(ctx, state.entity, tree)[0], words=words)


def _joined(conditions: tuple[Condition, ...], below: Group) -> Group:
    if not conditions:
        return below
    rest: tuple[Node, ...] = below.items if below.join == "and" or len(below.items) < 2 else (below,)
    return Group("and", (*conditions, *rest))


def applied(ctx: Context, state: ListState, arguments: MultiDict[str, str]) -> Applied:
    """Return the question of a sent builder.

    Plain conditions that must all hold stand in the address one by one, so that each has its chip; the rest is an
    expression.
    """
    if arguments.get("_mode") == "text":
        return Applied(replace(state, conditions=(), where=state.where))
    tree = flattened(pruned(_read(ctx, state.entity, arguments)))
    plain, rest = _parted(tree)
    text, problem = text_of(ctx, state.entity, Group(tree.join, rest)) if rest else ("", "")
    if problem:
        return Applied(state, replace(Builder(_drawn(ctx, state.entity, tree)), problem=problem))
    return Applied(replace(state, conditions=plain, where=text))


def fitting(ctx: Context, state: ListState) -> ListState:
    """Return a question without the conditions that do not fit yet, to show rows behind a builder in the making."""
    lines = zip(state.conditions, read_filter(ctx, state).lines, strict=True)
    return replace(state, conditions=tuple(condition for condition, line in lines if not line.problem))


def _parted(tree: Group) -> tuple[tuple[Condition, ...], tuple[Node, ...]]:
    if tree.join == "or" and len(tree.items) > 1:
        return (), tree.items
    plain = tuple(item for item in tree.items if isinstance(item, Condition))[:MOST_CONDITIONS]
    return plain, tuple(item for item in tree.items if item not in plain)


def redrawn(ctx: Context, state: ListState, arguments: MultiDict[str, str], switched: bool) -> Builder:
    """Return the builder while somebody edits it: what is not complete yet is no problem yet.

    ``switched``: the other way to write the filter was chosen just now, so it takes over what the first one holds.
    """
    mode = "text" if arguments.get("_mode") == "text" else "builder"
    written = arguments.get("where", "")[:LONGEST_TEXT].strip()
    if mode == "text" and not switched:
        return Builder(_drawn(ctx, state.entity, Group()), "text", written)
    if mode == "builder" and switched:
        return builder_of(ctx, ListState(state.entity, where=written))
    tree = _fitting(ctx, state.entity, _read(ctx, state.entity, arguments))
    drawn = _drawn(ctx, state.entity, tree if isinstance(tree, Group) else Group(), quiet=True)
    text, problem = text_of(ctx, state.entity, flattened(pruned(tree if isinstance(tree, Group) else Group())))
    if mode == "text" and problem:
        return replace(Builder(drawn), problem=f"This cannot be written as text yet. {problem}")
    return Builder(drawn, mode, text)


def _read(ctx: Context, entity: str, arguments: MultiDict[str, str]) -> Group:
    """Return the tree that was sent; where fields are typed, the label of one stands for its name."""
    fields = filter_fields(ctx, entity)
    if len(fields) <= MENU_MOST_FIELDS:
        return read_tree(arguments)
    names = {item.label.casefold(): item.name for item in reversed(fields)} | {item.name: item.name for item in fields}
    typed = MultiDict(arguments)
    for key in arguments:
        if key.startswith("f."):
            value = arguments[key].strip()
            typed[key] = names.get(value) or names.get(value.casefold(), value)
    return read_tree(typed)


def _fitting(ctx: Context, entity: str, node: Node) -> Node:
    """Return a tree whose conditions have operators of their fields; a wrong one becomes the first."""
    if isinstance(node, Group):
        return replace(node, items=tuple(_fitting(ctx, entity, item) for item in node.items))
    if isinstance(node, Phrase):
        return node
    found = next((item for item in filter_fields(ctx, entity) if item.name == node.field), None)
    words = [word for word, _, _ in found.operators] if found is not None else []
    return node if not words or node.operator in words else replace(node, operator=words[0])


def _drawn(ctx: Context, entity: str, tree: Group, *, quiet: bool = False) -> DrawnGroup:
    return _Drawing(ctx, entity, quiet).group(tree, "", "", 1)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws a tree; a quiet one tells of no problems."""

    ctx: Context
    entity: str
    quiet: bool

    def group(self, group: Group, path: str, number: str, depth: int) -> DrawnGroup:
        items: list[DrawnLine | DrawnPhrase | DrawnGroup] = []
        for at, item in enumerate(group.items or (Condition("", ""),)):
            step, count = f"{path}-{at}".lstrip("-"), f"{number}.{at + 1}".lstrip(".")
            if isinstance(item, Group):
                items.append(self.group(item, step, count, depth + 1))
            else:
                items.append(self._leaf(item, step, count))
        return DrawnGroup(path, number, group.join, tuple(items), depth < DEEPEST)

    def _leaf(self, node: Condition | Phrase, path: str, number: str) -> DrawnLine | DrawnPhrase:
        if isinstance(node, Phrase):
            return DrawnPhrase(path, number, node.text, "" if self.quiet else text_of(self.ctx, self.entity, node)[1])
        found = next((item for item in filter_fields(self.ctx, self.entity) if item.name == node.field), None)
        _, words, problem = condition_read(self.ctx, self.entity, found, node) if node.field else ("", "", "")
        takes, said = takes_of(node.operator), "" if self.quiet else problem
        typed = found.label if found is not None else node.field
        return DrawnLine(path, number, found, node.operator, node.value, takes, words, said, typed=typed)


def filter_part(ctx: Context, entity: str, builder: Builder) -> FilterPart:
    """Return the page context of a builder."""
    heading = ctx.snapshot.said(plural_of(ctx.snapshot.entity(entity)))
    return FilterPart("Filter", entity, heading, builder, filter_fields(ctx, entity))


def draw_builder(ctx: Context, entity: str, builder: Builder) -> str:
    """Return the builder as markup."""
    part = filter_part(ctx, entity, builder)
    template = current_app.jinja_env.get_template("list_filter_part.html")
    # A template's own output, which has escaped what it printed.
    return Markup(render_part(template, {"page": part}))  # noqa: S704


def blank_builder(ctx: Context, entity: str) -> str:
    """Return an untouched builder, which is the same for everybody with the same rights."""
    blank = Builder(DrawnGroup("", "", "and", (DrawnLine("0", "1", None, "", "", "value"),), True))
    key = ("filter blank", rights_key(ctx.actor), entity)
    return ctx.published.compiled(key, lambda: draw_builder(ctx, entity, blank))
