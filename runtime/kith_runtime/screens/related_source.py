"""The template source of related lists: a table that folds into lines of two where there is little room."""

from __future__ import annotations

from collections.abc import Sequence

from kith_metadata.kinds.entity import Entity, Field
from kith_runtime.field_types import field_types
from kith_runtime.queries.columns import target_entity
from kith_runtime.screens.cells import said, verbatim
from kith_runtime.screens.form_shape import label_of
from kith_runtime.screens.record_source import ValueWriter
from kith_runtime.screens.row_state import named, row_state

_NUMBERS = frozenset({"money", "decimal", "integer", "percent"})
_MUTE = frozenset({"date", "datetime", "time", "duration"})
"""Types whose values do not tell by themselves what they are of, beside bare numbers."""


def related_source(writer: ValueWriter, entity: Entity, fields: Sequence[Field]) -> str:
    """Return the source of a list's rows.

    It is drawn with ``rows`` (id, values, whether the row may be changed, whether it may leave), ``address`` of a
    record, ``at`` of the list, ``slot`` for its form, ``form`` that takes rows out, ``leave`` (the words for that)
    and ``tools``, false on paper.
    """
    names = [f"v{number}" for number in range(len(fields))]
    unpack = "{% set " + ", ".join(names) + " = row" + ("[0]" if len(names) == 1 else "") + " %}" if names else ""
    lead = _lead(writer, entity, fields)
    figure = figure_of(fields)
    cells = "".join(
        _cell(writer, fields[number], names[number], is_figure=number == figure) for number in range(1, len(fields))
    )
    menu = "{% if tools %}" + _menu(writer, entity, _name(writer, fields)) + "{% endif %}"
    state = row_state(writer, entity.name, {item.name: item for item in fields}, named(fields, "v"))
    row = f'{state}<tr data-record="{{{{ id }}}}">{lead}{cells}{menu}</tr>'
    return "{% for id, row, changes, leaves in rows %}" + unpack + row + "{% endfor %}"


def figure_of(fields: Sequence[Field]) -> int | None:
    """Return the place of what stands at the end of a line: the last amount, else the last number or a first choice."""
    amounts = [number for number, item in enumerate(fields) if number and _is_money(item)]
    numbers = [number for number, item in enumerate(fields) if number and item.type in _NUMBERS]
    if found := amounts or numbers:
        return found[-1]
    choices = (number for number, item in enumerate(fields) if number and item.type == "choice")
    return next(choices, None) if fields and is_link(fields[0]) else None


def is_link(declared: Field) -> bool:
    """Tell whether a field points to one other record."""
    return bool(target_entity(declared))


def ends(declared: Field) -> bool:
    """Tell whether a value stands at the end of its column, as numbers do; a formula stands as what it returns."""
    word = getattr(declared.options, "returns", "") or declared.type
    return word in field_types and field_types[word].align == "end"


def _lead(writer: ValueWriter, entity: Entity, fields: Sequence[Field]) -> str:
    opening = '<td class="p-lead"><div class="k-title">'
    if not fields:
        label = verbatim(writer.snapshot.said(entity.label))
        return opening + f'<a class="k-trunc" href="{{{{ address(id) }}}}">Open {label}</a></div></td>'
    if is_link(fields[0]):
        shown = '{% if v0 is none %}<span class="k-3">–</span>{% else %}{{ who(v0) }}{% endif %}'
    else:
        words = "{{ " + writer.text(fields[0], "v0") + ' or "Untitled" }}'
        untitled = '<a class="k-trunc k-3" href="{{ address(id) }}">Untitled</a>'
        named = '<a class="k-trunc" href="{{ address(id) }}"><bdi>' + words + "</bdi></a>"
        shown = "{% if v0 is none %}" + untitled + "{% else %}" + named + "{% endif %}"
    return opening + shown + "</div></td>"


def _cell(writer: ValueWriter, declared: Field, value: str, *, is_figure: bool) -> str:
    """Return the source of a cell; its label is said where the line has no headings."""
    classes = "p-fig" if is_figure else "p-more"
    classes += " r k-num" if ends(declared) else ""
    label = verbatim(label_of(declared))
    none = f'<span class="k-empty">–<span class="k-vh">no {verbatim(said(writer.snapshot, declared))}</span></span>'
    empty = f'<td class="{classes} is-blank">{none}</td>'
    if declared.type == "boolean":
        shown = f'<td class="{classes}"><span class="k-role">{label}</span></td>'
        return "{% if " + value + " is true %}" + shown + "{% else %}" + empty + "{% endif %}"
    mute = (
        " is-said" if not is_figure and (declared.type in _MUTE or ends(declared)) and not _is_money(declared) else ""
    )
    content = f'<span class="k-lb{mute}">{label} </span><span class="k-trunc">{writer.content(declared, value)}</span>'
    return "{% if " + value + " is none %}" + empty + f'{{% else %}}<td class="{classes}">{content}</td>{{% endif %}}'


def _name(writer: ValueWriter, fields: Sequence[Field]) -> str:
    """Return the template expression of the words that tell a row from the others."""
    if not fields:
        return '""'
    if is_link(fields[0]):
        return '(v0.title or "" if v0 is not none else "")'
    return f'({writer.text(fields[0], "v0")} if v0 is not none else "")'


def _menu(writer: ValueWriter, entity: Entity, name: str) -> str:
    label = verbatim(writer.snapshot.said(entity.label))
    opening = (
        '<td class="p-menu"><details class="k-details end" data-menu>'
        f'<summary class="btn btn-ghost btn-icon btn-xs" aria-label="Actions for {{{{ {name} or "this row" }}}}">'
        '{{ icon("dots", "k-i-14") }}</summary><div class="k-pop k-menu">'
    )
    links = f'<a href="{{{{ address(id) }}}}">{{{{ icon("external-link") }}}}<span>Open {label}</span></a>'
    edit = (
        '{% if changes %}<a href="{{ address(id) }}/edit" hx-get="{{ at }}/edit/{{ id }}" hx-target="#{{ slot }}" '
        'hx-swap="innerHTML">{{ icon("pencil") }}<span>Edit here</span></a>{% endif %}'
    )
    leave = (
        '{% if leaves %}<button class="is-bad" form="{{ form }}" name="remove" value="{{ id }}" '
        'hx-post="{{ at }}/remove" hx-target="closest [data-related]" hx-swap="outerHTML" hx-sync="this:drop">'
        '{{ icon("unlink" if unlinks else "trash") }}<span>{{ leave }}</span></button>{% endif %}'
    )
    return opening + links + edit + leave + "</div></details></td>"


def _is_money(declared: Field) -> bool:
    return declared.type == "money" or getattr(declared.options, "returns", "") == "money"
