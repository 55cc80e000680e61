"""Signing in and out through the public door: counted tries, sessions, one-time links, and what is open to visitors."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from urllib.parse import urlsplit

import pytest
from werkzeug.routing import Rule

from kith_platform.clock import FixedClock
from kith_platform.identity import SET_PASSWORD, START
from support.visitors import PASSWORD, Office, Visitor, office, words

OPEN = {
    "favicon",
    "feed.read_feed",
    "sign_in.send_link",
    "sign_in.send_sign_in",
    "sign_in.send_theme",
    "sign_in.show_link",
    "sign_in.show_sign_in",
    "static",
}
"""All that answers a visitor. Whoever adds to it thinks twice."""

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n//evil.example",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
    " //evil.example",
    "/x\\@evil.example",
    "",
]


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with nobody in it."""
    with office(database_url, tmp_path, clock) as opened:
        yield opened


SAMPLES = {r"<any[^>]*>": "password", r"<int[^>]*>": "1", r"<entity:[^>]*>": "base.user", r"<record:[^>]*>": "0" * 20}


def sample(rule: Rule) -> str:
    """Return an address of a rule with its blanks filled in."""
    address = rule.rule
    for pattern, value in {**SAMPLES, r"<[^>]+>": "a"}.items():
        address = re.sub(pattern, value, address)
    return address


def test_only_the_public_endpoints_answer_a_visitor(place: Office) -> None:
    visitor = place.visitor()
    answered = set()
    for rule in place.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PATCH", "PUT", "DELETE"}):
            token = visitor.token()
            response = visitor.client.open(sample(rule), method=method, headers={"X-CSRFToken": token})
            if response.status_code != 401:
                answered.add(rule.endpoint)
    assert answered == OPEN


def test_no_form_is_taken_without_its_token(place: Office) -> None:
    clerk = place.signed_in("Olga", "administrator")
    unsafe = {"POST", "PATCH", "PUT", "DELETE"}
    rules = [rule for rule in place.app.url_map.iter_rules() if (rule.methods or set()) & unsafe]
    assert len(rules) > 20
    for rule in rules:
        for method in sorted((rule.methods or set()) & unsafe):
            response = clerk.client.open(sample(rule), method=method, headers={"X-CSRFToken": "made up"})
            assert response.status_code == 403, (method, rule.rule)
            assert "form was open for too long" in response.get_data(as_text=True)


def test_every_answer_carries_the_security_headers(place: Office) -> None:
    for visitor in (place.visitor(), place.signed_in("Olga", "administrator")):
        for rule in place.app.url_map.iter_rules():
            for method in ("GET", "HEAD", "OPTIONS"):
                response = visitor.client.open(sample(rule), method=method)
                policy = response.headers["Content-Security-Policy"]
                assert "unsafe" not in policy, rule
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "same-origin"
                assert "frame-ancestors 'none'" in policy or "sandbox" in policy
                assert response.status_code < 500, (method, rule.rule)


