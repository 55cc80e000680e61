"""An app: the unit that is installed, upgraded and removed together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kith_metadata.kinds import kinds
from kith_metadata.spec import prop


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value that an administrator may set for everybody, which expressions read as ``setting("app.name")``."""

    name: str
    label: str = prop("Label", "What administrators see; made from the name when left out.", default="")
    help: str = prop("Help", "One sentence below the input.", default="")
    type: Literal["text", "integer", "decimal", "percent", "boolean", "date"] = prop("Type", "The type of the value.")
    default: Any = prop("Default", "The value until an administrator sets one; blank when left out.", default=None)


@kinds.register("app")
@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """What is installed together: its name, version and the apps that it stands on.

    ``requires`` maps an app's name to the versions that fit (``">=1.0"``); the order of layers follows from it.
    ``customer`` marks the one app that holds a customer's own changes; its names start with ``x_``.
    """

    name: str
    label: str = prop("Label", "The name that people see.")
    version: str = prop("Version", "Three numbers, such as 1.2.0.", schema={"pattern": r"^\d+\.\d+\.\d+$"})
    spec: int = prop("Language version", "The version of the metadata language.", default=1, schema={"enum": [1]})
    language: str = prop(
        "Language",
        "The language of the labels, such as de. Where all apps are English, labels lose their first capital inside "
        "sentences: New lead.",
        default="en",
        schema={"pattern": r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"},
    )
    description: str = prop("Description", "One or two sentences for the list of apps.", default="")
    icon: str = prop("Icon", "The name of a Tabler icon.", default="apps", editor="icon")
    hue: str = prop("Colour", "The hue of the app's mark.", default="indigo", editor="hue")
    requires: Mapping[str, str] = prop("Requires", "Apps that this one stands on, with their versions.", default={})
    settings: Mapping[str, Setting] = prop(
        "Settings", "Values for expressions that administrators may set.", default={}, merge="by_key"
    )
    customer: bool = prop("Customer layer", "Holds a customer's own changes.", default=False, customise="locked")
