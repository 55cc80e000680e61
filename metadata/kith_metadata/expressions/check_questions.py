"""Questions to the surroundings: whether the record is new or a field changed, the person's roles, and settings."""

from __future__ import annotations

import ast

from kith_metadata.expressions import types as t
from kith_metadata.expressions.check_names import Names, former
from kith_metadata.expressions.nodes import Around, Changed, Node
from kith_metadata.registry import nearest

QUESTIONS: dict[str, str] = {
    "is_new": "is_new()",
    "is_changed": "is_changed(field)",
    "has_role": 'has_role("app.role")',
    "setting": 'setting("name")',
}
"""The questions with the way to write each."""


def is_question(node: ast.Call) -> bool:
    """Tell whether a call asks the surroundings."""
    return isinstance(node.func, ast.Name) and node.func.id in QUESTIONS


def typed_question(node: ast.Call, place: tuple[int, int], names: Names) -> Node | None:
    """Return the typed question, or None after reporting why it is not possible."""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if len(node.args) != (0 if name == "is_new" else 1):
        names.report(place, "wrong_count", f"{name}() does not take {len(node.args)} arguments.",
                     f"Write {QUESTIONS[name]}.")  # fmt: skip
        return None
    if name == "is_new":
        return Around(t.BOOLEAN, place, name, "") if names.knows_former("is_new()", place) else None
    if name == "is_changed":
        return _changed(node.args[0], place, names)
    text = node.args[0]
    if not isinstance(text, ast.Constant) or not isinstance(text.value, str):
        names.report(names.place(text), "wrong_type", f"{name}() takes a name in quotes.", f"Write {QUESTIONS[name]}.")
        return None
    if name == "has_role":
        return _role(text.value, place, names.place(text), names)
    return _setting(text.value, place, names.place(text), names)


def _changed(argument: ast.expr, place: tuple[int, int], names: Names) -> Node | None:
    if not isinstance(argument, ast.Name):
        names.report(names.place(argument), "wrong_type", "is_changed() takes a field of the record.",
                     "Write is_changed(amount).")  # fmt: skip
        return None
    field = names.whole.path((argument.id,), names.place(argument))
    if field is None or not names.knows_former("is_changed()", place):
        return None
    return Changed(t.BOOLEAN, place, field, former(field))


def _role(name: str, place: tuple[int, int], at: tuple[int, int], names: Names) -> Node | None:
    known = names.scope.roles()
    if name not in known:
        near = nearest(name, known)
        hint = f"Did you mean '{near}'?" if near else f"Roles: {', '.join(known[:12])}." if known else ""
        names.report(at, "unknown_role", f"There is no role '{name[:60]}'.", hint)
        return None
    names.uses.add("roles")
    names.note(at, 0, ("role", name, ""))
    return Around(t.BOOLEAN, place, "has_role", name)


def _setting(name: str, place: tuple[int, int], at: tuple[int, int], names: Names) -> Node | None:
    info = names.scope.setting(name)
    if info is None:
        known = names.scope.settings()
        near = nearest(name, known)
        hint = f"Did you mean '{near}'?" if near else f"Settings: {', '.join(known[:12])}." if known else ""
        names.report(at, "unknown_setting", f"There is no setting '{name[:60]}'.", hint)
        return None
    names.uses.add("settings")
    return Around(info.type, place, "setting", name)
