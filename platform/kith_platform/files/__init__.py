"""Files: bytes in a folder under server-made keys, and a table that says what they are and where they belong."""

from __future__ import annotations

from kith_platform.files.content import Content
from kith_platform.files.names import IMAGE_TYPES
from kith_platform.files.service import THUMBNAIL_SIDES, Files, StoredFile

__all__ = ["IMAGE_TYPES", "THUMBNAIL_SIDES", "Content", "Files", "StoredFile"]
