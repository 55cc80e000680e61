"""Rings that can never end: roles that include each other, deletes that go round, formulas that need themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue


@checks.register("cycles")
def check_cycles(context: CheckContext) -> Iterator[Issue]:
    """Yield one issue per ring, at the step that closes it."""
    roles = {role.name: role.includes for _, role in context.of_kind("role")}
    for ring in rings(roles):
        layered = context.layered[f"role:{ring[-2]}"]
        message = f"These roles include each other in a ring: {' → '.join(ring)}."
        yield context.issue("KM061", layered, ("includes",), message, "Take one of the inclusions away.")
    yield from _cascades(context)


def _cascades(context: CheckContext) -> Iterator[Issue]:
    """A tree inside one entity may cascade; a ring over several entities would delete without end."""
    through: dict[tuple[str, str], str] = {}
    edges: dict[str, list[str]] = {}
    for _, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            target = getattr(field.options, "to", "")
            cascades = getattr(field.options, "on_delete", "") == "cascade"
            if cascades and isinstance(target, str) and target != entity.name:
                edges.setdefault(entity.name, []).append(target)
                through[entity.name, target] = name
    for ring in rings(edges):
        start, end = ring[-2], ring[-1]
        layered = context.layered[f"entity:{start}"]
        path = ("fields", through[start, end], "on_delete")
        message = f"Deleting would go round in a ring: {' → '.join(reversed(ring))}."
        yield context.issue("KM062", layered, path, message, "Use on_delete: restrict or clear for one of them.")


def rings(edges: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return one ring per set of names that lead back to themselves, each starting and ending with the same name.

    >>> rings({"a": ["b"], "b": ["a"], "c": ["a"]})
    [('a', 'b', 'a')]
    """
    done: set[str] = set()
    found: list[tuple[str, ...]] = []
    for start in sorted(edges):
        if start in done:
            continue
        way: list[str] = [start]
        pending = [iter(sorted(edges[start]))]
        while pending:
            following = next(pending[-1], None)
            if following is None:
                pending.pop()
                done.add(way.pop())
            elif following in way:
                found.append((*way[way.index(following) :], following))
            elif following not in done and following in edges:
                way.append(following)
                pending.append(iter(sorted(edges[following])))
    return found
