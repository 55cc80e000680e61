"""What of an expression runs on the server only: functions that no database computes as the language asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kith_metadata.expressions import nodes
from kith_metadata.expressions.families import FUNCTIONS
from kith_metadata.expressions.nodes import Checked, Node
from kith_metadata.expressions.problems import Problem

IsOnServer = Callable[[str, str], bool]
"""Tells whether a field of an entity is a formula that is worked out on the server."""

_ADVICE = "Put it into a formula field with `stored: true`, and use that field here."


def runs_on_server(node: Node) -> bool:
    """Tell whether a node calls what no database can compute; what is computed beforehand can stand in every query."""
    if not isinstance(node, nodes.Call) or node.name not in FUNCTIONS:
        return False
    function = FUNCTIONS[node.name]
    if all(isinstance(argument, nodes.Literal) for argument in node.arguments):
        return False
    return not function.in_sql or node.arguments[0].type.kind in function.server_kinds


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all below it, in the order of the text."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(reversed(nodes.children(found)))


def calls_on_server(root: Node) -> Iterator[Problem]:
    """Yield a problem for each call that no database can compute."""
    for node in walk(root):
        if isinstance(node, nodes.Call) and runs_on_server(node):
            message = f"{node.name}() runs on the server only, not in the database."
            yield Problem(*node.place, "no_sql", message, _ADVICE)


def fields_on_server(checked: Checked, root: Node, on_server: IsOnServer) -> Iterator[Problem]:
    """Yield a problem for each formula field below ``root`` that no database can compute."""
    names = {name for entity, name in checked.reads if on_server(entity, name)}
    for node in walk(root) if names else ():
        if isinstance(node, nodes.Field) and node.path[-1] in names:
            message = f"The formula '{'.'.join(node.path)}' is worked out on the server only, not in the database."
            yield Problem(*node.place, "no_sql", message, "Give that field `stored: true`.")


def problems_in_sql(checked: Checked, on_server: IsOnServer) -> tuple[Problem, ...]:
    """Return what hinders an expression that the database must compute, as a filter or the rights of a role."""
    return (*calls_on_server(checked.root), *fields_on_server(checked, checked.root, on_server))


def problems_in_lists(checked: Checked, on_server: IsOnServer) -> tuple[Problem, ...]:
    """Return what hinders the figures over lists of an expression, which the database computes wherever they stand."""
    found: dict[Problem, None] = {}
    for node in walk(checked.root):
        if isinstance(node, nodes.Aggregate):
            found |= dict.fromkeys((*calls_on_server(node), *fields_on_server(checked, node, on_server)))
    return tuple(found)
