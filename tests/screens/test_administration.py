"""Administration through the public door: who may enter what, letting people in and out, and the rules above all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kith_platform.clock import FixedClock
from support.visitors import CLERKS, Office, Visitor, office, words

PAGES = ["", *(f"/{section}" for section in CLERKS)]


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with nobody in it."""
    with office(database_url, tmp_path, clock) as opened:
        yield opened


def link_on(page: str) -> str:
    """Return the path of the one-time link that a page shows."""
    found = re.search(r'value="http://localhost(/password/[^"]+)"', page)
    assert found is not None
    return found[1]


def accept(visitor: Visitor, address: str, password: str = "quiet harbours 7") -> int:
    """Choose a password behind a link."""
    values = {"csrf_token": visitor.token(), "password": password, "repeat": password}
    return visitor.client.post(address, data=values).status_code


def test_each_page_needs_its_permission_and_is_absent_without(place: Office) -> None:
    for permission in sorted(set(CLERKS.values())):
        clerk = place.signed_in(permission.title(), f"{permission}_clerk")
        overview = clerk.get("/admin").get_data(as_text=True)
        for section, needed in CLERKS.items():
            address = f"/admin/{section}"
            assert clerk.get(address).status_code == (200 if needed == permission else 403), (permission, section)
            assert (f'href="{address}"' in overview) == (needed == permission)


def test_who_administers_nothing_finds_no_way_in(place: Office) -> None:
    member = place.signed_in("Ana", "member")
    assert 'href="/admin"' not in member.get("/me").get_data(as_text=True)
    for page in [f"/admin{page}" for page in PAGES]:
        response = member.get(page)
        assert response.status_code == 403, page
        assert "Ask an administrator" in words(response)
    person = ("new", "a/link", "a/roles", "a/disable", "a/enable", "a/email", "a/sign-out")
    for path in (*(f"people/{each}" for each in person), "tokens/a/revoke", "sessions/a/end", "audit/verify"):
        assert member.post(f"/admin/{path}", name="x").status_code == 403, path


