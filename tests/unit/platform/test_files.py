"""Files: whole or absent, checked by content, under keys of the server's own."""

from __future__ import annotations

import hashlib
import io
import os
import random
from pathlib import Path

import pytest
from PIL import Image

from kith_platform.clock import FixedClock
from kith_platform.database import Database
from kith_platform.errors import Invalid, NotFound, TooLarge
from kith_platform.files import Files
from kith_platform.files.names import check_type, clean_name


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 200), **options: object) -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", size, "teal").save(stream, kind, **options)
    stream.seek(0)
    return stream


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def files(tmp_var: Path, clock: FixedClock) -> Files:
    return Files(tmp_var / "files", clock, largest=1_000_000)


def test_file_is_stored_and_read_back(platform_database: Database, files: Files, tmp_var: Path) -> None:
    data = random.Random(1).randbytes(700_000)
    content = files.receive(io.BytesIO(data), "offer.pdf")
    assert (content.size, content.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert content.media_type == "application/pdf"
    with platform_database.write() as connection:
        stored = files.add(connection, content, "ana")
    with platform_database.read() as connection:
        assert files.find(connection, stored.id) == stored
    with files.open(stored) as stream:
        assert stream.read() == data
    relative = files.path(stored).relative_to(tmp_var / "files")
    assert relative.parts == (content.key[:2], content.key[2:4], content.key)


def test_file_above_the_limit_leaves_nothing(files: Files, tmp_var: Path) -> None:
    with pytest.raises(TooLarge, match="976"):
        files.receive(io.BytesIO(b"x" * 1_000_001), "big.txt")
    assert everything(tmp_var) == []


def test_stream_that_breaks_leaves_nothing(files: Files, tmp_var: Path) -> None:
    class Broken:
        def read(self, size: int = -1, /) -> bytes:
            raise ConnectionResetError("gone")

    with pytest.raises(ConnectionResetError):
        files.receive(Broken(), "a.txt")
    assert everything(tmp_var) == []


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("run.exe", b"text"),
        ("RUN.ExE", b"text"),
        ("archive.pHaR", b"text"),
        ("shell.php.jpg", b"\xff\xd8\xff"),
        (".htaccess", b"text"),
        ("letter.pdf", b"MZ\x90\x00"),
        ("letter.pdf", b"\x7fELF"),
        ("notes.txt", b"#!/bin/sh"),
        ("photo.png", b"<svg onload=alert(1)>"),
        ("photo.jpg", b"\x89PNG\r\n\x1a\n"),
    ],
)
def test_risky_and_mislabelled_files_are_refused(files: Files, tmp_var: Path, name: str, start: bytes) -> None:
    with pytest.raises(Invalid):
        files.receive(io.BytesIO(start + b" " * 100), name)
    assert everything(tmp_var) == []


