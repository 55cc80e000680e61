"""Apps and data in which every text that people or makers can write is an attack on the page that shows it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Page

from kith_metadata.kinds.entity import Field
from kith_platform.errors import Invalid
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.queries import Query, select
from support.site import APPS, Site

MARK = "data-struck"
"""The attribute that every element bears which only a payload can have made."""

PAYLOADS = (
    f"<img src=x {MARK} onerror=alert(1)>",
    f"<script {MARK}>alert(2)</script>",
    f"<svg {MARK} onload=alert(3)>",
    f'"><b {MARK}>4</b>',
    f"'><i {MARK}>5</i>",
    f'" {MARK} onfocus=alert(6) autofocus x="',
    f"' {MARK} onmouseover=alert(7) x='",
    f"</title><h1 {MARK}>8</h1>",
    f"</textarea><h2 {MARK}>9</h2>",
    f"</option></select><u {MARK}>10</u>",
    f"</script><script {MARK}>alert(11)</script>",
    f"</style><style {MARK}>*{{display:none}}</style>",
    f"<iframe {MARK} srcdoc='<script>alert(13)</script>'></iframe>",
    f"<a {MARK} href=javascript:alert(14)>x</a>",
    f"<form {MARK} action=javascript:alert(15)><button>x</button></form>",
    f"<math {MARK}><mtext></mtext></math>",
    f"<object {MARK} data=javascript:alert(17)></object>",
    f"<embed {MARK} src=javascript:alert(18)>",
    f"<details {MARK} open ontoggle=alert(19)>",
    f"<video {MARK}><source onerror=alert(20)></video>",
    f"<body {MARK} onload=alert(21)>",
    f"<base {MARK} href=https://evil.example/>",
    f"<meta {MARK} http-equiv=refresh content='0;url=//evil.example'>",
    f"<link {MARK} rel=stylesheet href=//evil.example/x.css>",
    f"<div {MARK} hx-get=/ hx-trigger=load></div>",
    f"<div {MARK} style=position:fixed;inset:0></div>",
    f"<template {MARK}><p>27</p></template>",
    f"<!--><s {MARK}>28</s>-->",
    f"&lt;img {MARK} src=x onerror=alert(29)&gt;",
    f"&#60;em {MARK}&#62;30",
    f"\\u003cimg {MARK} src=x onerror=alert(31)\\u003e",
    f"<sCrIpT/{MARK}>alert(32)</ScRiPt >",
    f"<img/{MARK}/src=`x`onerror=alert(33)>",
    "{{ 7919*7907 }}{% for x in y %}${7919*7907}#{7919*7907}",
    "javascript:alert(35)",
    f"[x](javascript:alert(36)) <b {MARK}>",
    f"\u202e<b {MARK}>37</b>",
    f"`-alert(38)-`;'-alert(38)-';<b {MARK}>",
    f"]]><b {MARK}>39</b>",
    f"<table {MARK}><tr><td>40",
)
RECKONED = "62615533"
"""What 7919*7907 gives, should some template reckon it."""

WRITTEN = frozenset({"label", "plural", "help", "description", "message", "pattern_hint", "text"})
LABELLED = {"fields": ("label", "help", "description"), "options": ("label", "description"), "columns": ("label",)}
TEXTS = frozenset({"text", "long_text", "rich_text", "json", "address", "url"})
LONGEST = 90
PORTION = 16
"""Records of each entity that are made hostile: as many as lists and boards show first."""


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2 as Kith does, where ``on`` is a word and not true."""


