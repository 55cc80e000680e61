"""An app of many entities, as a large installation has them."""

from __future__ import annotations

from pathlib import Path

_TYPES = (
    "{type: text, required: true, max_length: 120, search: true}",
    "{type: text, max_length: 200}",
    "{type: choice, options: {open: {label: Open}, done: {label: Done, closed: true}}, default: open}",
    "{type: money, currency: EUR, min: 0}",
    "{type: date}",
    "{type: datetime}",
    "{type: integer, min: 0}",
    "{type: boolean}",
    "{type: email}",
    "{type: percent}",
)


def write_app(folder: Path, entities: int, fields: int = 20, name: str = "bulk") -> Path:
    """Write an app of so many entities with so many fields each, one file an entity, and return its folder."""
    app = folder / name
    (app / "entities").mkdir(parents=True, exist_ok=True)
    (app / "app.yaml").write_text(f"app: {name}\nlabel: Bulk\nversion: 1.0.0\nrequires: {{base: '>=1.0'}}\n", "utf-8")
    for number in range(entities):
        (app / "entities" / f"thing_{number}.yaml").write_text(_entity(number, fields), "utf-8")
    grants = "\n".join(
        f"  thing_{number}: {{create: true, read: team, update: own, delete: own}}" for number in range(entities)
    )
    (app / "role.yaml").write_text(f"role: member\nlabel: Bulk member\ngrants:\n{grants}\n", "utf-8")
    return folder


def _entity(number: int, fields: int) -> str:
    lines = [
        f"entity: thing_{number}",
        f"label: Thing {number}",
        f"plural: Things {number}",
        "title: field_0",
        "fields:",
    ]
    lines += [f"  field_{place}: {_TYPES[place % len(_TYPES)]}" for place in range(fields - 1)]
    target = f"thing_{number - 1}" if number else "base.user"
    lines.append(f"  behind: {{type: lookup, to: {target}, on_delete: clear}}")
    return "\n".join(lines) + "\n"
