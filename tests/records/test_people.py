"""People's records decide who gets in: the last administrator stays, addresses are logins, who leaves is out."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kith_platform.clock import FixedClock
from kith_platform.errors import Busy, Conflict, NotFound
from kith_platform.identity import Tokens
from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.people import load_actor
from kith_runtime.records import Operation, ValidationFailed
from kith_runtime.records.values import Source
from support.visitors import Office, office, words

PERSON = "base.user"


@pytest.fixture
def place(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Office]:
    """An office with nobody in it."""
    with office(database_url, tmp_path, clock) as opened:
        yield opened


def bearer(place: Office, person: str, *scopes: str) -> dict[str, str]:
    """Return the header of a new API token of a person."""
    with place.held.workspace.database.write() as connection:
        _, secret = Tokens(place.clock).add(connection, person, "script", scopes or ("read", "write"))
    return {"Authorization": f"Bearer {secret}"}


def test_the_last_administrator_stays_one_through_every_door_of_the_api(place: Office) -> None:
    olga = place.person("Olga", "administrator")
    place.person("Waiting", "administrator", password="")
    api, header = place.visitor().client, bearer(place, olga)
    address = f"/api/v1/{PERSON}/{olga}"
    for answer in (
        api.patch(address, json={"active": False}, headers=header),
        api.delete(address, headers=header),
    ):
        assert answer.status_code == 409, answer.text
        assert answer.json["code"] == "last_administrator"
        assert "Nobody else who can sign in administers everything" in answer.text
    operations = [{"operation": "update", "id": olga, "values": {"active": False}}]
    bulk = api.post(f"/api/v1/{PERSON}/bulk", json={"operations": operations}, headers=header)
    assert "last_administrator" in bulk.text, bulk.text
    assert place.again("Olga").get("/me").status_code == 200


def test_the_last_administrator_stays_one_when_their_form_is_saved(place: Office) -> None:
    boss = place.signed_in("Olga", "administrator")
    with place.held.workspace.database.read() as connection:
        olga = place.services.roles.people_with(connection, "base.administrator")[0]
    with pytest.raises(Conflict) as refused, place.held.writing(door="screen") as ctx:
        records.save(ctx, records.Save(PERSON, {"active": "false"}, id=olga))
    assert refused.value.code == "last_administrator"
    assert boss.get("/me").status_code == 200


def test_two_administrators_cannot_be_put_out_at_once(place: Office) -> None:
    people = [place.person("Olga", "administrator"), place.person("Petra", "administrator")]

    def put_out(number: int) -> str:
        for _ in range(50):
            try:
                with place.held.writing() as ctx:
                    if number % 2:
                        records.delete(ctx, PERSON, people[1])
                    else:
                        records.update(ctx, PERSON, people[0], {"active": False})
                return "out"
            except Busy:
                continue
            except (Conflict, NotFound) as error:
                return error.code
        return "busy"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(put_out, range(2))) == ["last_administrator", "out"]


def test_one_call_cannot_put_all_administrators_out(place: Office) -> None:
    people = [place.person("Olga", "administrator"), place.person("Petra", "administrator")]
    with place.held.writing() as ctx:
        operations = [Operation("update", PERSON, person, {"active": False}) for person in people]
        results = records.bulk(ctx, operations)
    assert [result.error.code if result.error else "" for result in results] == ["", "last_administrator"]


@pytest.mark.parametrize("way", ["active", "delete"])
def test_who_leaves_is_out_at_once_and_old_sessions_never_come_back(place: Office, way: str) -> None:
    place.person("Olga", "administrator")
    ana = place.person("Ana", "member")
    browser, header = place.again("Ana"), bearer(place, ana)
    with place.held.writing() as ctx:
        if way == "delete":
            records.delete(ctx, PERSON, ana)
        else:
            records.update(ctx, PERSON, ana, {"active": False})
    assert browser.get("/me").status_code == 401
    assert place.visitor().get(f"/api/v1/{PERSON}", headers=header).status_code == 401
    assert place.visitor().sign_in("ana@example.com").status_code in (401, 422)
    with place.held.writing() as ctx:
        if way == "delete":
            records.restore(ctx, PERSON, ana)
        else:
            records.update(ctx, PERSON, ana, {"active": True})
    assert browser.get("/me").status_code == 401
    assert place.visitor().get(f"/api/v1/{PERSON}", headers=header).status_code == 401
    assert place.again("Ana").get("/me").status_code == 200


def test_a_new_address_is_the_new_login(place: Office) -> None:
    olga, ana = place.person("Olga", "administrator"), place.person("Ana", "member")
    browser = place.again("Ana")
    answer = place.visitor().client.patch(
        f"/api/v1/{PERSON}/{ana}", json={"email": "Ana.New@Example.com"}, headers=bearer(place, olga)
    )
    assert answer.status_code == 200, answer.text
    assert place.visitor().sign_in("ana@example.com").status_code == 422
    assert place.visitor().sign_in("ana.new@example.com").status_code == 303
    assert browser.get("/me").status_code == 200
    assert ("person.login", ana) in [(action, subject) for _, action, subject in place.audit()]


def test_an_address_that_somebody_has_is_refused_with_its_field(place: Office) -> None:
    olga, ana = place.person("Olga", "administrator"), place.person("Ana", "member")
    with place.held.workspace.database.write() as connection:
        place.services.accounts.change_login(connection, ana, "anna@example.com")
    for taken in ("ANA@example.com", "Anna@Example.com"):
        answer = place.visitor().client.patch(
            f"/api/v1/{PERSON}/{olga}", json={"email": taken}, headers=bearer(place, olga)
        )
        assert answer.status_code == 422, answer.text
        assert [problem["field"] for problem in answer.json["errors"]] == ["email"]
    assert place.visitor().sign_in("olga@example.com").status_code == 303


def test_the_address_of_a_deleted_person_is_free_until_somebody_takes_it(place: Office) -> None:
    boss, ana = place.signed_in("Olga", "administrator"), place.person("Ana", "member")
    with place.held.writing() as ctx:
        records.delete(ctx, PERSON, ana)
    assert boss.post("/admin/people/new", name="Ana Two", email="ana@example.com").status_code == 201
    with place.held.writing() as ctx, pytest.raises(ValidationFailed) as refused:
        records.restore(ctx, PERSON, ana)
    assert [problem.field for problem in refused.value.problems] == ["email"]
    assert words(boss.get("/admin/people")).count("ana@example.com") == 1


def _refusals(place: Office, editor: str, person: str) -> list[str]:
    """Try to move the login of a person through every door, and return the codes of what each said."""
    new = "taken.over@example.com"
    api, header, address = place.visitor().client, bearer(place, editor), f"/api/v1/{PERSON}"
    patched = api.patch(f"{address}/{person}", json={"email": new}, headers=header)
    operations = [{"operation": "update", "id": person, "values": {"email": new}}]
    bulk = api.post(f"{address}/bulk", json={"operations": operations}, headers=header)
    found = [patched.json["errors"][0]["code"], bulk.json["results"][0]["error"]["errors"][0]["code"]]
    with place.held.workspace.read(SYSTEM, "system") as ctx:
        actor = load_actor(ctx, person_id=editor)
    assert actor is not None
    sources: tuple[Source, ...] = ("form", "json")
    for source in sources:
        with place.held.workspace.write(actor, "screen") as ctx, pytest.raises(ValidationFailed) as refused:
            records.save(ctx, records.Save(PERSON, {"email": new}, id=person), source=source)
        found += [problem.code for problem in refused.value.problems]
    return found


@pytest.mark.parametrize(
    ("editor", "person"),
    [("roles_clerk", "member"), ("audit_clerk", "member"), ("people_clerk", "administrator"), ("people_clerk", "boss")],
)
def test_nobody_moves_a_login_that_is_not_theirs_to_give(place: Office, editor: str, person: str) -> None:
    mover, moved = place.person("Mover", editor), place.person("Moved", person)
    assert _refusals(place, mover, moved) == ["login_of_another"] * 4
    assert place.visitor().sign_in("taken.over@example.com").status_code == 422
    place.again("Moved")
    same = place.visitor().client.patch(
        f"/api/v1/{PERSON}/{moved}",
        json={"email": "moved@example.com", "name": "Moved Too"},
        headers=bearer(place, mover),
    )
    assert same.status_code == 200, same.text


@pytest.mark.parametrize(("editor", "person"), [("people_clerk", "member"), ("boss", "people_clerk"), ("member", "")])
def test_logins_are_moved_by_who_administers_people_and_everybodys_own(place: Office, editor: str, person: str) -> None:
    mover = place.person("Mover", editor)
    moved = place.person("Moved", person) if person else mover
    answer = place.visitor().client.patch(
        f"/api/v1/{PERSON}/{moved}", json={"email": "elsewhere@example.com"}, headers=bearer(place, mover)
    )
    assert answer.status_code == 200, answer.text
    assert place.visitor().sign_in("elsewhere@example.com").status_code == 303
