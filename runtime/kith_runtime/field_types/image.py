"""Pictures."""

from __future__ import annotations

from dataclasses import dataclass

from kith_metadata.kinds.entity import FieldOptions
from kith_metadata.spec import prop
from kith_runtime.field_types import field_types
from kith_runtime.field_types.base import Example
from kith_runtime.field_types.file import LARGEST, File


@field_types.register("image")
class Image(File):
    """An uploaded picture: PNG, JPEG, GIF or WebP; no SVG, which can hold scripts."""

    name = "image"
    label = "Image"
    help = "One uploaded picture, such as a logo or a photo."
    icon = "photo"

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Options(FieldOptions):  # a picture has no list of types
        """How large the picture may be."""

        max_size: int = prop("Largest", "In bytes.", default=5_000_000, schema={"minimum": 1, "maximum": LARGEST})

    examples = (
        Example({"key": "a1", "name": "Logo.png", "size": 900, "media_type": "image/png"}, "Logo.png"),
        Example({"key": "a2", "name": 'x".webp', "size": 1, "media_type": "image/webp"}, 'x".webp'),
    )
