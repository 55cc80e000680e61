"""Files as people know them: stored bytes with a name, an owner, and the record they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from kith_platform.clock import Clock
from kith_platform.database import Connection, on_commit
from kith_platform.errors import Invalid, NotFound
from kith_platform.files import store
from kith_platform.files.content import Content, ContentStore, Readable, Scanner
from kith_platform.files.images import measure, thumbnail
from kith_platform.files.names import IMAGE_TYPES
from kith_platform.ids import new_id

LARGEST = 50 * 1024 * 1024
THUMBNAIL_SIDES = (64, 256, 1024)
_ORPHAN_AGE = timedelta(days=1)


@dataclass(frozen=True)
class StoredFile:
    """One file; ``entity``, ``record_id`` and ``field`` are blank until a record takes it."""

    id: str
    key: str
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    created_at: datetime
    created_by: str
    entity: str | None = None
    record_id: str | None = None
    field: str | None = None

    @property
    def is_image(self) -> bool:
        """Tell whether browsers may show it in a page; everything else is sent as a download."""
        return self.media_type in IMAGE_TYPES


class Files:
    """Stores, finds and removes files under a folder.

    Example::

        content = files.receive(stream, "offer.pdf")
        with database.write() as connection:
            stored = files.add(connection, content, person_id)
    """

    def __init__(self, folder: Path, clock: Clock, *, largest: int = LARGEST, scanner: Scanner | None = None) -> None:
        self._folder = folder
        self._clock = clock
        self._content = ContentStore(folder, largest, scanner)

    def receive(self, stream: Readable, name: str, *, image: bool = False) -> Content:
        """Store the bytes, outside any transaction; with ``image`` only an image is taken."""
        content = self._content.put(stream, name)
        if image and content.media_type not in IMAGE_TYPES:
            self._content.remove(content.key)
            raise Invalid("not_an_image", f"{content.name} is not an image.", "Use PNG, JPEG, GIF or WebP.")
        return content

    def add(self, connection: Connection, content: Content, person_id: str) -> StoredFile:
        """Note received bytes as a file of a person; raises Invalid when an image cannot be read."""
        width = height = None
        if content.media_type in IMAGE_TYPES:
            width, height = measure(self._content.path(content.key))
        stored = StoredFile(
            id=new_id(self._clock),
            width=width,
            height=height,
            created_at=self._clock.now(),
            created_by=person_id,
            **vars(content),
        )
        store.add(connection, dict(vars(stored)))
        return stored

    def find(self, connection: Connection, file_id: str) -> StoredFile:
        """Return a file; raises NotFound. Whoever asks checks the right to its record first."""
        row = store.find(connection, file_id)
        if row is None:
            raise NotFound("no_file", "This file does not exist.")
        return _stored(row)

    def of_record(self, connection: Connection, entity: str, record_id: str) -> tuple[StoredFile, ...]:
        """Return the files of a record, oldest first."""
        return tuple(map(_stored, store.of_record(connection, entity, record_id)))

    def bind(self, connection: Connection, file_id: str, entity: str, record_id: str, field: str) -> None:
        """Say which field of which record holds the file; raises NotFound."""
        if not store.bind(connection, file_id, entity, record_id, field):
            raise NotFound("no_file", "This file does not exist.", "Upload it again.", field)

    def release(self, connection: Connection, file_id: str) -> None:
        """Say that no record holds the file any more; it is removed a day after it was made."""
        store.bind(connection, file_id, None, None, None)

    def open(self, stored: StoredFile) -> BinaryIO:
        """Open the bytes of a file for reading."""
        return self._content.open(stored.key)

    def path(self, stored: StoredFile) -> Path:
        """Return where the bytes lie, for a server that sends files itself."""
        return self._content.path(stored.key)

    def thumbnail(self, stored: StoredFile, side: int) -> Path:
        """Return a small WebP copy of an image; ``side`` is one of ``THUMBNAIL_SIDES``."""
        if not stored.is_image or side not in THUMBNAIL_SIDES:
            raise NotFound("no_thumbnail", "There is no small picture of this file.")
        return thumbnail(self._content.path(stored.key), self._thumbnail_path(stored.key, side), side)

    def remove(self, connection: Connection, file_id: str) -> None:
        """Delete a file; its bytes go after the commit."""
        key = store.remove(connection, file_id)
        if key is not None:
            on_commit(connection, lambda: self._remove_bytes(key))

    def remove_orphans(self, connection: Connection) -> int:
        """Delete day-old files that no record holds, and bytes that no row knows; return how many."""
        moment = self._clock.now() - _ORPHAN_AGE
        self._content.remove_drafts(moment.timestamp())
        stray = self._stray_keys(connection, moment.timestamp())
        unbound = store.unbound_before(connection, moment)
        for file_id in unbound:
            self.remove(connection, file_id)
        for key in stray:
            self._remove_bytes(key)
        return len(unbound) + len(stray)

    def _stray_keys(self, connection: Connection, older_than: float) -> list[str]:
        keys = list(self._content.keys(older_than))
        stray: list[str] = []
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            known = store.known_keys(connection, part)
            stray.extend(key for key in part if key not in known)
        return stray

    def _remove_bytes(self, key: str) -> None:
        self._content.remove(key)
        for side in THUMBNAIL_SIDES:
            self._thumbnail_path(key, side).unlink(missing_ok=True)

    def _thumbnail_path(self, key: str, side: int) -> Path:
        return self._folder / "thumbnails" / key[:2] / f"{key}-{side}.webp"


def _stored(row: Any) -> StoredFile:
    return StoredFile(**row._mapping)
