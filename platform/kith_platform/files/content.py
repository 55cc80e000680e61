"""The bytes of files in a folder: written whole or not at all, under random keys that the server makes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from kith_platform.errors import NotFound, StorageFull, TooLarge
from kith_platform.files.names import check_type, clean_name

_KEY = re.compile(r"[0-9a-f]{40}\Z")
_CHUNK = 256 * 1024
_START = 64
_NO_SPACE = frozenset({28, 122})

Scanner = Callable[[Path], None]


class Readable(Protocol):
    """Anything with bytes to read."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` bytes, none at the end."""
        ...


@dataclass(frozen=True)
class Content:
    """Stored bytes: what they are, not yet whose."""

    key: str
    name: str
    media_type: str
    size: int
    sha256: str


class ContentStore:
    """Keeps bytes under ``folder``; ``largest`` is the limit in bytes.

    ``scanner`` is called with the path of each complete file before it counts as stored, and raises Invalid to refuse
    it: the place for a virus scanner.
    """

    def __init__(self, folder: Path, largest: int, scanner: Scanner | None = None) -> None:
        self._folder = folder
        self._largest = largest
        self._scanner = scanner

    def put(self, stream: Readable, name: str) -> Content:
        """Store a stream; raises TooLarge, Invalid for risky types, or StorageFull, and leaves nothing then."""
        key = secrets.token_hex(20)
        draft = self._folder / "incoming" / key
        draft.parent.mkdir(parents=True, exist_ok=True)
        try:
            content = self._receive(stream, draft, key, clean_name(name))
            if self._scanner is not None:
                self._scanner(draft)
            target = self.path(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.rename(target)
            _sync_folder(target.parent)
        except OSError as error:
            if error.errno in _NO_SPACE:
                raise StorageFull(
                    "storage_full", "The disk for files is full.", "Make room, then try again."
                ) from error
            raise
        finally:
            draft.unlink(missing_ok=True)
        return content

    def path(self, key: str) -> Path:
        """Return where the bytes of a key lie; raises NotFound for anything that is no key."""
        if not _KEY.match(key):
            raise NotFound("no_file", "This file does not exist.")
        return self._folder / key[:2] / key[2:4] / key

    def open(self, key: str) -> BinaryIO:
        """Open stored bytes for reading."""
        try:
            return self.path(key).open("rb")
        except FileNotFoundError:
            raise NotFound("no_file", "The content of this file is missing.", "Restore it from a backup.") from None

    def remove(self, key: str) -> None:
        """Delete stored bytes; nothing happens when they are gone."""
        self.path(key).unlink(missing_ok=True)

    def remove_drafts(self, older_than: float) -> int:
        """Delete halves that a stopped process left, last written before this POSIX time; return how many."""
        drafts = [path for path in (self._folder / "incoming").glob("*") if path.stat().st_mtime < older_than]
        for path in drafts:
            path.unlink(missing_ok=True)
        return len(drafts)

    def keys(self, older_than: float) -> Iterator[str]:
        """Yield the keys of stored bytes written before a POSIX time, to find those that no row knows."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if _KEY.match(path.name) and path.stat().st_mtime < older_than:
                yield path.name

    def _receive(self, stream: Readable, draft: Path, key: str, name: str) -> Content:
        digest = hashlib.sha256()
        size = 0
        media_type = ""
        start = b""
        with draft.open("xb") as file:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > self._largest:
                    raise TooLarge(
                        "file_too_large",
                        f"{name} has more than {size_in_words(self._largest)}.",
                        "Make it smaller, or ask for a higher limit.",
                    )
                if len(start) < _START:
                    start = (start + chunk)[:_START]
                    if len(start) == _START:
                        media_type = check_type(name, start)
                digest.update(chunk)
                file.write(chunk)
            media_type = media_type or check_type(name, start)
            file.flush()
            os.fsync(file.fileno())
        return Content(key, name, media_type, size, digest.hexdigest())


def size_in_words(size: int) -> str:
    """Say a number of bytes: ``"25 MB"``."""
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} bytes"


def _sync_folder(folder: Path) -> None:
    # The new name is durable only when the folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
