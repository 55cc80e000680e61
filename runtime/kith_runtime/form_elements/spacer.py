"""An empty place that keeps what follows in its column."""

from __future__ import annotations

from kith_runtime.form_elements import form_elements
from kith_runtime.form_elements.base import FormElement


@form_elements.register("spacer")
class Spacer(FormElement):
    """Takes the room of one field; on a phone it takes none."""

    name = "spacer"
    label = "Empty place"
    help = "Leaves the place of one field empty, so that the next stands in the other column."
    icon = "space"
