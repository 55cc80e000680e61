"""What of a form depends on what is typed: drawn by the server as it is now, and given to the browser as trees.

A tree goes to a browser only when its person may read every field that it names; otherwise the server alone decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from kith_metadata.expressions import Checked, EvaluationError, evaluate, nodes, types
from kith_metadata.expressions.nodes import Node, children
from kith_metadata.expressions.wire import encode
from kith_metadata.kinds.entity import Field
from kith_metadata.values import ErrorValue, Money, Reference
from kith_runtime.access import may_read
from kith_runtime.access.rights import rights_key
from kith_runtime.context import Context
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import InputScope, InvalidValue, Linked
from kith_runtime.field_types.scope import field_info
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries.columns import type_of
from kith_runtime.queries.record_values import RecordValues
from kith_runtime.records import initial_values
from kith_runtime.records.rules import Action, Condition, rules_of
from kith_runtime.records.writer import writer_for
from kith_runtime.scopes import checked_expression, environment_of, saving
from kith_runtime.screens.controls import COMMON_CURRENCIES, FieldState
from kith_runtime.screens.form_figures import ROWS, Figure, HeldRows, condition_over_rows, figure_of, held_rows
from kith_runtime.screens.form_shape import FieldPart, FormShape, RowsPart, json_text

_WRITTEN = frozenset({"text_input", "lines_input", "number_input", "money_input", "day_input", "menu_input"})
_READ = _WRITTEN | {
    "moment_input",
    "clock_input",
    "tick_input",
    "radio_input",
    "boxes_input",
    "lookup_input",
    "lookups_input",
}


@dataclass(frozen=True, slots=True)
class Reactions:
    """The conditions and formulas of one form for one set of rights: `plan` is what a browser gets of them."""

    conditions: Mapping[str, Checked]
    plan: Mapping[str, Any]
    held: tuple[str, ...]
    me: frozenset[str]
    former: frozenset[str]
    roles: frozenset[str]
    settings: frozenset[str]
    figures: Mapping[str, frozenset[str]]
    """The tables of rows from which formulas of the form follow, by formula."""
    rows: Mapping[str, tuple[str, ...]]
    """What is needed of the rows of a table that does not stand in their inputs, by table."""

    @property
    def reads(self) -> frozenset[str]:
        """The fields of the record that they name."""
        return frozenset(path[0] for checked in self.conditions.values() for path in checked.references) | {
            *self.held,
            *self.former,
        }


def reactions_of(ctx: Context, shape: FormShape) -> Reactions:
    """Return what of a form depends on its inputs."""
    key = ("form_reactions", rights_key(ctx.actor), shape.entity.name, shape.mode)
    return ctx.published.compiled(key, lambda: _Planner(ctx, shape).reactions())


def needed_fields(ctx: Context, shape: FormShape) -> tuple[str, ...]:
    """Return the fields that are read for the conditions of a form, beside those that it shows."""
    readable = shape.rights.readable
    return tuple(
        name for name in sorted(reactions_of(ctx, shape).reads) if name in readable and name not in shape.fields
    )


class _Planner:
    """Finds the trees of one form."""

    def __init__(self, ctx: Context, shape: FormShape) -> None:
        self._ctx, self._shape = ctx, shape
        self._declared = fields_of(ctx.snapshot, shape.entity.name)
        self._trees: list[Checked] = []
        self._figures: dict[str, frozenset[str]] = {}
        self._needed: dict[str, set[str]] = {}

    def reactions(self) -> Reactions:
        writer = writer_for(self._ctx, self._shape.entity.name)
        rules, shown = rules_of(self._ctx.published, writer), self._shape.conditions
        locked = rules.read_only if self._shape.mode == "edit" else {}
        plan: dict[str, Any] = {
            "show": self._all(shown),
            "required": self._all(self._here(rules.required)),
            "locked": self._all(self._here(locked)),
            "offered": {name: self._all(offers) for name, offers in rules.offered.items() if self._editable(name)},
            "formulas": dict(self._formulas()),
            "defaults": dict(self._defaults()) if self._shape.mode != "edit" else {},
            "actions": list(self._actions(rules.actions)),
        }
        tables = {name: dict(self._row_formulas(part)) for name, part in self._shape.rows.items()}
        plan["rows"] = {
            name: {"fields": self._row_inputs(name), "formulas": tables[name]}
            for name in self._shape.rows
            if name in self._needed or tables[name]
        }
        names = {path[0] for checked in self._trees for path in checked.references}
        inputs = {name for name in names if self._editable(name)}
        plan["fields"] = {name: self._type(name).to_json() for name in sorted(inputs)}
        conditions = {name: found.checked for name, found in shown.items()}
        conditions |= {f"r_{name}": found.checked for name, found in self._here(rules.required).items()}
        conditions |= {f"l_{name}": found.checked for name, found in self._here(locked).items()}
        found = [node for checked in self._trees for node in _walk(checked.root)]
        around = [node for node in found if isinstance(node, nodes.Around)]
        return Reactions(
            conditions,
            plan if self._trees else {},
            tuple(sorted(names - inputs)),
            me=frozenset(name for node in found if isinstance(node, nodes.Person) for name in node.path[:1]),
            former=frozenset(node.path[0] for node in found if isinstance(node, nodes.Former)),
            roles=frozenset(node.argument for node in around if node.name == "has_role"),
            settings=frozenset(node.argument for node in around if node.name == "setting"),
            figures=self._figures,
            rows={
                name: tuple(sorted(self._needed.get(name, set()) - plan["rows"][name]["fields"].keys()))
                for name in plan["rows"]
            },
        )

    def _here(self, conditions: Mapping[str, Condition]) -> dict[str, Condition]:
        return {
            name: found
            for name, found in conditions.items()
            if self._editable(name) and may_read(self._ctx, found.checked)
        }

    def _editable(self, name: str) -> bool:
        part = self._shape.fields.get(name)
        return part is not None and part.editable

    def _all(self, conditions: Mapping[str, Condition]) -> dict[str, Any]:
        trees = {
            name: self._tree(found.checked) or self._over_rows(found.checked) for name, found in conditions.items()
        }
        return {name: tree for name, tree in trees.items() if tree is not None}

    def _tree(self, checked: Checked) -> dict[str, Any] | None:
        """Return a tree for the browser; None when it cannot know all that the tree asks for."""
        if not (may_read(self._ctx, checked) and all(self._known(path) for path in checked.references)):
            return None
        if any(isinstance(node, nodes.Aggregate) for node in _walk(checked.root)):
            return None
        if any(isinstance(node, nodes.Former) and len(node.path) > 1 for node in _walk(checked.root)):
            return None
        self._trees.append(checked)
        root: dict[str, Any] = checked.to_json()["root"]
        return root

    def _over_rows(self, checked: Checked) -> dict[str, Any] | None:
        """Return the tree of a condition that looks at rows of the form; None where only the server can judge it."""
        figure = condition_over_rows(self._ctx, self._shape, checked) if may_read(self._ctx, checked) else None
        if figure is None or not all(self._known(path) for path in figure.checked.references):
            return None
        shown = self._figure(figure)
        if shown is None:
            return None
        self._figures[f"condition {len(self._figures)}"] = frozenset(figure.rows)
        root: dict[str, Any] = shown["tree"]
        return root

    def _known(self, path: tuple[str, ...]) -> bool:
        declared = self._declared.get(path[0])
        if len(path) > 1 or declared is None or field_types[declared.type].computed:
            return False
        part = self._shape.fields.get(path[0])
        return part is None or not part.editable or part.control.macro in _READ

    def _type(self, name: str) -> types.Type:
        info = field_info(self._declared[name], self._ctx.snapshot)
        return types.JSON if info is None else info.type

    def _formulas(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for part in self._shape.fields.values():
            figure = None if part.editable else figure_of(self._ctx, self._shape, part.name)
            if figure is not None and all(self._known(path) for path in figure.checked.references):
                shown = self._figure(figure)
                if shown is not None:
                    self._figures[part.name] = frozenset(figure.rows)
                    yield part.name, shown

    def _row_formulas(self, part: RowsPart) -> Iterator[tuple[str, dict[str, Any]]]:
        for column in part.columns:
            figure = None if column.editable else figure_of(self._ctx, self._shape, column.name, part)
            shown = None if figure is None else self._figure(figure)
            if shown is not None:
                yield column.name, shown

    def _figure(self, figure: Figure) -> dict[str, Any] | None:
        """Return a computed value for the browser; None where it reads what a row's input does not tell."""
        for name, reads in figure.rows.items():
            columns = self._shape.rows[name].columns
            if any(item.name in reads and item.editable and item.control.macro not in _READ for item in columns):
                return None
        for name, reads in figure.rows.items():
            self._needed.setdefault(name, set()).update(reads)
        self._trees.append(figure.checked)
        return {"tree": figure.checked.to_json()["root"], "scale": figure.scale, "money": figure.money}

    def _row_inputs(self, name: str) -> dict[str, Any]:
        part = self._shape.rows[name]
        known = fields_of(self._ctx.snapshot, part.entity)
        return {
            item.name: type_of(self._ctx.published, known[item.name]).to_json()
            for item in part.columns
            if item.editable and item.name in self._needed.get(name, set())
        }

    def _defaults(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for part in self._shape.editable:
            if part.field.default_formula and part.control.macro in _WRITTEN:
                tree = self._expression(part.field.default_formula)
                if tree is not None:
                    yield part.name, {"tree": tree, "scale": _scale(part.field)}

    def _actions(self, actions: tuple[Action, ...]) -> Iterator[dict[str, Any]]:
        """Yield what rules set, where the browser can tell when and to what; the rest shows after saving."""
        operation = "update" if self._shape.mode == "edit" else "create"
        for action in actions:
            when = None if action.when is None else self._tree(action.when.checked)
            if operation not in action.on or (when is None and action.when is not None):
                continue
            for name, assigned in action.values.items():
                part = self._shape.fields.get(name)
                if part is None or not part.editable or part.control.macro not in _WRITTEN:
                    continue
                tree = self._tree(assigned.checked)
                if tree is not None:
                    shown = {"name": name, "tree": tree, "scale": _scale(part.field)}
                    yield {**shown, "when": when, "blank": action.only_blank}

    def _expression(self, text: str) -> dict[str, Any] | None:
        return self._tree(checked_expression(self._ctx.published, self._shape.entity.name, text))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _walk(child)


def _scale(declared: Field) -> int:
    columns = field_types[declared.type].columns(declared)
    return columns[0].scale if columns and columns[0].kind == "decimal" else 0


# ---- one drawing ----------------------------------------------------------------------------------------------------


def holding(
    ctx: Context, shape: FormShape, states: Mapping[str, FieldState], saved: Mapping[str, Any], scope: InputScope
) -> dict[str, bool]:
    """Return which conditions of a form hold for what stands in its inputs; ``saved`` has the other fields.

    A field that is locked under a condition is so only if the condition held for the saved record too.
    """
    reactions = reactions_of(ctx, shape)
    if not reactions.conditions:
        return {}
    before = dict.fromkeys(fields_of(ctx.snapshot, shape.entity.name)) | {
        name: plain(value) for name, value in saved.items()
    }
    typed = {name: _typed(shape.fields[name], state, scope) for name, state in states.items() if _is_input(shape, name)}
    found = {
        name: _holds(ctx, shape, checked, before | typed, before) for name, checked in reactions.conditions.items()
    }
    for name, checked in reactions.conditions.items():
        if name.startswith("l_"):
            found[name] = found[name] and _holds(ctx, shape, checked, before, before)
    return found


def plan_text(ctx: Context, shape: FormShape, saved: Mapping[str, Any]) -> str:
    """Return what the browser needs to let a form react, as JSON; blank when nothing does."""
    reactions = reactions_of(ctx, shape)
    if not reactions.plan:
        return ""
    environment, symbols = environment_of(ctx), ctx.locale.numbers.symbols
    before = dict.fromkeys(fields_of(ctx.snapshot, shape.entity.name)) | {
        name: plain(value) for name, value in saved.items()
    }
    plan = dict(reactions.plan)
    plan["locked"] = {
        name: tree
        for name, tree in plan["locked"].items()
        if _holds(ctx, shape, reactions.conditions[f"l_{name}"], before, before)
    }
    plan |= _figures(
        ctx, shape, replace(reactions, plan=plan), str(saved.get("id") or "") if shape.mode == "edit" else ""
    )
    me = {name: environment.me.get(name) for name in reactions.me | {"id"}}
    return json_text(
        {
            **plan,
            "held": _encoded(before, reactions.held),
            "now": environment.now.isoformat(),
            "today": environment.today.isoformat(),
            "time_zone": environment.time_zone,
            "me": {name: encode(plain(value)) for name, value in me.items()},
            "former": _encoded(before, reactions.former) if shape.mode == "edit" else None,
            "roles": sorted(reactions.roles & environment.roles),
            "settings": {name: encode(environment.settings.get(name)) for name in reactions.settings},
            "signs": {"point": symbols.decimal, "group": symbols.group},
        }
    )


def _encoded(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return values for the browser; an error value is left out, for what is not there cannot be used there either."""
    return {name: encode(values[name]) for name in names if not isinstance(values[name], ErrorValue)}


def _figures(ctx: Context, shape: FormShape, reactions: Reactions, record: str) -> dict[str, Any]:
    """Return the computed values of a form, with what is needed of its rows beside their inputs.

    A figure over rows that the form does not show whole is left to the server.
    """
    tables: dict[str, Any] = {}
    partly: set[str] = set()
    over = frozenset[str]().union(*reactions.figures.values())
    for name, names in reactions.rows.items():
        part = shape.rows[name]
        held = held_rows(ctx, part, names, record) if names or name in over else HeldRows()
        fresh = initial_values(ctx, writer_for(ctx, part.entity)) if names else {}
        table = reactions.plan["rows"][name]
        tables[name] = {
            "fields": table["fields"],
            "formulas": {column: _around(ctx, shown) for column, shown in table["formulas"].items()},
            "held": [[key, {item: encode(plain(values[item])) for item in names}] for key, values in held.rows],
            "fresh": {item: encode(plain(fresh.get(item))) for item in names},
        }
        partly |= {name} if held.more else set()
    formulas = {
        name: _around(ctx, shown)
        for name, shown in reactions.plan["formulas"].items()
        if partly.isdisjoint(reactions.figures[name])
    }
    return {"rows": tables, "formulas": formulas, **(_judged_whole(reactions.plan, partly) if partly else {})}


def _judged_whole(plan: Mapping[str, Any], partly: set[str]) -> dict[str, Any]:
    """Return the conditions of a plan without those over tables that do not show all of their rows."""
    names = [f'"{ROWS}{table}"' for table in partly]

    def whole(trees: Mapping[str, Any]) -> dict[str, Any]:
        return {name: tree for name, tree in trees.items() if not any(text in json_text(tree) for text in names)}

    found: dict[str, Any] = {kind: whole(plan[kind]) for kind in ("show", "required", "locked", "defaults")}
    found["offered"] = {name: whole(offers) for name, offers in plan["offered"].items()}
    found["actions"] = [action for action in plan["actions"] if whole({"": action})]
    return found


def _around(ctx: Context, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Add what this person sees before and after an amount of each currency."""
    found = {name: value for name, value in shown.items() if name != "money"}
    if shown["money"]:
        number = ctx.locale.decimal(Decimal(1), 2)
        texts = {code: ctx.locale.money(Decimal(1), code) for code in COMMON_CURRENCIES}
        found["around"] = {code: text.split(number, 1) for code, text in texts.items() if number in text}
    return found


def _holds(
    ctx: Context, shape: FormShape, checked: Checked, values: Mapping[str, Any], before: Mapping[str, Any]
) -> bool:
    try:
        record = RecordValues(ctx, shape.entity.name, values.get("id"), values)
        former = RecordValues(ctx, shape.entity.name, before.get("id"), before) if shape.mode == "edit" else None
        return bool(evaluate(checked, record, saving(environment_of(ctx), former)))
    except EvaluationError:
        return False


def _is_input(shape: FormShape, name: str) -> bool:
    return name in shape.fields and shape.fields[name].editable


def _typed(part: FieldPart, state: FieldState, scope: InputScope) -> Any:
    try:
        return field_types[part.field.type].parse(state.raw, part.field, scope)
    except InvalidValue:
        return None


def plain(value: Any) -> Any:
    """Return a value as expressions take it: records as ids, and a word for what can only be tested for blank.

    An error value stays one.
    """
    if isinstance(value, Linked):
        return value.id
    if isinstance(value, ErrorValue):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(plain(item) for item in value)
    if value is None or isinstance(value, (str, bool, int, Decimal, Money, Reference)) or hasattr(value, "isoformat"):
        return value
    return value if hasattr(value, "total_seconds") else str(value)
