"""What a browser would send of a form that a page holds, read from its markup."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class _Form(HTMLParser):
    """Collects the inputs of the form with one id, templates left out."""

    form: str
    values: dict[str, list[str]] = field(default_factory=dict)
    inside: bool = False
    templates: int = 0
    area: str = ""
    menu: str = ""
    first: str | None = None
    chosen: str | None = None
    option: bool = False
    option_value: str | None = None

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("id") == self.form
        if tag == "template":
            self.templates += 1
        if not self.inside or self.templates:
            return
        name, kind = given.get("name") or "", given.get("type", "text")
        if tag == "input" and name and kind != "file" and (kind not in ("checkbox", "radio") or "checked" in given):
            self.values.setdefault(name, []).append(given.get("value") or "")
        elif tag == "textarea":
            self.area = name
            self.values[name] = [""]
        elif tag == "select":
            self.menu, self.first, self.chosen = name, None, None
        elif tag == "option" and self.menu:
            self.option, self.option_value = True, given.get("value")
            if "selected" in given:
                self.chosen = given.get("value") or ""
            self.first = given.get("value") or "" if self.first is None else self.first
            self.selected = "selected" in given

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area][0] += data
        elif self.option and self.option_value is None:
            if self.chosen == "" and self.selected:
                self.chosen = data
            self.first = self.first or data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.templates -= 1
        elif tag == "textarea" and self.area:
            self.values[self.area][0] = self.values[self.area][0].removeprefix("\n")
            self.area = ""
        elif tag == "option":
            self.option = False
        elif tag == "select" and self.menu:
            self.values.setdefault(self.menu, []).append(self.chosen if self.chosen is not None else self.first or "")
            self.menu = ""
        elif tag == "form":
            self.inside = False


def form_values(html: str, form: str = "form") -> dict[str, list[str]]:
    """Return what the form of a page holds, as a browser would send it: a list of texts for each name."""
    found = _Form(form)
    found.feed(html)
    return {name: values for name, values in found.values.items() if name}
