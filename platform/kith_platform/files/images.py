"""Images: their measures, and small copies of them. Sizes are capped before anything is decoded."""

from __future__ import annotations

import secrets
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from kith_platform.errors import Invalid, TooLarge

MOST_PIXELS = 50_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_FAULTS = (UnidentifiedImageError, OSError, SyntaxError, ValueError)


def measure(path: Path) -> tuple[int, int]:
    """Return width and height in pixels as people see the image, turned by its camera's note.

    Raises Invalid when it cannot be read and TooLarge above 50 million pixels.
    """
    try:
        with _open(path) as image:
            _check(image)
            turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
            return (image.height, image.width) if turned else image.size
    except _FAULTS as error:
        raise _broken() from error


def thumbnail(source: Path, target: Path, side: int) -> Path:
    """Write a WebP copy that fits into a square of ``side`` pixels, and return its path.

    It carries none of the original's notes (place, camera). An existing copy is used again.
    """
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    try:
        with _open(source) as image:
            _check(image)
            image.draft("RGB", (side * 2, side * 2))
            upright = ImageOps.exif_transpose(image)
            small = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            small.thumbnail((side, side), Image.Resampling.LANCZOS)
            clean = Image.new(small.mode, small.size)
            clean.paste(small)
            clean.save(draft, "WEBP", quality=82)
        draft.replace(target)
    except _FAULTS as error:
        raise _broken() from error
    finally:
        draft.unlink(missing_ok=True)
    return target


def _open(path: Path) -> Image.Image:
    # Our own, smaller cap follows; the library's warning would only repeat it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            return Image.open(path, formats=_FORMATS)
        except Image.DecompressionBombError as error:
            raise _too_large("far too many") from error


def _check(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        raise _too_large(f"{image.width} × {image.height}")


def _too_large(pixels: str) -> TooLarge:
    hint = f"Use one of at most {MOST_PIXELS // 1_000_000} million pixels."
    return TooLarge("image_too_large", f"The image has {pixels} pixels.", hint)


def _broken() -> Invalid:
    return Invalid("image_broken", "The image cannot be read.", "Save it again as PNG or JPEG.")