def test_right_password_signs_in_and_goes_on(place: Office) -> None:
    place.person("Ana", "member")
    visitor = place.visitor()
    asked = visitor.get("/me")
    assert asked.status_code == 401
    assert 'name="next" value="/me"' in asked.get_data(as_text=True)
    response = visitor.sign_in("  ANA@Example.com ", next="/me")
    assert (response.status_code, response.location) == (303, "/me")
    cookie = next(each for each in response.headers.getlist("Set-Cookie") if each.startswith("kith_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" in cookie
    assert "Where I am signed in" in visitor.text("/me")
    assert visitor.get("/sign-in?next=/me").location == "/me"


def test_cookie_is_secure_over_https(place: Office) -> None:
    page = place.visitor().client.get("/sign-in", base_url="https://kith.example")
    assert "Secure" in page.headers["Set-Cookie"]
    assert "max-age" in page.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_sent_elsewhere(place: Office, target: str) -> None:
    place.person("Ana")
    visitor = place.visitor()
    for response in (
        visitor.sign_in("ana@example.com", next=target),
        visitor.get("/sign-in", query_string={"next": target}),
        visitor.post("/theme", theme="dark", next=target),
    ):
        assert response.status_code == 303
        found = urlsplit(response.location)
        assert (found.scheme, found.netloc) == ("", "")
        assert response.location == "/"


def test_tries_are_counted_down_then_paused(place: Office) -> None:
    place.person("Ana")
    visitor = place.visitor()
    texts = [words(visitor.sign_in("ana@example.com", "wrong wrong wrong")) for _ in range(5)]
    assert "E-mail and password do not match. 4 tries left, then a 15-minute pause." in texts[0]
    assert "1 try left" in texts[3]
    assert "Try again in 15 minutes" in texts[4]
    paused = visitor.sign_in("ana@example.com")
    assert paused.status_code == 429
    assert int(paused.headers["Retry-After"]) == 900
    assert "Too many tries" in words(paused)
    place.clock.advance(minutes=16)
    assert visitor.sign_in("ana@example.com").status_code == 303


def test_what_was_typed_stays_but_no_password(place: Office) -> None:
    response = place.visitor().sign_in("who@example.com", "not a password of anybody", next="/me")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="who@example.com"' in page
    assert 'name="next" value="/me"' in page
    assert "not a password" not in page


def test_unknown_people_cost_the_same_time_and_words(place: Office) -> None:
    place.person("Ana")
    visitor = place.visitor()
    texts, times = set(), []
    for email in ("ana@example.com", "nobody@example.com"):
        token, best = visitor.token(), 9.0
        for _ in range(3):
            start = process_time()  # not what other work on the machine takes
            page = visitor.client.post("/sign-in", data={"csrf_token": token, "email": email, "password": "x" * 12})
            best = min(best, process_time() - start)
        texts.add(words(page))
        times.append(best)
    assert len(texts) == 1
    assert max(times) < 3 * min(times)


def test_signing_in_leaves_nothing_of_the_cookie_before(place: Office) -> None:
    place.person("Ana")
    visitor = place.visitor()
    token = visitor.token()
    planted = visitor.client.get_cookie("kith_session")
    visitor.client.post("/sign-in", data={"csrf_token": token, "email": "ana@example.com", "password": PASSWORD})
    assert planted is not None
    attacker = place.visitor()
    attacker.client.set_cookie("kith_session", planted.value)
    assert attacker.get("/me").status_code == 401
    assert visitor.client.post("/sign-out", data={"csrf_token": token}).status_code == 403
    first = visitor.client.get_cookie("kith_session")
    visitor.sign_in("ana@example.com")
    assert first is not None
    attacker.client.set_cookie("kith_session", first.value)
    assert attacker.get("/me").status_code == 401, "the session before ends when the browser signs in anew"


def test_signing_out_ends_the_session_everywhere_it_is_kept(place: Office) -> None:
    visitor = place.signed_in("Ana")
    kept = visitor.client.get_cookie("kith_session")
    assert kept is not None
    response = visitor.post("/sign-out")
    assert (response.status_code, response.location) == (303, "/sign-in")
    thief = place.visitor()
    thief.client.set_cookie("kith_session", kept.value)
    assert thief.get("/me").status_code == 401
    assert visitor.get("/me").status_code == 401
    assert place.audit()[-1][1] == "sign_out.done"


def test_session_ends_when_idle_and_after_seven_days(place: Office) -> None:
    visitor = place.signed_in("Ana")
    place.clock.advance(hours=11)
    assert visitor.get("/me").status_code == 200
    place.clock.advance(hours=11)
    assert visitor.get("/me").status_code == 200
    place.clock.advance(hours=12)
    ended = visitor.get("/me")
    assert ended.status_code == 401
    assert "You were signed out after 12 hours. Your work is kept." in words(ended)
    again = place.again("Ana")
    for _ in range(14):
        place.clock.advance(hours=11, minutes=50)
        assert again.get("/me").status_code == 200
    place.clock.advance(hours=3)
    ended = again.get("/me")
    assert ended.status_code == 401
    assert "signed out after" not in words(ended)


def link(place: Office, person: str, purpose: str) -> str:
    """Return the address of a new one-time link."""
    with place.held.workspace.database.write() as connection:
        code = place.services.codes.issue(connection, purpose, person)
    return f"/{'start' if purpose == START else 'password'}/{code}"


def send(visitor: Visitor, address: str, password: str, repeat: str) -> tuple[int, str]:
    """Send the form behind a link."""
    response = visitor.client.post(
        address, data={"csrf_token": visitor.token(), "password": password, "repeat": repeat}
    )
    return response.status_code, words(response)


@pytest.mark.parametrize("purpose", [START, SET_PASSWORD])
def test_link_sets_a_password_once_and_signs_in(place: Office, purpose: str) -> None:
    person = place.person("Olga", "administrator", password="")
    address = link(place, person, purpose)
    visitor = place.visitor()
    assert "olga@example.com" in visitor.text(address)
    assert "olga@example.com" in visitor.text(address), "looking does not use it up"
    status, text = send(visitor, address, "quiet harbours 7", "quiet harbours 8")
    assert (status, "not the same" in text) == (422, True)
    status, text = send(visitor, address, "short", "short")
    assert (status, "Use 10 or more" in text, "olga@example.com" in text) == (422, True, True)
    assert send(visitor, address, "quiet harbours 7", "quiet harbours 7")[0] == 303
    assert "My settings" in visitor.text("/me")
    assert visitor.get(address).status_code == 410
    assert send(place.visitor(), address, "quiet harbours 9", "quiet harbours 9")[0] == 410
    assert (person, "password.set", person) in place.audit()


def test_old_unknown_and_foreign_links_say_so(place: Office) -> None:
    person = place.person("Ana")
    address = link(place, person, SET_PASSWORD)
    assert place.visitor().get(address.replace("/password/", "/start/")).status_code == 410
    place.clock.advance(hours=25)
    response = place.visitor().get(address)
    assert response.status_code == 410
    assert "An administrator can make a new one" in words(response)
    assert place.visitor().get("/start/nothing").status_code == 410


def test_page_that_is_not_there_says_so_in_the_frame_of_who_asks(place: Office) -> None:
    assert place.visitor().get("/nothing").status_code == 404
    page = place.signed_in("Ana").get("/nothing")
    assert page.status_code == 404
    assert "My settings" in words(page)
    assert place.visitor().client.post("/nothing").status_code == 404
    assert place.visitor().client.delete("/sign-in", headers={}).status_code in (403, 405)
