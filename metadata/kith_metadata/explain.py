"""Why a property is what it is: its value, the layer and place that say so, and what that hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kith_metadata.check import CheckResult
from kith_metadata.graph import uses
from kith_metadata.issues import Place
from kith_metadata.layered import Layered, at, dotted
from kith_metadata.registry import nearest
from kith_metadata.resolve import plain
from kith_metadata.shapes import Shapes
from kith_metadata.uses import Target, Use
from kith_metadata.yaml_reader import Path

DEFAULT_LAYER = "default"
"""The layer of a property that nobody wrote."""

DERIVED_LAYER = "derived"
"""The layer of a label that nobody wrote: it is made of the name."""


class UnknownPath(KeyError):
    """A path that leads nowhere; the message says how far it led and what was near."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a property's value comes from.

    ``place`` is None for a default; ``hidden`` is what lies below, nearest first. ``derived`` says what an unwritten
    label is made of. ``users`` are the expressions and references that name it.
    """

    path: str
    value: Any
    layer: str
    place: Place | None
    hidden: tuple[tuple[str, Place, Any], ...]
    derived: str = ""
    users: tuple[Use, ...] = ()

    def text(self) -> str:
        """Return the explanation as lines for people."""
        where = f"  ({self.layer}, {self.place})" if self.place else "  (the default; no layer says otherwise)"
        if self.derived:
            where = f"  (derived from {self.derived}; no layer writes one)"
        lines = [f"{self.path} = {_shown(self.value)}", where]
        lines.extend(f"  hides {_shown(value)}  ({layer}, {place})" for layer, place, value in self.hidden)
        lines.extend(["  used by:"] if self.users else [])
        lines.extend(f"    {use}" for use in self.users)
        return "\n".join(lines)


def explain(result: CheckResult, path: str) -> Explanation:
    """Explain ``app.name.property…`` (an entity), or ``kind:app.name.property…`` for other kinds of document.

    A name that several kinds share means the entity first. Raises :class:`UnknownPath`.
    """
    key, steps = _split(result, path)
    found = _explained(result, path, key, steps)
    target = _target(key, steps)
    return found if target is None else replace(found, users=uses(result).get(target, ()))


def _target(key: str, steps: Path) -> Target | None:
    """Return what a path names for the graph of users: a field, an option, an entity or a role."""
    kind, _, name = key.partition(":")
    if kind == "entity" and len(steps) == 4 and (steps[0], steps[2]) == ("fields", "options"):
        return ("option", f"{name}.{steps[1]}", str(steps[3]))
    if kind == "entity" and len(steps) == 2 and steps[0] == "fields":
        return ("field", name, str(steps[1]))
    if kind == "option_set" and len(steps) == 2 and steps[0] == "options":
        return ("option", name, str(steps[1]))
    return (kind, name, "") if kind in ("entity", "role") and not steps else None


def _explained(result: CheckResult, path: str, key: str, steps: Path) -> Explanation:
    item = result.provenance[key]
    if not steps:
        return Explanation(path, plain(item.data), item.app, item.document.place, ())
    value = at(item.data, steps)
    taken = next((item.hidden[steps[:n]] for n in range(len(steps), 0, -1) if steps[:n] in item.hidden), None)
    if value is None and taken is not None:
        written = item.written[next(steps[:n] for n in range(len(steps), 0, -1) if steps[:n] in item.hidden)]
        return Explanation(path, None, written.layer, written.place, ((taken.layer, taken.place, plain(taken.value)),))
    if value is None:
        return _derived(item, _default(result, item, path, steps), steps)
    return Explanation(path, plain(value), item.layer(steps), item.place(steps), tuple(_below(item, steps)))


def _derived(item: Layered, default: Explanation, steps: Path) -> Explanation:
    """Return what people see where no label is written: the name as words, or the label for the plural."""
    if default.value != "" or steps[-1] not in ("label", "plural"):
        return default
    if steps == ("plural",) and item.data.get("label"):
        return replace(default, value=item.data["label"], layer=DERIVED_LAYER, derived="the label")
    name = str(steps[-2]) if len(steps) > 1 else item.full_name.rpartition(".")[2]
    words = name.replace("_", " ").capitalize()
    place = f", which stands at {item.place(steps[:-1])}" if len(steps) > 1 else ""
    return replace(default, value=words, layer=DERIVED_LAYER, derived=f"the name '{name}'{place}")


def _below(item: Layered, steps: Path) -> list[tuple[str, Place, Any]]:
    """What each layer below said of exactly this path, also where it wrote a whole item around it."""
    found: list[tuple[str, Place, Any]] = []
    for length in range(len(steps), 0, -1):
        for written in item.below.get(steps[:length], ()):
            value = at(written.value, steps[length:])
            if value is not None:
                place = written.document.places.nearest((*written.path, *steps[length:]))
                found.append((written.layer, place, plain(value)))
    return found


def _split(result: CheckResult, path: str) -> tuple[str, Path]:
    kind, colon, rest = path.rpartition(":")
    steps = tuple(rest.split("."))
    known: Mapping[str, Layered] = result.provenance
    if len(steps) >= 2:
        name = ".".join(steps[:2])
        for candidate in (kind,) if colon else ("entity", *result.partial.language.kinds):
            if f"{candidate}:{name}" in known:
                return f"{candidate}:{name}", steps[2:]
    if f"app:{steps[0]}" in known and (kind == "app" or (not colon and _is_app_path(result, steps))):
        return f"app:{steps[0]}", steps[1:]
    names = sorted({key.partition(":")[2] for key in known})
    raise UnknownPath(_unknown(".".join(steps[:2]), "a document", names))


def _is_app_path(result: CheckResult, steps: Sequence[str]) -> bool:
    return len(steps) == 1 or steps[1] in Shapes(result.partial.language).of(result.partial.language.kinds["app"]).props


def _default(result: CheckResult, item: Layered, path: str, steps: Path) -> Explanation:
    """Return the default of a declared property that nobody wrote, or raise with the nearest step."""
    language = result.partial.language
    shapes = Shapes(language)
    cls, data = language.kinds[item.kind], item.data
    for index, step in enumerate(steps):
        shape = shapes.of_item(cls, data)
        declared = shape.props.get(str(step))
        last = index + 1 == len(steps)
        if shape.variant is not None and step == shape.variant.key and last:
            return Explanation(path, shape.chosen, DEFAULT_LAYER, None, ())
        if declared is None:
            raise UnknownPath(_unknown(str(step), f"a property of {_head(item, steps[:index])}", list(shape.props)))
        if last:
            return Explanation(path, plain(_data(declared.default)), DEFAULT_LAYER, None, ())
        inner = shape.inner.get(str(step))
        items = data.get(str(step)) or {}
        if inner is None or not isinstance(items, dict):
            break
        if inner.form == "one":
            cls, data = inner.cls, items
            continue
        return _default_in_item(result, item, path, (steps, index + 1, inner.cls, items))
    raise UnknownPath(_unknown(str(steps[-1]), f"a part of {_head(item, steps[:-1])}", list(_keys(item, steps[:-1]))))


def _default_in_item(
    result: CheckResult, item: Layered, path: str, where: tuple[Path, int, type[Any], Mapping[str, Any]]
) -> Explanation:
    steps, index, cls, items = where
    name = str(steps[index])
    if name not in items:
        raise UnknownPath(_unknown(name, f"an item of {_head(item, steps[:index])}", list(items)))
    shapes = Shapes(result.partial.language)
    data, rest = items[name] or {}, steps[index + 1 :]
    shape = shapes.of_item(cls, data)
    declared = shape.props.get(str(rest[0])) if rest else None
    if shape.variant is not None and rest == (shape.variant.key,):
        return Explanation(path, shape.chosen, DEFAULT_LAYER, None, ())
    if declared is None:
        known = list(shape.props)
        raise UnknownPath(_unknown(str(rest[0]) if rest else name, f"a property of {_head(item, steps[:-1])}", known))
    if len(rest) == 1:
        return Explanation(path, plain(_data(declared.default)), DEFAULT_LAYER, None, ())
    inner = shape.inner.get(str(rest[0]))
    inside = data.get(str(rest[0])) or {}
    if inner is not None and inner.form == "map" and isinstance(inside, dict):
        return _default_in_item(result, item, path, (steps, index + 2, inner.cls, inside))
    raise UnknownPath(_unknown(str(rest[-1]), f"a part of {_head(item, steps[:-1])}", list(inside)))


def _keys(item: Layered, path: Path) -> Mapping[str, Any]:
    found = at(item.data, path)
    return found if isinstance(found, dict) else {}


def _head(item: Layered, path: Path) -> str:
    return f"{item.full_name}.{dotted(path)}" if path else item.full_name


def _unknown(name: str, noun: str, known: Sequence[str]) -> str:
    guess = nearest(name, list(known))
    hint = f"Did you mean '{guess}'?" if guess else f"There is: {', '.join(list(known)[:20])}." if known else ""
    return f"'{name}' is not {noun}. {hint}".rstrip()


def _data(default: Any) -> Any:
    return {} if isinstance(default, Mapping) else list(default) if isinstance(default, tuple) else default


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: …" if isinstance(item, dict) else f"{key}: {_shown(item)}"
                               for key, item in value.items()) + "}"  # fmt: skip
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item) for item in value) + "]"
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
