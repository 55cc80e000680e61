"""Answers in fewer bytes: static files were packed when they were built, pages are packed as they are sent."""

from __future__ import annotations

import secrets
import struct
import zlib

from flask import Flask, Response, request, send_from_directory

from kith_runtime.web.icons import STATIC_FOLDER

SHORTEST = 1_000
"""Shorter answers fit into one packet of the network as they are."""

LONGEST_NAME = 100
"""The most letters that are added to hide how well an answer could be packed."""

_LEVEL = 4
_TEXTS = frozenset(
    {"text/html", "text/csv", "text/calendar", "application/json", "application/problem+json", "text/plain"}
)
_FILES = {"br": "br", "gzip": "gz"}


def install(app: Flask) -> None:
    """Pack answers for browsers that say they can read them."""
    app.after_request(_pack)


def packed(content: bytes) -> bytes:
    """Return a gzip file of some content, under a name of random length.

    What somebody typed stands on pages beside the form token; from exact lengths of many packed pages a listener could
    guess the token letter by letter. The random length takes that away.
    """
    name = b"k" * (1 + secrets.randbelow(LONGEST_NAME))
    packing = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packing.compress(content) + packing.flush()
    end = struct.pack("<LL", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08\x08\0\0\0\0\x04\xff" + name + b"\0" + body + end


def _pack(response: Response) -> Response:
    accepted = request.headers.get("Accept-Encoding", "")
    if response.status_code in (204, 206, 304) or "Content-Encoding" in response.headers:
        return response
    if request.endpoint == "static":
        return _packed_file(response) if accepted and response.status_code == 200 else response
    if response.mimetype not in _TEXTS or response.is_streamed or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" not in accepted or not request.accept_encodings.quality("gzip"):
        return response
    content = response.get_data()
    if len(content) >= SHORTEST:
        response.set_data(packed(content))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _packed_file(response: Response) -> Response:
    name = str((request.view_args or {})["filename"])
    for encoding, ending in _FILES.items():
        if request.accept_encodings.quality(encoding) and (STATIC_FOLDER / f"{name}.{ending}").is_file():
            response.close()
            answer = send_from_directory(STATIC_FOLDER, f"{name}.{ending}", mimetype=response.mimetype)
            answer.headers["Content-Encoding"] = encoding
            answer.vary.add("Accept-Encoding")
            return answer
    return response
