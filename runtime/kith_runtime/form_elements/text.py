"""A sentence for the person who fills the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kith_metadata.kinds.form import ElementOptions
from kith_metadata.spec import prop
from kith_runtime.form_elements import form_elements
from kith_runtime.form_elements.base import FormElement


@form_elements.register("text")
class Text(FormElement):
    """Words between the fields: an explanation or a warning. No HTML."""

    name = "text"
    label = "Text"
    help = "A sentence between the fields, such as what happens with them."
    icon = "info-circle"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(ElementOptions):
        """The words and their weight."""

        text: str = prop("Text", "What people read.", schema={"minLength": 1, "maxLength": 2000})
        tone: Literal["note", "warning"] = prop("Tone", "A warning stands out.", default="note")
