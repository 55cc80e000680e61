"""My settings through the public door: formats, password, browsers, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from support.visitors import PASSWORD, Office, office, words

NEW = "nine loud lighthouses"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0"


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with nobody in it."""
    with office(database_url, tmp_path, clock) as opened:
        yield opened


def test_settings_are_saved_and_count_at_once(place: Office) -> None:
    person = place.person("Ana", "member")
    ana = place.again("Ana")
    values = {"locale": "nl_NL", "time_zone": "Asia/Tokyo", "currency": "JPY", "number_format": "space_comma"}
    assert ana.post("/me/settings", **values).status_code == 303
    page = ana.get("/me").get_data(as_text=True)
    assert 'lang="nl-NL"' in page
    for value in values.values():
        assert f'<option value="{value}" selected>' in page
    with place.held.workspace.read(SYSTEM, "system") as ctx:
        found = records.read_record(ctx, "base.user", person).values
    assert {name: found[name] for name in values} == values
    assert (person, "person.settings", person) in place.audit()


@pytest.mark.parametrize(
    ("name", "value"), [("locale", "xx_XX"), ("time_zone", "Europe/Nowhere"), ("currency", "XYZW")]
)
def test_choices_that_do_not_exist_are_refused_beside_the_field(place: Office, name: str, value: str) -> None:
    response = place.signed_in("Ana", "member").post("/me/settings", **{name: value})
    assert response.status_code == 422
    assert f'id="settings-{name}-e"' in response.get_data(as_text=True)


def test_without_the_right_settings_are_text(place: Office) -> None:
    person = place.person("Ana")
    ana = place.again("Ana")
    page = ana.get("/me").get_data(as_text=True)
    assert "Your roles let you read these, not change them." in page
    assert 'name="locale"' not in page
    assert ana.post("/me/settings", locale="nl_NL").status_code in (303, 403, 404)
    with place.held.workspace.read(SYSTEM, "system") as ctx:
        assert records.read_record(ctx, "base.user", person).values["locale"] is None


def test_no_other_field_is_written_by_the_settings_form(place: Office) -> None:
    person = place.person("Ana", "member")
    place.again("Ana").post("/me/settings", locale="nl_NL", name="Queen", region="north")
    with place.held.workspace.read(SYSTEM, "system") as ctx:
        assert records.read_record(ctx, "base.user", person).values["name"] == "Ana"


def test_password_is_changed_with_the_old_one(place: Office) -> None:
    person = place.person("Ana", "member")
    ana, other = place.again("Ana"), place.again("Ana")
    wrong = ana.post("/me/password", old="not it at all", new=NEW, repeat=NEW)
    assert wrong.status_code == 422
    assert "This is not your password. 4 tries left" in words(wrong)
    assert "not the same" in words(ana.post("/me/password", old=PASSWORD, new=NEW, repeat=NEW + "x"))
    assert "Use 10 or more" in words(ana.post("/me/password", old=PASSWORD, new="short", repeat="short"))
    assert ana.post("/me/password", old=PASSWORD, new=NEW, repeat=NEW).status_code == 303
    assert ana.get("/me").status_code == 200
    assert other.get("/me").status_code == 401
    assert place.visitor().sign_in("ana@example.com").status_code == 422
    assert place.visitor().sign_in("ana@example.com", NEW).status_code == 303
    assert (person, "password.change", person) in place.audit()


def test_guessing_the_old_password_is_paused(place: Office) -> None:
    ana = place.signed_in("Ana", "member")
    for _ in range(5):
        ana.post("/me/password", old="not it at all", new=NEW, repeat=NEW)
    response = ana.post("/me/password", old=PASSWORD, new=NEW, repeat=NEW)
    assert response.status_code == 429
    assert "Too many tries" in words(response)


def test_own_browsers_are_listed_and_signed_out(place: Office) -> None:
    place.person("Ana", "member")
    ana, second, third = place.again("Ana"), place.visitor(), place.again("Ana")
    second.client.environ_base["HTTP_USER_AGENT"] = FIREFOX
    second.sign_in("ana@example.com")
    page = ana.get("/me").get_data(as_text=True)
    assert "Firefox on Linux" in page
    assert "This one" in page
    end = re.findall(r'action="(/me/sessions/[^"/]+/end)">.{0,300}?Sign out Firefox', page)[0]
    assert ana.post(end).location == "/me"
    assert second.get("/me").status_code == 401
    assert "Sign out all other browsers?" in ana.text("/me/sessions/end-others")
    ana.post("/me/sessions/end-others")
    assert third.get("/me").status_code == 401
    own = re.findall(r'action="(/me/sessions/[^"/]+/end)"', ana.get("/me").get_data(as_text=True))
    assert len(own) == 1
    assert ana.post(own[0]).location == "/sign-in"
    assert ana.get("/me").status_code == 401


def test_nobody_ends_or_revokes_what_is_another_persons(place: Office) -> None:
    place.person("Ben", "member")
    ben, ana = place.again("Ben"), place.signed_in("Ana", "member")
    ben.post("/me/tokens", name="Bens", scope="read", days="30")
    page = ben.get("/me").get_data(as_text=True)
    session = re.findall(r'action="(/me/sessions/[^"/]+/end)"', page)[0]
    token = re.findall(r'href="(/me/tokens/[^"/]+/revoke)"', page)[0]
    ana.post(session)
    assert ana.get(token).status_code == 404
    assert ana.post(token).status_code == 404
    assert "Bens" in ben.text("/me")


def test_token_is_shown_once_works_and_ends(place: Office) -> None:
    ana = place.signed_in("Ana", "member")
    response = ana.post("/me/tokens", name="Nightly", scope="read", days="30")
    assert response.status_code == 201
    secret = re.findall(r'value="(kith_[^"]+)"', response.get_data(as_text=True))[0]
    assert response.headers["Cache-Control"] == "no-store"
    page = ana.get("/me").get_data(as_text=True)
    assert secret not in page
    assert "Nightly" in page
    bearer = {"Authorization": f"Bearer {secret}"}
    program = place.visitor().client
    assert program.get("/api/v1/base.user", headers=bearer).status_code == 200
    assert program.post("/api/v1/base.user", headers=bearer, json={"name": "Eve"}).status_code == 403
    assert program.get("/me", headers=bearer).status_code == 401, "tokens open the API only"
    place.clock.advance(days=31)
    assert program.get("/api/v1/base.user", headers=bearer).status_code == 401
    again = place.again("Ana")
    assert "Expired" in again.text("/me")
    revoke = re.findall(r'href="(/me/tokens/[^"/]+/revoke)"', again.get("/me").get_data(as_text=True))[0]
    assert "Revoke the token Nightly?" in again.text(revoke)
    assert again.post(revoke).status_code == 303
    assert "Nightly" not in again.text("/me")


def test_token_without_a_name_is_refused_and_keeps_what_was_chosen(place: Office) -> None:
    response = place.signed_in("Ana", "member").post("/me/tokens", name=" ", scope="write", days="365")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "needs a name" in page
    assert '<option value="write" selected>' in page
    assert '<option value="365" selected>' in page
    assert place.again("Ana").post("/me/tokens", name="x", scope="admin", days="1").status_code == 422


def test_theme_is_kept_in_the_browser(place: Office) -> None:
    ana = place.signed_in("Ana", "member")
    assert ana.post("/theme", theme="dark", next="/me").location == "/me"
    assert 'data-theme="dark"' in ana.get("/me").get_data(as_text=True)
    ana.post("/theme", theme="<script>", next="/me")
    assert 'data-theme="dark"' in ana.get("/me").get_data(as_text=True)
