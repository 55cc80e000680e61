"""Files: taken in before a record holds them, and given out to whoever may read the field that does."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, jsonify, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from kith_platform.errors import Invalid, NotFound
from kith_platform.files import StoredFile
from kith_runtime.access import rights_for
from kith_runtime.context import Context
from kith_runtime.queries.reading import get
from kith_runtime.web.security import FILE_POLICY
from kith_runtime.web.state import context, server, write

blueprint = Blueprint("files", __name__)


@blueprint.post("/files")
def take() -> BaseResponse:
    """Store an uploaded file; a record takes it afterwards by the key in the answer."""
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Invalid("no_upload", "No file came along.", "Send it as the part `file` of a form.", "file")
    files = server().services.files
    content = files.receive(upload.stream, upload.filename)
    stored = write(lambda ctx: files.add(ctx.connection, content, ctx.actor.id))
    answer = jsonify({"key": stored.id, "name": stored.name, "size": stored.size, "media_type": stored.media_type})
    answer.status_code = 201
    return answer


@blueprint.get("/files/<key>")
def give(key: str) -> Response:
    """Send a file: pictures into the page, everything else as a download."""
    stored = _readable(context(), key)
    return _sent(server().services.files.path(stored), stored, stored.media_type, attached=not stored.is_image)


@blueprint.get("/files/<key>/thumbnail/<int:side>")
def give_thumbnail(key: str, side: int) -> Response:
    """Send a small copy of a picture."""
    stored = _readable(context(), key)
    return _sent(server().services.files.thumbnail(stored, side), stored, "image/webp", attached=False)


def _readable(ctx: Context, key: str) -> StoredFile:
    """Return a file that the actor may read: of a record and a field that they may read, or their own fresh upload."""
    # PostgreSQL refuses NUL with an error of its own; no key has one.
    stored = server().services.files.find(ctx.connection, key.replace("\0", ""))
    if stored.entity is None:
        if stored.created_by != ctx.actor.id and not ctx.actor.is_system:
            raise _hidden()
        return stored
    held = stored.entity, stored.record_id or "", stored.field or ""
    if not ctx.snapshot.has("entity", held[0]) or held[2] not in rights_for(ctx, held[0]).readable:
        raise _hidden()
    get(ctx, held[0], held[1], ("id",))
    return stored


def _hidden() -> NotFound:
    return NotFound("no_file", "This file does not exist, or you may not see it.")


def _sent(path: Path, stored: StoredFile, media_type: str, *, attached: bool) -> Response:
    try:
        answer = send_file(
            path,
            mimetype=media_type,
            as_attachment=attached,
            download_name=stored.name,
            etag=stored.sha256[:32],
            max_age=0,
        )
    except FileNotFoundError:
        raise NotFound("no_file", "The content of this file is missing.", "Restore it from a backup.") from None
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
