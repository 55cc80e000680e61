"""The HTML pages: the list, the form, signing in."""

from __future__ import annotations

from datetime import date, datetime

from flask import Blueprint, Response, redirect, render_template, request
from flask_login import current_user, login_required, login_user
from werkzeug.wrappers import Response as BaseResponse

from bench.handwritten import leads, people
from bench.handwritten.leads import Asked
from bench.handwritten.people import connection

blueprint = Blueprint("pages", __name__)
_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "CHF": "CHF "}


@blueprint.app_template_filter("money")
def money(cents: int, currency: str) -> str:
    """Return an amount as people read it."""
    return f"{_SIGNS[currency]}{cents // 100:,}.{cents % 100:02}"


@blueprint.app_template_filter("day")
def day(value: date | datetime | None) -> str:
    """Return a day for an input."""
    return "" if value is None else f"{value:%Y-%m-%d}"


@blueprint.app_template_filter("moment")
def moment(value: datetime | None) -> str:
    """Return an instant for an input."""
    return "" if value is None else f"{value:%Y-%m-%dT%H:%M}"


@blueprint.app_template_filter("initials")
def initials(name: str) -> str:
    """Return the letters of an avatar."""
    parts = name.split()
    return (parts[0][:1] + parts[-1][:1]).upper() if parts else "?"


@blueprint.get("/sign-in")
def sign_in_form() -> str:
    """Show the sign-in form."""
    return render_template("sign_in.html")


@blueprint.post("/sign-in")
def sign_in() -> BaseResponse:
    """Sign in."""
    login_user(people.sign_in(request.form.get("email", ""), request.form.get("password", "")))
    return redirect("/leads", 303)


@blueprint.get("/leads")
@login_required
def list_leads() -> str:
    """Show a page of leads."""
    asked = Asked(request.args.get("status", ""), request.args.get("after", ""), request.args.get("q", ""))
    rows, following = leads.page(connection(), current_user, asked, "html")
    return render_template("leads.html", rows=rows, next=following, asked=asked)


@blueprint.get("/leads/<int:lead>/edit")
@login_required
def edit_lead(lead: int) -> Response | str:
    """Show the form of a lead."""
    row = leads.get(connection(), current_user, lead)
    names = leads.names_of(connection(), row)
    tags = leads.tag_names(connection(), lead)
    return render_template("lead_form.html", lead=row, names=names, tags=tags)
