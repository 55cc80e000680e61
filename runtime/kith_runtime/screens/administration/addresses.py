"""What no address of administration may hold."""

from __future__ import annotations

from flask import request

from kith_platform.errors import Invalid


def refuse_unfit_signs() -> None:
    """Refuse the sign that no text of a database can have, before a statement is asked with it."""
    given = [*request.args.values(), *(str(part) for part in (request.view_args or {}).values())]
    if any("\0" in text for text in given):
        raise Invalid("address_unfit", "This address holds a sign that no text can have.", "Begin at Administration.")