_Loader.yaml_implicit_resolvers = {
    sign: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:bool" or sign in "tTfF"]
    for sign, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def write_hostile_apps(folder: Path) -> Path:
    """Write the apps with a payload in every text of their metadata; return the folder."""
    payloads = cycle(PAYLOADS)
    for source in sorted(APPS.rglob("*.yaml")):
        target = folder / source.relative_to(APPS)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text("utf-8")
        if source.parent.name != "data":
            documents = [_struck(document, payloads) for document in yaml.load_all(text, _Loader)]
            text = yaml.safe_dump_all(documents, sort_keys=False, allow_unicode=True)
        target.write_text(text, "utf-8")
    return folder


def _struck(part: Any, payloads: Iterator[str], more: tuple[str, ...] = ()) -> Any:
    if not isinstance(part, dict):
        return part
    found = {key: _struck_in(key, value, payloads) for key, value in part.items()}
    written = sorted(key for key, value in found.items() if key in WRITTEN and isinstance(value, str))
    return found | {key: f"{next(payloads)} {key}" for key in (*more, *written)}


def _struck_in(key: str, value: Any, payloads: Iterator[str]) -> Any:
    if key in LABELLED and isinstance(value, dict):
        return {name: _struck(item or {}, payloads, LABELLED[key]) for name, item in value.items()}
    return _struck(value, payloads)


def strike(site: Site) -> int:
    """Write payloads into every text of the records that people see first; return how many values took one."""
    taken = 0
    payloads = cycle(PAYLOADS)
    snapshot = site.workspace.current.snapshot
    for name in snapshot.entities():
        with site.workspace.read(SYSTEM, "system") as ctx:
            ids = select(ctx, Query(name, ("id",), limit=PORTION)).ids
        fields = {key: field for key, field in snapshot.entity(name).fields.items() if field.type in TEXTS}
        for record in ids:
            wanted = {key: _value(field, next(payloads), record) for key, field in fields.items()}
            taken += _write(site, name, record, wanted)
    return taken


def _value(field: Field, payload: str, record: str) -> Any:
    if field.type == "json":
        return {payload: [payload]}
    if field.type == "address":
        return {"street": payload, "city": payload, "postal_code": payload[:20], "region": payload, "country": "NL"}
    if field.type == "url":
        return f"https://x.example/{record}?q={payload.replace(' ', '%20')}"
    if field.type == "rich_text":
        return f"<p>{payload}</p>"
    return f"{payload[:LONGEST]} {record[-4:]}"


def _write(site: Site, entity: str, record: str, wanted: Mapping[str, Any]) -> int:
    """Write all values, or one by one those that the rules of their fields allow."""
    try:
        with site.workspace.write(SYSTEM, "system") as ctx:
            records.update(ctx, entity, record, wanted)
        return len(wanted)
    except Invalid:
        if len(wanted) == 1:
            return 0
    return sum(_write(site, entity, record, {key: value}) for key, value in wanted.items())


def leave_traces(site: Site, person: str, entity: str, record: str) -> None:
    """Do as a person would what leaves texts elsewhere: a view, a token, a note with files, favourites, a notice."""
    visitor = site.visitor(person)
    at = f"/e/{entity}/{record}"
    assert visitor.post(f"/e/{entity}/views", {"label": PAYLOADS[7][:40]}).status_code == 303
    assert visitor.post("/me/tokens", {"name": PAYLOADS[3], "scope": "read", "days": "30"}).status_code == 201
    for mark in ("favourite", "follow"):
        assert visitor.post(f"{at}/mark/{mark}", {"on": "1"}).status_code in (200, 303)
    attach(site, person, entity, record)
    with site.workspace.write(SYSTEM, "system") as ctx:
        records.update(ctx, entity, record, {"owner": person})


def attach(site: Site, person: str, entity: str, record: str) -> None:
    """Add a note with a payload in its words and in the names of its files, as a person would on the page."""
    visitor = site.visitor(person)
    files = [(io.BytesIO(b"words"), f"{payload.replace('/', '')}.txt") for payload in PAYLOADS[:3]]
    text = f"{PAYLOADS[0]}\n{PAYLOADS[3]}"
    answer = visitor.post(f"/e/{entity}/{record}/add/base.note", {"text": text, "_token": "struck", "files": files})
    assert answer.status_code in (200, 303), answer.get_data(as_text=True)[:500]


WATCH = """
window.__broken = []
document.addEventListener('securitypolicyviolation', event =>
  window.__broken.push(`${event.violatedDirective} ${event.blockedURI}`))
"""

_WOUNDS = """([mark, reckoned]) => {
  const found = [...window.__broken.map(line => `policy: ${line}`)]
  for (const element of document.querySelectorAll(`[${mark}]`)) found.push(`made: ${element.outerHTML.slice(0, 160)}`)
  for (const element of document.querySelectorAll('[href], [action], [formaction], [src], [data], [hx-get], [hx-post]'))
    for (const name of ['href', 'action', 'formaction', 'src', 'data', 'hx-get', 'hx-post'])
      if (/^[\\s\\x00-\\x20]*(javascript|data:text|vbscript)/i.test(element.getAttribute(name) || ''))
        found.push(`runs: ${element.outerHTML.slice(0, 160)}`)
  if (document.documentElement.textContent.includes(reckoned)) found.push('reckoned: a template ran')
  return found
}"""


def wounds(page: Page) -> list[str]:
    """Return what payloads have done to a page."""
    return [str(line) for line in page.evaluate(_WOUNDS, [MARK, RECKONED])]
