"""Pages for trying the front end's behaviours without any of the runtime behind them."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

STATIC = Path(__file__).resolve().parents[2] / "runtime" / "kith_runtime" / "static"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
ACCOUNTS = (("1", "Nordwind", "Hamburg"), ("2", "Nordwald", "Kassel"), ("3", "Helix", ""))

SHELL = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>Components</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="csrf-token" content="signed">
<link rel="icon" href="/static/{icons}"><link rel="stylesheet" href="/static/{css}">
<script type="module" src="/static/{js}"></script><script type="module" src="/static/{lists}"></script></head><body>
<div class="k-app">
<aside class="k-side" id="side" aria-label="App"><nav class="k-nav" aria-label="Main">
<a href="/list" data-key="g l" data-key-label="To the list">{icon}List</a></nav></aside>
<header class="k-top">
<a class="btn btn-ghost btn-icon k-phone-only" href="#side" data-nav-open aria-label="Open navigation">{icon}</a>
<form class="k-search" role="search"><input type="search" name="q" data-key="/" aria-label="Search"></form>
<details class="k-details end" data-menu><summary class="btn">More</summary>
<div class="k-pop k-menu"><a href="#one">One</a><a href="#two">Two</a></div></details>
<button class="btn" data-theme-set="dark">Dark</button></header>
<main class="k-main" id="main" tabindex="-1">{body}</main></div>
<dialog class="k-dialog" data-keys-dialog aria-label="Keys"><ul class="k-keys" data-keys-list></ul></dialog>
</body></html>"""

ROW = """<tr><td class="c0"><input type="checkbox" class="form-check-input" name="id" value="{0}" data-select
aria-label="Select {0}"></td><td class="p-title"><div class="k-title"><a class="k-trunc" href="/record/{0}">Deal {0}</a>
</div></td><td class="r k-num p-amt">{0}</td></tr>"""

LIST = """<div class="k-head"><h1>Deals</h1></div>
<form><div class="k-grid-wrap" tabindex="0" role="region" aria-label="Deals table">
<table class="k-grid" data-columns="2"><colgroup><col class="k-w-check"><col><col class="k-w-md"></colgroup><thead><tr>
<th class="c0"><input type="checkbox" class="form-check-input" data-select-all aria-label="Select all"></th>
<th aria-sort="ascending"><a href="?sort=title">Deal</a></th><th class="r"><a href="?sort=amount">Amount</a></th></tr>
</thead><tbody>{rows}</tbody></table></div>
<div class="k-bulk" data-bulk role="region" aria-label="Selection"><span><span data-bulk-count>0</span> selected</span>
<button type="button" class="btn btn-sm" data-bulk-clear>Clear</button></div></form>"""

TOAST = """<div class="k-toast" role="status" data-toast="300">Deleted
<button class="btn" data-toast-close>Close</button></div>"""

FORM = """<form data-form class="k-scroll" method="post" id="deal"><div class="k-form one"><div>
<h1>New deal</h1><nav class="k-tabs" data-tabs><a href="#s1">Deal</a><a href="#s2">Lines</a></nav>
<section class="k-fs" id="s1"><div class="k-fg">
<div class="k-fld k-lookup"><label for="account">Account</label><input type="hidden" name="account" data-lookup-value>
<input class="form-control" id="account" name="account__text" data-lookup-url="/options" data-lookup-with="partner">
</div>
<div class="k-fld"><label for="partner">Partner</label><input class="form-control" id="partner" name="partner"></div>
<div class="k-fld k-lookup"><label for="teams">Teams</label><div class="k-tokens" data-lookup-tokens></div>
<template data-lookup-token><span class="k-chip" data-hue="gray"><span data-lookup-title></span>
<input type="hidden" name="teams"><button type="button" data-lookup-remove aria-label="Remove">×</button>
</span></template>
<input class="form-control" id="teams" data-lookup-url="/options"></div></div></section>
<section class="k-fs" id="s2"><div class="k-rows" data-rows data-rows-next="1"><table><tbody data-rows-body>
<tr data-row><td><input class="form-control" name="lines-0-name" value="old" aria-label="Name">
<input type="hidden" name="lines-0-_delete" data-row-delete><button class="btn" data-row-remove>Remove</button></td>
</tr></tbody></table><template data-rows-template><tr data-row><td>
<input class="form-control" name="lines-__index__-name"
aria-label="Name"><button class="btn" data-row-remove>Remove</button></td></tr></template>
<button class="btn" name="_add_row" value="lines" formnovalidate data-rows-add>Add line</button></div></section>
</div></div></form>
<div class="k-actbar"><a class="btn" href="/list" data-leave>Cancel</a>
<button class="btn btn-primary" form="deal" name="save" value="1" data-save>Save</button></div>
<form hx-post="/part" hx-target="#part" hx-swap="morph" hx-ext="morph"><div id="part"></div>
<button class="btn">Check</button></form>"""

REFUSED = """<div id="part"><div class="k-errsum" role="alert" tabindex="-1" data-error-summary id="summary">
<h2>One thing to fix</h2></div></div>"""


class ComponentSite:
    """The pages, and in ``posted`` and ``asked`` what the browser sent to them."""

    def __init__(self) -> None:
        self.address = ""
        self.posted: list[dict[str, list[str]]] = []
        self.asked: list[dict[str, str]] = []
        self.tokens: list[str | None] = []
        self.app = Flask(__name__, static_folder=None)
        self.app.add_url_rule("/static/<path:name>", view_func=self.static)
        self.app.add_url_rule("/list", view_func=self.list)
        self.app.add_url_rule("/toast", view_func=self.toast)
        self.app.add_url_rule("/record/<name>", view_func=self.record)
        self.app.add_url_rule("/form", view_func=self.form, methods=["GET", "POST"])
        self.app.add_url_rule("/part", view_func=self.part, methods=["POST"])
        self.app.add_url_rule("/options", view_func=self.options)
        self.app.after_request(self.set_policy)

    def set_policy(self, response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    def draw(self, body: str) -> str:
        names = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
        icons = names["icons.svg"]
        icon = f'<svg class="k-i" aria-hidden="true"><use href="/static/{icons}#menu-2"/></svg>'
        theme = request.cookies.get("kith_theme", "light")
        return SHELL.format(
            theme=theme,
            css=names["kith.css"],
            js=names["kith.js"],
            lists=names["lists.js"],
            icons=icons,
            icon=icon,
            body=body,
        )

    def static(self, name: str) -> Response:
        return send_from_directory(STATIC, name)

    def list(self) -> str:
        return self.draw(LIST.format(rows="".join(ROW.format(number) for number in range(1, 6))))

    def toast(self) -> str:
        return self.draw(TOAST)

    def record(self, name: str) -> str:
        return self.draw(f"<h1>Deal {name}</h1>")

    def form(self) -> str:
        if request.method == "GET":
            return self.draw(FORM)
        self.posted.append({name: request.form.getlist(name) for name in request.form})
        return self.draw("<h1>Saved</h1>")

    def part(self) -> tuple[str, int]:
        self.tokens.append(request.headers.get("X-CSRFToken"))
        return REFUSED, 422

    def options(self) -> dict[str, object]:
        self.asked.append(dict(request.args))
        typed = request.args["q"].lower()
        found = [
            dict(zip(("id", "title", "hint"), account, strict=True))
            for account in ACCOUNTS
            if typed in account[1].lower()
        ]
        return {"data": found}
