"""The addresses of the generated screens, in one place."""

from __future__ import annotations

from urllib.parse import quote, urlencode


def list_address(entity: str, view: str = "", **query: str) -> str:
    """Return the address of an entity's list, of a view if one is named."""
    parameters = {"view": view, **query}
    text = urlencode({name: value for name, value in parameters.items() if value})
    return f"/e/{quote(entity)}" + (f"?{text}" if text else "")


def new_address(entity: str, **values: str) -> str:
    """Return the address of an empty create form; ``values`` prefill fields."""
    text = urlencode(values)
    return f"/e/{quote(entity)}/new" + (f"?{text}" if text else "")


def record_address(entity: str, record: str) -> str:
    """Return the address of a record's page."""
    return f"/e/{quote(entity)}/{quote(record)}"


def edit_address(entity: str, record: str) -> str:
    """Return the address of a record's edit form."""
    return record_address(entity, record) + "/edit"


def bin_address(entity: str) -> str:
    """Return the address of an entity's recycle bin."""
    return f"/e/{quote(entity)}/bin"


def safe_next(target: str | None) -> str:
    """Return where to go after signing in: an address of this site, else the home page.

    Only a path may be named; ``//host`` and backslashes, which browsers read as another site, are not.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    return target if target.isprintable() else "/"
