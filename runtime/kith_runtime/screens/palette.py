"""The command palette and the search box: where one may go, what one may make, and records as one types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request
from markupsafe import Markup

from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.field_types.system import fields_of
from kith_runtime.queries import titles
from kith_runtime.queries.search.find import Group, Hit, search
from kith_runtime.queries.search.words import asked_words
from kith_runtime.queries.titling import title_question
from kith_runtime.screens.addresses import list_address, new_address, record_address
from kith_runtime.screens.administration.frame import sections_of
from kith_runtime.screens.list_shape import plural_of, views_for
from kith_runtime.screens.list_state import ALL
from kith_runtime.screens.search import LONGEST, marked
from kith_runtime.screens.shell import shell_of, shell_stamp
from kith_runtime.web.state import context, server

blueprint = Blueprint("palette", __name__)

HITS = 4
MOST_RECENT = 12
MOST_FOLLOWING = 3
_ID_LENGTH = 20

Entry = Mapping[str, Any]


@blueprint.get("/palette/entries")
def show_entries() -> Response:
    """Answer all that does not depend on records; the address carries a stamp, so a browser may keep the answer."""
    ctx = context()
    response = jsonify({"entries": [*_go(ctx), *_create(ctx), *_views(ctx), *_settings(ctx), *_apps(ctx)]})
    if request.args.get("v") == shell_stamp(ctx, server().assets.url("icons.svg")):
        response.headers["Cache-Control"] = "private, max-age=86400"
    return response


@blueprint.get("/palette/search")
def show_hits() -> Response:
    """Answer records that hold the words, grouped by entity; the title is in parts, the found ones marked."""
    ctx = context()
    text = request.args.get("q", "")[:LONGEST].strip()
    seen = _given(request.args.get("recent", ""))
    groups = _ordered(ctx, search(ctx, text, HITS), seen) if text else []
    words = asked_words(text)
    found = [_group(ctx, group, words, text) for group in groups]
    hits = sorted((hit for group in groups for hit in group.hits), key=lambda hit: not _names(ctx, hit))
    first = hits[0] if hits else None
    following = list(_following(ctx, first.entity, first.id, first.title)) if first is not None else []
    return jsonify({"groups": found, "following": following})


@blueprint.get("/palette/recent")
def show_recent() -> Response:
    """Answer the titles of records that this browser remembers, as far as the person may see them now."""
    ctx = context()
    wanted = _given(request.args.get("recent", ""))
    by_entity: dict[str, list[str]] = {}
    for entity, record in wanted:
        by_entity.setdefault(entity, []).append(record)
    known: dict[tuple[str, str], Entry] = {}
    for entity, records in by_entity.items():
        if ctx.snapshot.has("entity", entity) and rights_for(ctx, entity).visible:
            known.update(_named(ctx, entity, records))
    return jsonify({"records": [known[key] for key in wanted if key in known]})


def _given(text: str) -> list[tuple[str, str]]:
    """Return the records that a browser names as ``entity:id`` with commas, without repetition."""
    pairs = [part.partition(":") for part in text[:2000].split(",")]
    found = {(entity, record): None for entity, _, record in pairs if len(record) == _ID_LENGTH and record.isalnum()}
    return list(found)[:MOST_RECENT]


def _named(ctx: Context, entity: str, records: Sequence[str]) -> Iterator[tuple[tuple[str, str], Entry]]:
    declared = ctx.snapshot.entity(entity)
    named = titles(ctx, entity, records)
    second = title_question(ctx, entity, declared.subtitle, records) if declared.subtitle else {}
    for record, title in named.items():
        shown = title or f"Untitled {ctx.snapshot.said(declared.label)}"
        hint = " · ".join(part for part in (declared.label, second.get(record, "")) if part)
        yield (
            (entity, record),
            {"label": shown, "hint": hint, "url": record_address(entity, record), "icon": icon_of(declared.icon)},
        )


def icon_of(name: str) -> str:
    """Return an icon's markup; it comes from the built front end and never from data."""
    return str(server().assets.icon(name))


def _names(ctx: Context, hit: Hit) -> bool:
    """Tell whether the words stand in the title of what was found."""
    return hit.field == ctx.snapshot.entity(hit.entity).title


