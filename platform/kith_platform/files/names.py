"""What a file is: by its first bytes and its ending, never by what the sender claims.

A name is only ever shown; the place on the disk is made by the server.
"""

from __future__ import annotations

import mimetypes
import unicodedata
from pathlib import PurePosixPath

from kith_platform.errors import Invalid

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_IMAGE_ENDINGS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
# What runs when it is opened, on a desk or on a server.
_RISKY_ENDINGS = frozenset(
    [
        ".ade",
        ".adp",
        ".apk",
        ".app",
        ".appx",
        ".bash",
        ".bat",
        ".cgi",
        ".chm",
        ".cmd",
        ".com",
        ".cpl",
        ".deb",
        ".dll",
        ".dmg",
        ".exe",
        ".fcgi",
        ".gadget",
        ".hta",
        ".inf",
        ".ins",
        ".iso",
        ".jar",
        ".jnlp",
        ".js",
        ".jse",
        ".jsp",
        ".jspx",
        ".lnk",
        ".mde",
        ".mjs",
        ".msc",
        ".msi",
        ".msix",
        ".msp",
        ".mst",
        ".phar",
        ".php",
        ".php3",
        ".php4",
        ".php5",
        ".php7",
        ".phtml",
        ".pht",
        ".pif",
        ".pl",
        ".ps1",
        ".psm1",
        ".py",
        ".pyc",
        ".pyz",
        ".rb",
        ".reg",
        ".rpm",
        ".scf",
        ".scr",
        ".sct",
        ".sh",
        ".shb",
        ".so",
        ".sys",
        ".url",
        ".vb",
        ".vbe",
        ".vbs",
        ".vhd",
        ".vxd",
        ".wsc",
        ".wsf",
        ".wsh",
        ".xll",
        ".asp",
        ".aspx",
        ".ashx",
        ".htaccess",
    ]
)
_RISKY_STARTS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"<?php")
# Known here and not by the machine's tables, which differ from one to the next.
_OTHER_TYPES = {".md": "text/markdown", ".csv": "text/csv", ".eml": "message/rfc822", ".ics": "text/calendar"}
_LONGEST_NAME = 200
UNKNOWN_TYPE = "application/octet-stream"


def clean_name(name: str) -> str:
    """Return a name that is safe to show: no folders, no control or direction characters, at most 200 characters."""
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    base = "".join(character for character in base if unicodedata.category(character)[0] != "C").strip(" .")
    if len(base) > _LONGEST_NAME:
        ending = PurePosixPath(base).suffix[:20]
        base = base[: _LONGEST_NAME - len(ending)] + ending
    return base or "file"


def image_type(start: bytes) -> str | None:
    """Return the media type of an image by its first bytes, or None."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if start.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if start.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "image/webp"
    return None


def check_type(name: str, start: bytes) -> str:
    """Return the media type of a file from its cleaned name and first bytes.

    Raises Invalid for programs and scripts, and for names that promise another kind of image.
    """
    endings = [ending.casefold() for ending in PurePosixPath(name).suffixes]
    # Every ending counts: some servers run "x.php.jpg". A bare ".htaccess" has no suffix.
    risky = next((ending for ending in [*endings, f".{name.casefold()}"] if ending in _RISKY_ENDINGS), None)
    if risky or start.startswith(_RISKY_STARTS):
        raise Invalid(
            "file_risky", f"{name} is a program or a script, which cannot be stored.", "Put it into a zip file."
        )
    found = image_type(start)
    promised = _IMAGE_ENDINGS.get(endings[-1]) if endings else None
    if promised and promised != found:
        raise Invalid("file_mislabelled", f"{name} is named like an image and is none of that kind.", "Save it anew.")
    if found:
        return found
    if not endings:
        return UNKNOWN_TYPE
    return _OTHER_TYPES.get(endings[-1]) or mimetypes.guess_type(f"x{endings[-1]}", strict=True)[0] or UNKNOWN_TYPE
