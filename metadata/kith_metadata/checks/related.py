"""Related lists and menus: what points here, and what an entry opens."""

from __future__ import annotations

from collections.abc import Iterator

from kith_metadata.checks import CheckContext, checks
from kith_metadata.issues import Issue
from kith_metadata.kinds.form import Form
from kith_metadata.layered import Layered


@checks.register("related")
def check_related(context: CheckContext) -> Iterator[Issue]:
    """Yield related lists whose lookup does not point here, and menu entries that open nothing or two things."""
    for layered, form in context.of_kind("form"):
        yield from _related_lists(context, layered, form)
    for layered, menu in context.of_kind("menu"):
        for name, item in menu.items.items():
            if bool(item.entity) == bool(item.view):
                said = "both an entity and a view" if item.entity else "neither an entity nor a view"
                message = f"The entry '{name}' names {said}."
                hint = "Name one of them: entity: deal, or view: my_open_deals."
                yield context.key_issue("KM055", layered, ("items", name), message, hint)


def _related_lists(context: CheckContext, layered: Layered, form: Form) -> Iterator[Issue]:
    for name, related in form.related.items():
        other = context.entity(related.entity)
        if other is None or (related.by in ("owner", "created_by", "updated_by") and form.entity == "base.user"):
            continue
        path = ("related", name, "by")
        field = other.fields.get(related.by)
        pointing = [key for key, item in other.fields.items() if _points(context, item.options, form.entity)]
        hint = f"Possible: {', '.join(pointing)}." if pointing else f"Give {related.entity} a lookup to {form.entity}."
        if field is None:
            message = f"'{related.by}' is not a field of {related.entity}."
            yield context.issue("KM054", layered, path, message, hint)
        elif not _points(context, field.options, form.entity):
            message = f"'{related.by}' of {related.entity} does not point to {form.entity}."
            yield context.issue("KM054", layered, path, message, hint)


def _points(context: CheckContext, options: object, entity_name: str) -> bool:
    """Tell whether a field's options point to the entity: by name, in a list, or to all that have activities."""
    target = getattr(options, "to", None)
    if target == entity_name or (isinstance(target, (tuple, list)) and entity_name in target):
        return True
    entity = context.entity(entity_name)
    return bool(getattr(options, "activities", False)) and (entity is None or entity.activities)
