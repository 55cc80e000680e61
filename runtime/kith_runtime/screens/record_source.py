"""The template source of a record's page: values with room, field rows and highlights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kith_metadata.kinds.entity import Field
from kith_metadata.snapshot import Snapshot
from kith_runtime.field_types import field_types
from kith_runtime.field_types._speaking import shown_as
from kith_runtime.queries.columns import target_entity
from kith_runtime.screens.cells import CellWriter, verbatim, who
from kith_runtime.screens.form_shape import label_of, must_have
from kith_runtime.screens.row_state import day_of, named

_TEXTS = frozenset({"textarea", "rich", "json"})
"""Texts of any length: their first lines are shown, and the rest on demand."""
_LONG = _TEXTS | {"address"}


class ValueWriter(CellWriter):
    """Writes values with the room of a record's page: files as links, long texts whole, chosen records as links."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self.constants["who"] = who

    def content(self, declared: Field, value: str) -> str:
        """Return the source of a value that is not blank, in little room."""
        kind = field_types[declared.type]
        if kind.control == "lookup" or target_entity(declared):
            return "{{ who(" + value + ") }}"
        if kind.control == "lookups":
            return '<span class="k-line">{% for item in ' + value + " %}{{ who(item) }}{% endfor %}</span>"
        return self.or_reason(declared, value, kind.cell(declared, value, self.snapshot, self.prefix(declared, value)))

    def detail(self, declared: Field, value: str) -> str:
        """Return the source of a value that is not blank, where there is room for all of it."""
        kind = field_types[declared.type]
        if kind.control == "file":
            picture = '<img class="k-thumb" src="/files/{{ ' + value + '.key }}/thumbnail/64" alt="">'
            return (
                (picture if declared.type == "image" else "")
                + '<a class="k-file" href="/files/{{ ' + value + '.key }}">{{ icon("paperclip", "k-i-14") }}'
                '<bdi class="k-trunc">{{ ' + value + ".name }}</bdi></a>"
            )  # fmt: skip
        if kind.control in ("lookup", "lookups") or target_entity(declared):
            return self.content(declared, value)
        shown = kind.detail(declared, value, self.snapshot, self.prefix(declared, value))
        return self.or_reason(declared, value, shown)


@dataclass(frozen=True, slots=True)
class RowUse:
    """What a person may do with fields: change them, and look at what they held before."""

    editable: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    """Fields that are shown under a condition."""


def row_source(writer: ValueWriter, declared: Field, value: str, use: RowUse) -> tuple[str, str]:
    """Return the source of a field's row with its value, and of the same without one.

    ``edit`` is where the form stands for whoever may change the record, ``at`` the record's address, ``gone`` the
    fields whose conditions do not hold. The pencil is a link to the form; a script swaps the row for its editor.
    """
    name, label = declared.name, verbatim(label_of(declared))
    editable = name in use.editable
    long = " k-long" if field_types[declared.type].control in _LONG else ""
    gone = f'{{% if "{name}" in gone %}} hidden{{% endif %}}' if name in use.conditional else ""
    opening = (
        f'<div class="k-f{long}{{{{ more }}}}" id="v-{name}" data-value{gone}'
        '{% if oob %} hx-swap-oob="true"{% endif %}>'
        f'<dt title="{label}">{label}</dt><dd>'
    )
    swap = f'href="{{{{ edit }}}}#f-{name}" hx-get="{{{{ at }}}}/field/{name}"'
    go = f'<a class="go" {swap} aria-label="Edit {label}">{{{{ icon("pencil", "k-i-14") }}}}</a>'
    add = f'<a class="k-add-v" {swap} aria-label="Add {label}">Add</a>'
    dash = '<span class="k-empty">–</span>'
    past = (
        f'<a class="k-past" href="{{{{ at }}}}/history/{name}" data-past aria-label="History of {label}">'
        '{{ icon("history", "k-i-14") }}</a>'
    )
    past = past if name in use.kept else ""
    closing = "</dd></div>"
    cut = " data-cut" if field_types[declared.type].control in _TEXTS else ""
    shown = f'<span class="k-v"><span class="k-val"{cut}>{writer.detail(declared, value)}</span>'
    filled = opening + shown + (f"{{% if edit %}}{go}{{% endif %}}" if editable else "") + "</span>" + past + closing
    blank = opening + (f"{{% if edit %}}{add}{{% else %}}{dash}{{% endif %}}" if editable else dash) + past + closing
    return filled, blank


def section_source(writer: ValueWriter, fields: Sequence[Field], use: RowUse) -> str:
    """Return the source of field rows: those with a value or that must have one, then the others, folded together.

    A field that is shown under a condition stands among the first: where it is shown, it matters.
    """
    filled, blank, counted = [], [], []
    for number, declared in enumerate(fields):
        value = f"v{number}"
        with_value, without = row_source(writer, declared, value, use)
        if must_have(declared) or declared.name in use.conditional:
            filled.append("{% if " + value + " is not none %}" + with_value + "{% else %}" + without + "{% endif %}")
            continue
        filled.append("{% if " + value + " is not none %}" + with_value + "{% endif %}")
        blank.append("{% if " + value + " is none %}" + without + "{% endif %}")
        counted.append(value)
    return (
        # A list and no sum: an expression of a thousand parts is nested deeper than templates can be read.
        "{% set empty = [" + ", ".join(counted) + "]|select('none')|list|length %}"
        "{% if empty < " + str(len(fields)) + ' %}<dl class="k-dl">' + "".join(filled) + "</dl>{% endif %}"
        '{% if empty %}<details class="k-blank"><summary>{{ icon("chevron-right", "k-i-14 k-turn") }}{{ empty }} empty '
        "{{ 'field' if empty == 1 else 'fields' }}</summary><dl class=\"k-dl\">"
        + "".join(blank)
        + "</dl></details>{% endif %}"
    )


def highlight_source(writer: ValueWriter, fields: Sequence[Field], chosen: Sequence[str]) -> str:
    """Return the source of the highlights: the ``chosen`` of the fields, the others are read beside them."""
    names, own, parts = named(fields, "v"), {item.name: item for item in fields}, []
    for name in (name for name in chosen if name in own):
        declared, value = own[name], names[name]
        is_due, day = shown_as(declared.options) == "due", day_of(declared, own, chosen, names)
        shown = _due(writer, declared, value) if is_due else writer.cell(declared, value, day)
        opening = f'<div><dt>{verbatim(label_of(declared))}</dt><dd><span class="k-val k-trunc">'
        parts.append(opening + shown + "</span></dd></div>")
    return "".join(parts)


def _due(writer: ValueWriter, declared: Field, value: str) -> str:
    """Return the source of a day that has room for both its date and what that means for today."""
    blank = '<span class="k-empty">–</span>'
    return "{% if " + value + " is none %}" + blank + "{% else %}" + writer.detail(declared, value) + "{% endif %}"
