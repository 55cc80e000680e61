"""What the frame of the pages is made of: navigation, views, columns, icons."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from markupsafe import Markup

from bench.handwritten import options

NAVIGATION = (
    (
        "Sales",
        (
            ("Deals", "/deals", "trophy", "d"),
            ("Contacts", "/contacts", "address-book", "c"),
            ("Accounts", "/accounts", "building", "a"),
            ("Leads", "/leads", "magnet", "l"),
            ("Quotes", "/quotes", "file-text", "q"),
            ("Products", "/products", "package", "p"),
            ("Campaigns", "/campaigns", "speakerphone", "g"),
        ),
    ),
    (
        "Activities",
        (
            ("Tasks", "/tasks", "checkbox", "t"),
            ("Meetings", "/meetings", "calendar", "m"),
            ("Calls", "/calls", "phone", "k"),
            ("Mails", "/mails", "mail", "e"),
            ("Notes", "/notes", "note", "n"),
            ("Attachments", "/attachments", "paperclip", "x"),
        ),
    ),
    (
        "People",
        (("Users", "/people", "user", "u"), ("Teams", "/teams", "users-group", "s"), ("Tags", "/tags", "tag", "y")),
    ),
)
SWITCHES = (
    ("Sales", "/leads", "target-arrow"),
    ("Activities", "/tasks", "activity"),
    ("People", "/people", "users-group"),
)
WAYS = (
    ("List", "/leads", "list"),
    ("Board", "/leads?as=board", "layout-kanban"),
    ("Calendar", "/leads?as=calendar", "calendar"),
)
VIEWS = (
    ("my_open", "My open leads"),
    ("unanswered", "To answer"),
    ("best", "Best fit"),
    ("later", "Later"),
    ("new", "Recently added"),
    ("converted", "Converted"),
    ("all", "All leads"),
)
COLUMNS = (
    ("name", "Name"),
    ("number", "Number"),
    ("company", "Company"),
    ("status", "Status"),
    ("source", "Source"),
    ("estimated_value", "Estimated value"),
    ("owner", "Owner"),
)
FILTER_FIELDS = (
    *COLUMNS,
    ("job_title", "Job title"),
    ("email", "E-mail"),
    ("mobile", "Mobile"),
    ("phone", "Office"),
    ("website", "Website"),
    ("rating", "Fit"),
    ("campaign", "Campaign"),
    ("interest", "Interested in"),
    ("region", "Region"),
    ("country", "Country"),
    ("answer_due_at", "Answer due"),
    ("answered_at", "First answer"),
    ("last_contact_on", "Last contact"),
    ("next_step", "Next step"),
    ("next_step_on", "Next step due"),
    ("reason", "Why not"),
    ("converted_on", "Converted on"),
    ("converted_account", "Became account"),
    ("converted_contact", "Became contact"),
    ("converted_deal", "Became deal"),
    ("email_consent", "E-mail consent"),
    ("tags", "Tags"),
    ("description", "What they wrote"),
    ("created_at", "Created"),
    ("created_by", "Created by"),
    ("updated_at", "Changed"),
    ("updated_by", "Changed by"),
)
GROUPS = (
    ("status", "Status"),
    ("source", "Source"),
    ("campaign", "Campaign"),
    ("interest", "Interested in"),
    ("region", "Region"),
    ("country", "Country"),
    ("last_contact_on:month", "Last contact by month"),
    ("next_step_on:month", "Next step due by month"),
    ("reason", "Why not"),
    ("converted_on:month", "Converted on by month"),
    ("converted_account", "Became account"),
    ("converted_contact", "Became contact"),
    ("converted_deal", "Became deal"),
    ("email_consent", "E-mail consent"),
    ("owner", "Owner"),
    ("created_by", "Created by"),
    ("updated_by", "Changed by"),
)
OPERATORS = (
    ("is", "is"),
    ("is_not", "is not"),
    ("contains", "contains"),
    ("contains_not", "does not contain"),
    ("starts_with", "starts with"),
    ("less", "less than"),
    ("more", "more than"),
    ("before", "is before"),
    ("after", "is after"),
    ("today", "is today"),
    ("past", "is before today"),
    ("future", "is after today"),
    ("yes", "is yes"),
    ("no", "is no"),
    ("me", "is me"),
    ("blank", "is blank"),
    ("not_blank", "is not blank"),
    ("last_days", "is in the last … days"),
    ("next_days", "is in the next … days"),
    ("this_month", "is in this month"),
    ("last_month", "is in the last month"),
    ("this_year", "is in this year"),
)
HUES = ("blue", "indigo", "violet", "pink", "red", "orange", "amber", "lime", "green", "teal", "cyan")


@cache
def icon(name: str, size: str = "") -> Markup:
    """Return an icon of the sprite."""
    markup = Markup('<svg class="{}" aria-hidden="true"><use href="/static/icons.svg#{}"/></svg>')
    return markup.format(f"k-i {size}".strip(), name)


def _chip(label: str, hue: str, sign: str) -> Markup:
    return Markup('<span class="k-chip" data-hue="{}">{}<span dir="auto">{}</span></span>').format(hue, sign, label)


_PROGRESS = Markup('<i class="k-prog" data-share="{}"></i>')
STATUS_CHIPS = {
    key: _chip(label, hue, _PROGRESS.format(100 * place // len(options.STATUSES)))
    for place, (key, (label, hue)) in enumerate(options.STATUSES.items(), 1)
}
SOURCE_CHIPS = {
    key: _chip(label, hue, Markup('<i class="k-dot"></i>')) for key, (label, hue) in options.SOURCES.items()
}


def install(app: Flask) -> None:
    """Give the templates what they all need, once instead of for each page."""
    found: dict[str, Any] = {
        "navigation": NAVIGATION,
        "switches": SWITCHES,
        "ways": WAYS,
        "views": VIEWS,
        "groups": GROUPS,
        "status_chips": STATUS_CHIPS,
        "source_chips": SOURCE_CHIPS,
        "columns": COLUMNS,
        "filter_fields": FILTER_FIELDS,
        "operators": OPERATORS,
        "hues": HUES,
        "icon": icon,
        "options": options,
        "status_options": [(key, label) for key, (label, _) in options.STATUSES.items()],
        "source_options": [(key, label) for key, (label, _) in options.SOURCES.items()],
    }
    app.jinja_env.globals.update(found)