def _ordered(ctx: Context, groups: Sequence[Group], seen: Sequence[tuple[str, str]]) -> list[Group]:
    """Return the groups in the order of the navigation, what the person looked at lately before all else."""
    items = [item.entity for group in shell_of(ctx).groups for item in group.items]
    order = {name: number for number, name in reversed(list(enumerate(items)))}
    places = {key: number for number, key in enumerate(seen)}
    sorted_hits = [
        Group(
            group.entity,
            sorted(group.hits, key=lambda hit: (places.get((hit.entity, hit.id), len(places)), not _names(ctx, hit))),
            group.more,
        )
        for group in groups
    ]
    newest = {
        group.entity: min(places.get((hit.entity, hit.id), len(places)) for hit in group.hits) for group in sorted_hits
    }
    named = {group.entity for group in groups if any(_names(ctx, hit) for hit in group.hits)}
    return sorted(
        sorted_hits,
        key=lambda group: (newest[group.entity], group.entity not in named, order.get(group.entity, len(items))),
    )


def _group(ctx: Context, group: Group, words: Sequence[str], text: str) -> Entry:
    declared = ctx.snapshot.entity(group.entity)
    records = []
    for hit in group.hits:
        field = fields_of(ctx.snapshot, group.entity).get(hit.field)
        named = field is not None and hit.field not in (declared.title, declared.subtitle)
        found_in = f"found in {ctx.snapshot.said(field.label or field.name)}" if named and field is not None else ""
        title = hit.title or f"Untitled {ctx.snapshot.said(declared.label)}"
        parts = [part for part in (declared.label, marked(hit.subtitle, words), found_in) if part]
        records.append(
            {
                "label": title,
                "marked": str(marked(title, words)),
                "context": str(Markup(" · ").join(parts)),
                "url": record_address(hit.entity, hit.id),
                "named": _names(ctx, hit),
            }
        )
    more = list_address(group.entity, ALL, q=text) if group.more else ""
    plural = plural_of(declared)
    return {
        "label": plural,
        "icon": icon_of(declared.icon),
        "records": records,
        "more": more,
        "all": f"All {ctx.snapshot.said(plural)} with “{text}”",
    }


def _following(ctx: Context, entity: str, record: str, title: str) -> Iterator[Entry]:
    """Yield what can be made for a found record: creatable entities with one lookup that points to it."""
    shown = title or "this"
    count = 0
    for item in shell_of(ctx).creatable:
        rights = rights_for(ctx, item.entity)
        for field in fields_of(ctx.snapshot, item.entity).values():
            if field.type == "lookup" and field.options.to == entity and field.name in rights.editable:
                count += 1
                yield {
                    "label": f"New {ctx.snapshot.said(item.label)} for {shown}",
                    "icon": icon_of("plus"),
                    "url": new_address(item.entity, **{field.name: record}),
                    "quick": True,
                }
                break
        if count >= MOST_FOLLOWING:
            return


def _go(ctx: Context) -> Iterator[Entry]:
    yield {"kind": "go", "label": "Home", "icon": icon_of("home"), "url": "/", "keys": "G H"}
    seen = {"/"}
    for group in shell_of(ctx).groups:
        for item in group.items:
            if item.url not in seen:
                seen.add(item.url)
                keys = f"G {item.key.upper()}" if item.key else ""
                yield _entry("go", item.label, item.icon, item.url, keys) | {"hint": group.label}


def _entry(kind: str, label: str, icon: str, url: str, keys: str = "") -> dict[str, Any]:
    return {"kind": kind, "label": label, "icon": icon_of(icon), "url": url, "keys": keys}


def _create(ctx: Context) -> Iterator[Entry]:
    for item in shell_of(ctx).creatable:
        keys = f"C {item.key.upper()}" if item.key else ""
        yield _entry("create", f"New {ctx.snapshot.said(item.label)}", "plus", item.url, keys) | {"quick": True}


def _views(ctx: Context) -> Iterator[Entry]:
    listed = {item.entity for group in shell_of(ctx).groups for item in group.items}
    for name in ctx.snapshot.names("view"):
        view = ctx.snapshot.view(name)
        if view.entity in listed and rights_for(ctx, view.entity).visible and view in views_for(ctx, view.entity):
            entity = ctx.snapshot.entity(view.entity)
            yield _entry("go", view.label, entity.icon, list_address(view.entity, name)) | {"hint": plural_of(entity)}


def _settings(ctx: Context) -> Iterator[Entry]:
    yield _entry("go", "My settings", "settings", "/me")
    yield _entry("go", "Inbox", "inbox", "/notices")
    yield _entry("go", "Search all records", "search", "/search")
    for item in sections_of(ctx):
        yield _entry("go", item.label, item.icon, item.url) | {"hint": "Administration"}


def _apps(ctx: Context) -> Iterator[Entry]:
    for group in shell_of(ctx).groups:
        yield _entry("app", f"Switch to {group.label}", group.icon, group.items[0].url)
