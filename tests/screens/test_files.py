"""Files: taken in, given out by the rights of their record, never run."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from werkzeug.test import TestResponse

from support.site import Site, Visitor


@pytest.fixture
def olga(site: Site, administrator: str) -> Visitor:
    return site.visitor(administrator)


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(made, "PNG")
    made.seek(0)
    return made


def fetched(visitor: Visitor, address: str) -> tuple[TestResponse, bytes]:
    """Return an answer with its content, read to the end, so that the server lets go of the file."""
    answer = visitor.get(address)
    content = b"".join(answer.response)
    answer.close()
    return answer, content


def upload(visitor: Visitor, content: io.BytesIO, name: str) -> str:
    answer = visitor.post("/files", {"file": (content, name)})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["key"])


def test_a_document_is_a_download_and_cannot_run(site: Site, olga: Visitor) -> None:
    key = upload(olga, io.BytesIO(b"<html><script>alert(1)</script>"), "page.html.txt")
    answer, _ = fetched(olga, f"/files/{key}")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_picture_is_shown_and_has_small_copies(olga: Visitor) -> None:
    key = upload(olga, picture(), "logo.png")
    answer, _ = fetched(olga, f"/files/{key}")
    assert answer.mimetype == "image/png"
    assert answer.headers["Content-Disposition"].startswith("inline")
    small, content = fetched(olga, f"/files/{key}/thumbnail/64")
    assert small.mimetype == "image/webp"
    assert Image.open(io.BytesIO(content)).size == (64, 43)
    assert olga.get(f"/files/{key}/thumbnail/65").status_code == 404


def test_a_fresh_upload_is_its_owners_alone(site: Site, olga: Visitor, sarah: str) -> None:
    key = upload(olga, picture(), "mine.png")
    assert site.visitor(sarah).get(f"/files/{key}").status_code == 404
    assert site.visitor(sarah).get(f"/files/{key}/thumbnail/64").status_code == 404


def test_a_file_follows_the_rights_of_its_record(site: Site, olga: Visitor, sarah: str) -> None:
    key = upload(olga, picture(), "logo.png")
    values = {"name": "Logo Works", "kind": "prospect", "logo": key}
    answer = olga.post("/e/sales.account/new", values)
    assert answer.status_code == 303
    assert f"/files/{key}" in olga.html(answer.location)
    assert fetched(site.visitor(sarah), f"/files/{key}")[0].status_code == 200
    stranger = site.visitor(site.with_roles("No Rights"))
    assert stranger.get(f"/files/{key}").status_code == 404
    olga.post(f"{answer.location}/delete")
    assert olga.get(f"/files/{key}").status_code == 404


def test_uploads_without_a_file_or_that_can_run_are_refused(olga: Visitor) -> None:
    assert olga.post("/files").status_code == 422
    assert olga.post("/files", {"file": (io.BytesIO(b"MZ"), "setup.exe")}).status_code == 422
