"""What types say of their own options: every field, form element and view is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kith_metadata.checks import OPTION_PROBLEM, CheckContext, checks
from kith_metadata.issues import Issue
from kith_metadata.kinds.form import Form, Section
from kith_metadata.layered import Layered, at
from kith_metadata.yaml_reader import Path


@checks.register("options")
def check_options(context: CheckContext) -> Iterator[Issue]:
    """Yield the problems that types find in their options."""
    types = context.language.variants
    for layered, entity in context.of_kind("entity"):
        for name, field in entity.fields.items():
            problems = types["field_types"][field.type].problems
            if problems is not None and not _waits(context, layered, ("fields", name)):
                yield from _issues(context, layered, ("fields", name), problems(field, context.snapshot))
    for layered, form in context.of_kind("form"):
        if context.entity(form.entity) is not None:
            yield from _elements(context, layered, form)
    for layered, view in context.of_kind("view"):
        problems = types["view_types"][view.type].problems
        if problems is not None and context.entity(view.entity) is not None:
            yield from _issues(context, layered, (), problems(view, context.snapshot))


def _waits(context: CheckContext, layered: Layered, path: Path) -> bool:
    """Tell whether something that the field refers to is broken, so that its type cannot look at it."""
    if not context.broken:
        return False
    for occurrence in context.occurrences(layered):
        kind = occurrence.declared.refers
        if occurrence.path[:2] != path or kind not in context.language.kinds:
            continue
        names = occurrence.value if isinstance(occurrence.value, list) else [occurrence.value]
        for name in names:
            found = context.references.find(kind, str(name), layered.layer(occurrence.path))
            if isinstance(found, str) and f"{kind}:{found}" in context.broken:
                return True
    return False


def _elements(context: CheckContext, layered: Layered, form: Form) -> Iterator[Issue]:
    yield from _sections(context, layered, form, form.sections, ())
    for name, tab in form.tabs.items():
        yield from _sections(context, layered, form, tab.sections, ("tabs", name))


def _sections(
    context: CheckContext, layered: Layered, form: Form, sections: Mapping[str, Section], path: Path
) -> Iterator[Issue]:
    types = context.language.variants["form_elements"]
    for section_name, section in sections.items():
        for name, element in section.elements.items():
            problems = types[element.element].problems
            entity = getattr(element.options, "entity", "")
            if problems is None or f"entity:{entity}" in context.broken:
                continue
            where = (*path, "sections", section_name, "elements", name)
            yield from _issues(context, layered, where, problems(element, form.entity, context.snapshot))


def _issues(
    context: CheckContext, layered: Layered, path: Path, problems: tuple[tuple[str, str], ...]
) -> Iterator[Issue]:
    for option, sentence in problems:
        inner = (*path, *option.split("."))
        given = at(layered.data, inner) is not None
        make = context.issue if given else context.key_issue
        yield make(OPTION_PROBLEM, layered, inner if given else path, sentence)