@pytest.mark.parametrize(
    ("name", "start", "media_type"),
    [
        ("a.csv", b"a,b", "text/csv"),
        ("a.svg", b"<svg>", "image/svg+xml"),
        ("a", b"", "application/octet-stream"),
        ("a.unheard", b"", "application/octet-stream"),
        ("photo", b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
def test_type_comes_from_content_and_ending(name: str, start: bytes, media_type: str) -> None:
    assert check_type(name, start) == media_type


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\offer.pdf", "offer.pdf"),
        ("a\x00b\n.txt", "ab.txt"),
        ("gepj\u202efdp.exe", "gepjfdp.exe"),
        ("..", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("Übersicht 😀.md", "Übersicht 😀.md"),
    ],
)
def test_names_are_cleaned_for_showing(name: str, shown: str) -> None:
    assert clean_name(name) == shown


def test_scanner_can_refuse_a_file(tmp_var: Path, clock: FixedClock) -> None:
    def scan(path: Path) -> None:
        if b"EICAR" in path.read_bytes():
            raise Invalid("file_infected", "The file carries a virus.")

    files = Files(tmp_var / "files", clock, scanner=scan)
    with pytest.raises(Invalid, match="virus"):
        files.receive(io.BytesIO(b"X5O!P%@AP EICAR"), "a.txt")
    assert everything(tmp_var) == []
    assert files.receive(io.BytesIO(b"clean"), "a.txt").size == 5


def test_image_is_measured_and_shrunk_without_its_notes(platform_database: Database, files: Files) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    content = files.receive(picture("JPEG", (300, 200), exif=exif), "photo.jpg", image=True)
    with platform_database.write() as connection:
        stored = files.add(connection, content, "ana")
    assert (stored.width, stored.height, stored.is_image) == (200, 300, True)
    small = files.thumbnail(stored, 64)
    with Image.open(small) as image:
        assert (image.format, image.size) == ("WEBP", (43, 64))
    assert b"SecretCamera" not in small.read_bytes()
    assert files.thumbnail(stored, 64) == small
    with pytest.raises(NotFound):
        files.thumbnail(stored, 65)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_images_of_every_kind_are_taken(platform_database: Database, files: Files, kind: str) -> None:
    content = files.receive(picture(kind), f"photo.{kind.lower()}", image=True)
    with platform_database.write() as connection:
        stored = files.add(connection, content, "ana")
    assert files.thumbnail(stored, 256).exists()


@pytest.mark.parametrize(("side", "told"), [(8_000, "8000 × 8000"), (20_000, "far too many")])
def test_image_with_too_many_pixels_is_refused_before_it_is_decoded(
    platform_database: Database, files: Files, side: int, told: str
) -> None:
    bomb = io.BytesIO()
    Image.new("1", (side, side)).save(bomb, "PNG")
    bomb.seek(0)
    content = files.receive(bomb, "bomb.png")
    with pytest.raises(TooLarge, match=told), platform_database.write() as connection:
        files.add(connection, content, "ana")


def test_broken_image_is_refused(platform_database: Database, files: Files) -> None:
    content = files.receive(io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"rubbish" * 20), "photo.png")
    with pytest.raises(Invalid, match="cannot be read"), platform_database.write() as connection:
        files.add(connection, content, "ana")


def test_image_is_wanted_and_text_comes(files: Files, tmp_var: Path) -> None:
    with pytest.raises(Invalid, match="not an image"):
        files.receive(io.BytesIO(b"text"), "a.txt", image=True)
    assert everything(tmp_var) == []


def test_file_belongs_to_a_field_of_a_record(platform_database: Database, files: Files) -> None:
    content = files.receive(io.BytesIO(b"text"), "a.txt")
    with platform_database.write() as connection:
        stored = files.add(connection, content, "ana")
        files.bind(connection, stored.id, "sales.deal", "1", "contract")
        bound = files.of_record(connection, "sales.deal", "1")
        assert [(each.id, each.field) for each in bound] == [(stored.id, "contract")]
        with pytest.raises(NotFound):
            files.bind(connection, "none", "sales.deal", "1", "contract")


def test_removed_file_keeps_its_bytes_until_the_commit(platform_database: Database, files: Files) -> None:
    content = files.receive(picture(), "a.png")
    with platform_database.write() as connection:
        stored = files.add(connection, content, "ana")
    small = files.thumbnail(stored, 64)
    with pytest.raises(KeyError), platform_database.write() as connection:
        files.remove(connection, stored.id)
        raise KeyError("stop")
    assert files.path(stored).exists()
    with platform_database.write() as connection:
        files.remove(connection, stored.id)
        assert files.path(stored).exists()
    assert not files.path(stored).exists()
    assert not small.exists()
    with pytest.raises(NotFound):
        files.open(stored)


def test_orphans_go_after_a_day(platform_database: Database, files: Files, clock: FixedClock, tmp_var: Path) -> None:
    with platform_database.write() as connection:
        bound = files.add(connection, files.receive(io.BytesIO(b"1"), "1.txt"), "ana")
        files.bind(connection, bound.id, "sales.deal", "1", "contract")
        files.add(connection, files.receive(io.BytesIO(b"2"), "2.txt"), "ana")
        files.receive(io.BytesIO(b"3"), "3.txt")
    (tmp_var / "files" / "incoming" / "half").write_bytes(b"4")
    for path in everything(tmp_var):
        os.utime(path, (clock.now().timestamp(),) * 2)
    with platform_database.write() as connection:
        assert files.remove_orphans(connection) == 0
    clock.advance(days=2)
    with platform_database.write() as connection:
        assert files.remove_orphans(connection) == 2
    assert everything(tmp_var) == [files.path(bound)]