def test_person_is_added_and_let_in_by_a_link(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    response = boss.post("/admin/people/new", name="Tom Weber", email="tom@example.com", roles=["base.member"])
    assert response.status_code == 201
    address = link_on(response.get_data(as_text=True))
    assert "Never signed in" in words(response)
    tom = place.visitor()
    assert accept(tom, address) == 303
    assert "Tom Weber" in tom.text("/me")
    listed = boss.text("/admin/people?q=WEBER&state=active")
    assert "Tom Weber tom@example.com Active Member" in listed
    assert "Olga" not in listed.partition("Teams Name")[2]
    assert "person.add" in [action for _, action, _ in place.audit()]


def test_wrong_input_stays_with_words_beside_it(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    for values, said in (
        ({"name": "", "email": "tom@example.com"}, "Name"),
        ({"name": "Tom", "email": "nonsense"}, "nonsense"),
        ({"name": "Tom", "email": "olga@example.com"}, "olga@example.com"),
    ):
        response = boss.post("/admin/people/new", **values)
        page = response.get_data(as_text=True)
        assert response.status_code == 422
        assert "to fix, then it saves" in words(response)
        assert said in words(response) or said in page
        assert f'value="{values["email"]}"' in page
    assert "person.add" not in [action for _, action, _ in place.audit()]


def test_disabled_person_is_out_at_the_next_click_and_may_come_back(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    ana = place.person("Ana", "member")
    browser = place.again("Ana")
    with place.held.workspace.database.write() as connection:
        _, secret = place.services.tokens.add(connection, ana, "script", ("read",))
    assert "Disable Ana?" in boss.text(f"/admin/people/{ana}/disable")
    assert boss.post(f"/admin/people/{ana}/disable").location == f"/admin/people/{ana}"
    assert browser.get("/me").status_code == 401
    bearer = {"Authorization": f"Bearer {secret}"}
    assert place.visitor().get("/api/v1/base.user", headers=bearer).status_code == 401
    assert place.visitor().sign_in("ana@example.com").status_code == 422
    assert "Disabled" in boss.text(f"/admin/people/{ana}")
    assert boss.post(f"/admin/people/{ana}/link").status_code == 409
    boss.post(f"/admin/people/{ana}/enable")
    assert place.again("Ana").get("/me").status_code == 200
    done = [action for _, action, subject in place.audit() if subject == ana]
    assert [each for each in done if each.startswith("person.")] == ["person.disable", "person.enable"]


def test_new_link_replaces_the_old_one_and_sessions_end_on_demand(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    ana = place.person("Ana", "member")
    first = link_on(boss.post(f"/admin/people/{ana}/link").get_data(as_text=True))
    second = link_on(boss.post(f"/admin/people/{ana}/link").get_data(as_text=True))
    assert place.visitor().get(first).status_code == 410
    assert place.visitor().get(second).status_code == 200
    browser = place.again("Ana")
    boss.post(f"/admin/people/{ana}/sign-out")
    assert browser.get("/me").status_code == 401


def test_roles_count_at_the_next_click(place: Office) -> None:
    boss, ana = place.signed_in("Olga", "administrator"), place.person("Ana", "member")
    browser = place.again("Ana")
    assert browser.get("/admin/audit").status_code == 403
    boss.post(f"/admin/people/{ana}/roles", roles=["base.member", "base.audit_clerk"])
    assert browser.get("/admin/audit").status_code == 200
    boss.post(f"/admin/people/{ana}/roles", roles=["base.member"])
    assert browser.get("/admin/audit").status_code == 403
    assert boss.post(f"/admin/people/{ana}/roles", roles=["base.nonsense"]).status_code == 422


def test_nobody_rises_above_what_they_hold(place: Office) -> None:
    olga, ana = place.person("Olga", "administrator"), place.person("Ana", "member")
    boss, clerk = place.signed_in("Ben", "boss"), place.signed_in("Cleo", "people_clerk")
    for role in ("base.administrator", "base.audit_clerk"):
        assert boss.post(f"/admin/people/{ana}/roles", roles=[role]).status_code == 403
        assert boss.post("/admin/people/new", name="Eve", email="eve@example.com", roles=[role]).status_code == 403
    assert boss.post(f"/admin/people/{olga}/link").status_code == 403
    assert boss.post(f"/admin/people/{olga}/disable").status_code == 403
    assert boss.post(f"/admin/people/{olga}/sign-out").status_code == 403
    assert boss.post(f"/admin/people/{ana}/roles", roles=["base.people_clerk"]).status_code == 303
    assert clerk.post(f"/admin/people/{ana}/roles", roles=["base.member"]).status_code == 403
    assert (
        clerk.post("/admin/people/new", name="Eve", email="eve@example.com", roles=["base.member"]).status_code == 403
    )
    assert clerk.post("/admin/people/new", name="Eve", email="eve@example.com").status_code == 201
    page = boss.get(f"/admin/people/{olga}").get_data(as_text=True)
    assert "administers more than you do" in page
    assert boss.post(f"/admin/people/{olga}/roles", roles=["base.member"]).status_code in (303, 403)
    assert "Administrator" in words(boss.get("/admin/people?q=olga"))


def test_the_last_administrator_stays_one(place: Office) -> None:
    olga = place.person("Olga", "administrator")
    boss = place.again("Olga")
    response = boss.post(f"/admin/people/{olga}/roles", roles=["base.member"])
    assert response.status_code == 409
    assert "stays an administrator" in words(response)
    assert boss.post(f"/admin/people/{olga}/disable").status_code == 409
    nina = place.person("Nina", "administrator", password="")
    assert boss.post(f"/admin/people/{olga}/roles").status_code == 409, "nobody knows whether Nina ever comes"
    assert accept(place.visitor(), link_on(boss.post(f"/admin/people/{nina}/link").get_data(as_text=True))) == 303
    assert boss.post(f"/admin/people/{olga}/roles", roles=["base.member"]).status_code == 303
    assert boss.get("/admin").status_code == 403


def test_role_is_shown_in_words(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    assert "Everything" in boss.text("/admin/roles")
    member = boss.text("/admin/roles/base.member")
    assert "User All No Some id == me.id None" in member
    assert "Team Own No None None" in member
    assert "All rights over all records" in boss.text("/admin/roles/base.administrator")
    chief = boss.text("/admin/roles/base.boss")
    assert "Includes People clerk , Roles clerk" in chief
    assert "from People clerk" in chief
    assert boss.get("/admin/roles/base.nothing").status_code == 404


def test_access_is_explained_in_sentences(place: Office) -> None:
    boss, ana = place.signed_in("Olga", "administrator"), place.person("Ana", "member")
    query = f"/admin/access?person={ana}&entity=base.user&field=region&record=http://x/e/base.user/{ana}"
    answer = boss.text(query)
    assert "The role Member opens base.user: reading all records" in answer
    assert "can be read and changed" in answer
    assert "This record can be changed." in answer
    assert "This record can not be deleted." in answer
    assert boss.get(f"/admin/access?person={ana}&entity=no.such").status_code == 400
    assert "disabled or gone" in boss.text("/admin/access?person=nobody&entity=base.user")


def test_tokens_and_sessions_of_everybody_end_on_demand(place: Office) -> None:
    boss, ana = place.signed_in("Olga", "administrator"), place.person("Ana", "member")
    browser = place.again("Ana")
    browser.post("/me/tokens", name="Nightly", scope="read", days="30")
    page = boss.get("/admin/tokens").get_data(as_text=True)
    assert "Nightly" in page
    revoke = re.findall(r'href="(/admin/tokens/[^"]+/revoke)"', page)[0]
    assert "Revoke the token of Ana?" in boss.text(revoke)
    assert boss.post(revoke).status_code == 303
    assert boss.post(revoke).status_code == 404
    assert "No tokens." in boss.text("/admin/tokens")
    page = boss.get("/admin/sessions").get_data(as_text=True)
    end = re.findall(r'href="(/admin/sessions/[^"]+/end)" aria-label="End the session of Ana', page)[0]
    assert "End this session of Ana?" in boss.text(end)
    assert boss.post(end).status_code == 303
    assert browser.get("/me").status_code == 401
    assert {(action, subject) for _, action, subject in place.audit()} >= {("token.revoke", ana), ("session.end", ana)}


def test_long_lists_are_paged_by_key(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    for number in range(60):
        place.held.person(f"Person{number:02}")
    seen: list[str] = []
    address = "/admin/people"
    while address:
        page = boss.get(address).get_data(as_text=True)
        seen += re.findall(r"<bdi>(Person\d\d|Olga)</bdi>", page.partition("<main")[2])
        following = re.search(r'href="([^"]+)">Next', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == ["Olga", *(f"Person{number:02}" for number in range(60))]


def test_audit_is_filtered_paged_and_verified(place: Office) -> None:
    boss, ana = place.signed_in("Olga", "administrator"), place.person("Ana", "member")
    for _ in range(30):
        boss.post(f"/admin/people/{ana}/disable")
        boss.post(f"/admin/people/{ana}/enable")
    first = boss.get("/admin/audit")
    older = re.search(r'href="(/admin/audit\?before=\d+)">Next', first.get_data(as_text=True))
    assert older is not None
    assert "Signed in" in words(boss.get(older[1]))
    rows = words(boss.get(f"/admin/audit?action=person.enable&subject={ana}")).partition("Details")[2]
    assert "Enabled a person Ana" in rows
    assert "Disabled a person Ana" not in rows
    whole = boss.post("/admin/audit/verify")
    assert "The trail is whole" in words(whole)
    with place.held.workspace.database.write() as connection:
        connection.execute(text("UPDATE kith_audit SET action = 'person.nothing' WHERE sequence = 9"))
    assert "Entry 9 does not follow" in words(boss.post("/admin/audit/verify"))


def test_publishes_are_listed_in_words(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    place.held.publish({"base/tag.yaml": "entity: tag\nlabel: Tag\nfields:\n  name: {type: text}\n"})
    page = boss.text("/admin/publishes")
    assert "Live now: publish 2" in page
    assert "base.tag" in page
    assert place.held.workspace.current.snapshot.hash[:12] in page
