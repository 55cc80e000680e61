"""What a form's template says of conditions: parts that come and go, stars that come and go, values that are locked."""

from __future__ import annotations

from collections.abc import Mapping

from kith_metadata.kinds.entity import Field
from kith_runtime.records.rules import Condition
from kith_runtime.screens.cells import verbatim

_STAR = '<span class="k-req" aria-hidden="true"{}>*</span>'


def shown_if(when: str) -> str:
    """Return the attributes of an element that is shown under a condition, as it holds when the page is drawn."""
    if not when:
        return ""
    return f' data-show="{when}"' + "{% if shown is defined and not shown." + when + " %} hidden{% endif %}"


def group(conditions: Mapping[str, Condition], when: str, columns: int, parts: str) -> str:
    """Put parts that are shown under a condition into a group that says why they are there."""
    if not when:
        return parts
    why = "Shown because " + verbatim(conditions[when].words or "of other answers")
    return (
        f'<div class="k-cond"{shown_if(when)}>'
        '<p>{{ icon("git-branch", "k-i-14") }}' + f"<span>{why}</span></p>"
        f'<div class="k-fg" data-columns="{columns}">{parts}</div></div>'
    )


def star(declared: Field, required: bool) -> str:
    """Return the star of a field that must be filled in, always or under a condition."""
    if required or not declared.required_if:
        return _STAR.format("") if required else ""
    holds = "shown is defined and shown.r_" + declared.name
    return _STAR.format(" data-required-mark{% if not (" + holds + ") %} hidden{% endif %}")


def lock(declared: Field, locks: Mapping[str, str]) -> str:
    """Return the line that says why a value stays as it is, for a field that can be locked here."""
    if declared.name not in locks:
        return ""
    holds = "shown is defined and shown.l_" + declared.name
    words = locks[declared.name]
    why = f"Locked because {verbatim(words)}." if words else "Locked as long as the record is like this."
    return '<p class="k-help" data-locked-why{% if not (' + holds + f") %}} hidden{{% endif %}}>{why}</p>"


def row_formula(name: str) -> str:
    """Return the place of a value of a row that is worked out while one types."""
    return (
        '<output class="k-fixed-v{% if s.failed %} k-failed{% endif %}" '
        f'data-row-formula="{name}" dir="auto">{{{{ s.shown or "–" }}}}</output>'
    )


def formula(name: str) -> str:
    """Return the place of a value that is worked out while one types."""
    return (
        '<output class="k-fixed-v{% if states.' + name + '.failed %} k-failed{% endif %}" '
        f'data-formula="{name}" dir="auto">{{{{ states.' + name + '.shown or "–" }}</output>'
    )
