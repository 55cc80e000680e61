"""Names: which are kept for the system, which for customers, and former names that are still in use."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.checks import CheckContext, checks, field_names
from kith_metadata.issues import Issue
from kith_metadata.kinds.entity import RESERVED_FIELDS, SYSTEM_FIELDS, Entity
from kith_metadata.layered import Layered
from kith_metadata.registry import nearest

CUSTOMER_PREFIX = "x_"


@checks.register("names")
def check_names(context: CheckContext) -> Iterator[Issue]:
    """Yield what is wrong with names of documents and fields."""
    customers = {app.name for app in context.loaded.apps if app.customer}
    for layered in context.layered.values():
        if layered.kind != "app":
            yield from _document_name(context, layered, layered.app in customers)
            yield from _former_name(context, layered)
    for layered, entity in context.of_kind("entity"):
        yield from _fields(context, layered, entity, customers)
        yield from _title(context, layered, entity)


def _document_name(context: CheckContext, layered: Layered, customer: bool) -> Iterator[Issue]:
    name = layered.document.name
    place = layered.document.places.value((layered.kind,))
    if customer and not name.startswith(CUSTOMER_PREFIX):
        message = f"'{name}' belongs to the customer's layer, whose names start with x_."
        yield Issue("KM040", place, message, f"Call it 'x_{name}'; its label may be any text.", layered.kind)
    if not customer and name.startswith(CUSTOMER_PREFIX):
        message = f"'{name}' starts with x_, which is kept for the customer's layer."
        yield Issue("KM041", place, message, f"Call it '{name.removeprefix(CUSTOMER_PREFIX)}'.", layered.kind)


def _former_name(context: CheckContext, layered: Layered) -> Iterator[Issue]:
    was = layered.data.get("was")
    if isinstance(was, str) and was and context.references.has(layered.kind, f"{layered.app}.{was}"):
        noun = layered.kind.replace("_", " ")
        message = f"'{was}' cannot be the former name: there is still an {noun} of that name."
        yield context.issue("KM064", layered, ("was",), message, "Remove `was`, or the old document.")
    elif isinstance(was, str) and was:
        others = [other for other, _ in context.of_kind(layered.kind) if other.app == layered.app]
        heirs = [other.document.name for other in others if other.data.get("was") == was]
        if len(heirs) > 1 and layered.document.name != heirs[0]:
            message = f"'{was}' is already the former name of '{heirs[0]}': its data can go to one only."
            yield context.issue("KM064", layered, ("was",), message, "Leave `was` at one of them.")


def _fields(context: CheckContext, layered: Layered, entity: Entity, customers: set[str]) -> Iterator[Issue]:
    heirs: dict[str, str] = {}
    for name, field in entity.fields.items():
        path = ("fields", name)
        if name in RESERVED_FIELDS:
            kept = "a system field of every entity" if name in SYSTEM_FIELDS else "a word of the expression language"
            if name == "owner":
                kept = "the field of the record's owner, which every entity with ownership: user has"
            message = f"'{name}' cannot be the name of a field: it is {kept}."
            yield context.key_issue("KM042", layered, path, message, f"Call it, for example, '{_other(name)}'.")
        if name.startswith(CUSTOMER_PREFIX) and layered.layer(path) not in customers:
            message = f"'{name}' starts with x_, which is kept for the customer's layer."
            hint = f"Call it '{name.removeprefix(CUSTOMER_PREFIX)}'."
            yield context.key_issue("KM041", layered, path, message, hint)
        if field.was and field.was in entity.fields:
            message = f"'{field.was}' cannot be the former name: there is still a field of that name."
            yield context.issue("KM064", layered, (*path, "was"), message, "Remove `was`, or the old field.")
        if field.was and heirs.setdefault(field.was, name) != name:
            message = f"'{field.was}' is already the former name of '{heirs[field.was]}': its data can go to one only."
            yield context.issue("KM064", layered, (*path, "was"), message, "Leave `was` at one of them.")


def _other(name: str) -> str:
    return {"owner": "responsible", "new": "is_new", "old": "is_old"}.get(name, f"own_{name}")


def _title(context: CheckContext, layered: Layered, entity: Entity) -> Iterator[Issue]:
    if "title" in layered.data or entity.title in entity.fields:
        return
    guess = nearest(entity.title, field_names(entity)) or next(iter(entity.fields), "")
    message = f"'{layered.document.name}' has no field 'name', and no title says which field names a record."
    hint = f"Write: title: {guess}" if guess else "Add a field."
    yield Issue("KM053", layered.document.place, message, hint, "title")
