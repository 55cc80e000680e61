"""The JSON endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request
from flask_login import current_user, login_required
from werkzeug.exceptions import BadRequest

from bench.handwritten import leads
from bench.handwritten.leads import Asked
from bench.handwritten.people import connection, release

blueprint = Blueprint("api", __name__, url_prefix="/api")
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def answer(data: Any, status: int = 200) -> Response:
    """Return data as JSON."""
    return Response(orjson.dumps(data, option=_OPTIONS), status, mimetype="application/json")


@blueprint.get("/leads")
@login_required
def list_leads() -> Response:
    """Return a page; ``fields=all`` gives every field, ``q`` searches."""
    asked = _asked()
    full = request.args.get("fields") == "all"
    rows, following = leads.page(connection(), current_user, asked, "full" if full else "short")
    count = leads.count(connection(), current_user, asked) if request.args.get("count") == "capped" else None
    if full:
        tags = leads.tags_of_many(connection(), [row.id for row in rows])
        data = [lead_json(row._mapping, tags[row.id]) for row in rows]
    else:
        data = [
            {
                "id": key,
                "version": version,
                "name": name,
                "number": number,
                "company": company,
                "status": status,
                "source": source,
                "estimated_value": money(cents, currency),
                "owner": owner,
                "created_at": created_at,
            }
            for key, version, name, number, company, status, source, cents, currency, owner, created_at in rows
        ]
    capped = count is not None and count > leads.COUNT_CAP
    return answer(
        {"data": data, "next": following, "count": min(count, leads.COUNT_CAP) if count else count, "capped": capped}
    )


@blueprint.get("/leads/<int:lead>")
@login_required
def get_lead(lead: int) -> Response:
    """Return one lead."""
    row = leads.get(connection(), current_user, lead)
    return _versioned(answer(lead_json(row, leads.tags_of(connection(), lead))), row["version"])


@blueprint.post("/leads")
@login_required
def create_lead() -> Response:
    """Create a lead."""
    sent = _body()
    person = current_user._get_current_object()
    release()
    row, tags = leads.create(current_app.extensions["engine"], person, sent)
    response = _versioned(answer(lead_json(row, tags), 201), 1)
    response.headers["Location"] = f"/api/leads/{row['id']}"
    return response


@blueprint.patch("/leads/<int:lead>")
@login_required
def change_lead(lead: int) -> Response:
    """Change some fields; ``version`` is the one that the caller had read."""
    sent = _body()
    version = sent.pop("version", None)
    if version is not None and not isinstance(version, int):
        raise BadRequest("version must be a whole number.")
    person = current_user._get_current_object()
    release()
    row, tags = leads.change(current_app.extensions["engine"], person, lead, sent, version)
    return _versioned(answer(lead_json(row, tags)), row["version"])


def money(cents: int | None, currency: str | None) -> dict[str, Any] | None:
    """Return an amount as JSON, exactly."""
    return None if cents is None else {"amount": f"{cents // 100}.{cents % 100:02}", "currency": currency}


def lead_json(row: Mapping[str, Any], tags: Sequence[int]) -> dict[str, Any]:
    """Return all fields of a lead."""
    return {
        "id": row["id"],
        "version": row["version"],
        "name": row["name"],
        "number": row["number"],
        "company": row["company"],
        "job_title": row["job_title"],
        "email": row["email"],
        "mobile": row["mobile"],
        "phone": row["phone"],
        "website": row["website"],
        "status": row["status"],
        "rating": row["rating"],
        "source": row["source"],
        "campaign": row["campaign_id"],
        "interest": row["interest_id"],
        "estimated_value": money(row["value_cents"], row["value_currency"]),
        "region": row["region"],
        "country": row["country"],
        "answer_due_at": row["answer_due_at"],
        "answered_at": row["answered_at"],
        "last_contact_on": row["last_contact_on"],
        "next_step": row["next_step"],
        "next_step_on": row["next_step_on"],
        "reason": row["reason"],
        "converted_on": row["converted_on"],
        "email_consent": row["email_consent"],
        "tags": tags,
        "description": row["description"],
        "owner": row["owner_id"],
        "created_at": row["created_at"],
        "created_by": row["created_by"],
        "updated_at": row["updated_at"],
        "updated_by": row["updated_by"],
    }


def _asked() -> Asked:
    limit = request.args.get("limit", "50")
    if not limit.isdigit() or not 1 <= int(limit) <= 200:
        raise BadRequest("limit must be 1 to 200.")
    arguments = request.args
    return Asked(arguments.get("status", ""), arguments.get("after", ""), arguments.get("q", ""), int(limit))


def _body() -> dict[str, Any]:
    try:
        data = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadRequest("The body must be an object.")
    return data


def _versioned(response: Response, version: int) -> Response:
    response.headers["ETag"] = f'"{version}"'
    return response
