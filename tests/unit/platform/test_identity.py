"""Accounts, passwords, sessions, tokens, codes, attempts and roles, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from kith_platform.clock import FixedClock
from kith_platform.database import Connection, Database
from kith_platform.errors import Conflict, Invalid, NotFound, RateLimited
from kith_platform.identity import (
    SET_PASSWORD,
    START,
    Accounts,
    Attempt,
    Attempts,
    Codes,
    Passwords,
    RoleAssignments,
    Sessions,
    Tokens,
    check_policy,
)

PASSWORD = "seven green bicycles"
QUICK = Passwords(passes=1, memory=64)


@pytest.fixture
def accounts(clock: FixedClock) -> Accounts:
    return Accounts(clock, QUICK)


@pytest.fixture
def people(platform_database: Database, accounts: Accounts) -> Database:
    """Two people who can sign in: ana and ben."""
    with platform_database.write() as connection:
        for name in ("ana", "ben"):
            accounts.add(connection, name, f"{name}@example.com")
            accounts.set_password(connection, name, PASSWORD)
    return platform_database


def everything(database: Database) -> str:
    """All rows of all tables of identity, as text."""
    tables = ("credential", "session", "token", "code", "attempt", "role_assignment")
    with database.read() as connection:
        return "".join(str(connection.execute(text(f"SELECT * FROM kith_{table}")).all()) for table in tables)


# ---- passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password", ["abcdefghij", "correcthorse", "Password123", "1234567890", "aaaaaaaaaaaaa", "short"]
)
def test_weak_passwords_are_refused_with_what_to_do(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_policy(password)
    assert caught.value.field == "password"
    assert caught.value.hint


@pytest.mark.parametrize(
    "password", [PASSWORD, "x" * 5 + " y z w " * 5, "пароль из слов", "a" * 100 + "bcd", "q7#Lp0z!Wd"]
)
def test_long_passwords_of_any_kind_are_taken(password: str) -> None:
    check_policy(password)


def test_password_of_257_characters_is_refused() -> None:
    check_policy("ab3d" * 64)
    with pytest.raises(Invalid, match="257"):
        check_policy("ab3d" * 64 + "e")


@pytest.mark.parametrize("password", ["sarahlindholm", "Lindholm12", "sarah.lindholm", "acmecorp.example"])
def test_password_made_of_the_persons_own_words_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_policy(password, ["Sarah Lindholm", "sarah.lindholm@acmecorp.example"])
    assert caught.value.code == "password_personal"


def test_hash_is_argon2id_and_salted() -> None:
    hashes = {QUICK.hash(PASSWORD), QUICK.hash(PASSWORD)}
    assert len(hashes) == 2
    assert all(each.startswith("$argon2id$") for each in hashes)
    assert all(QUICK.matches(each, PASSWORD) for each in hashes)
    assert not QUICK.matches(hashes.pop(), PASSWORD + "!")


def test_no_or_broken_hash_matches_nothing() -> None:
    assert not QUICK.matches(None, "no person has this password")
    assert not QUICK.matches("broken", PASSWORD)
    assert not QUICK.matches(QUICK.hash(PASSWORD), "x" * 10_000)


def test_the_same_characters_typed_on_another_keyboard_match() -> None:
    assert QUICK.matches(QUICK.hash("cafe\u0301 du matin"), "caf\u00e9 du matin")


# ---- accounts --------------------------------------------------------------------------------------------------------


def test_right_login_and_password_are_verified(people: Database, accounts: Accounts) -> None:
    with people.read() as connection:
        verified = accounts.verify(connection, " ANA@example.com ", PASSWORD)
        assert verified is not None
        assert (verified.person_id, verified.stale) == ("ana", False)
        assert accounts.verify(connection, "ana@example.com", "something else") is None
        assert accounts.verify(connection, "nobody@example.com", PASSWORD) is None
        found = accounts.find(connection, "ana")
        assert found is not None
        assert (found.login, found.has_password, found.disabled) == ("ana@example.com", True, False)
        assert not accounts.is_empty(connection)


def test_hash_with_old_parameters_works_and_is_renewed(people: Database, clock: FixedClock) -> None:
    stronger = Accounts(clock, Passwords(passes=2, memory=128))
    with people.read() as connection:
        old = stronger.verify(connection, "ana@example.com", PASSWORD)
    assert old is not None
    assert old.stale
    with people.write() as connection:
        stronger.renew_hash(connection, "ana", PASSWORD)
        renewed = stronger.verify(connection, "ana@example.com", PASSWORD)
    assert renewed is not None
    assert not renewed.stale


def test_login_of_another_is_refused(people: Database, accounts: Accounts) -> None:
    with people.write() as connection:
        with pytest.raises(Conflict):
            accounts.add(connection, "carl", "Ben@Example.com")
        with pytest.raises(Conflict):
            accounts.change_login(connection, "ana", "ben@example.com")
        accounts.change_login(connection, "ana", "ana.new@example.com")
        assert accounts.verify(connection, "ana.new@example.com", PASSWORD)


def test_person_without_account_cannot_get_a_password(people: Database, accounts: Accounts) -> None:
    with people.write() as connection, pytest.raises(NotFound):
        accounts.set_password(connection, "nobody", PASSWORD)


def test_account_without_password_cannot_sign_in(people: Database, accounts: Accounts) -> None:
    with people.write() as connection:
        accounts.add(connection, "carl", "carl@example.com")
        assert accounts.verify(connection, "carl@example.com", "") is None


def test_new_password_ends_other_sessions_and_codes(people: Database, accounts: Accounts, clock: FixedClock) -> None:
    sessions, codes = Sessions(clock), Codes(clock)
    with people.write() as connection:
        kept, kept_token = sessions.begin(connection, "ana", "", "")
        _, other_token = sessions.begin(connection, "ana", "", "")
        code = codes.issue(connection, SET_PASSWORD, "ana")
        accounts.set_password(connection, "ana", "another long one", keep_session=kept.id)
        assert sessions.find(connection, kept_token) is not None
        assert sessions.find(connection, other_token) is None
        assert codes.use(connection, SET_PASSWORD, code) is None


def test_disabled_person_is_out_at_once(people: Database, accounts: Accounts, clock: FixedClock) -> None:
    sessions, tokens = Sessions(clock), Tokens(clock)
    with people.write() as connection:
        _, session_token = sessions.begin(connection, "ana", "", "")
        _, api_token = tokens.add(connection, "ana", "script", ["read"])
        _, bens = sessions.begin(connection, "ben", "", "")
        accounts.disable(connection, "ana")
    with people.read() as connection:
        assert sessions.find(connection, session_token) is None
        assert tokens.find(connection, api_token) is None
        assert accounts.verify(connection, "ana@example.com", PASSWORD) is None
        assert sessions.find(connection, bens) is not None
    with people.write() as connection:
        accounts.enable(connection, "ana")
        assert accounts.verify(connection, "ana@example.com", PASSWORD)
        assert sessions.find(connection, session_token) is None


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_session_is_found_by_its_token_only(people: Database, clock: FixedClock) -> None:
    sessions = Sessions(clock)
    with people.write() as connection:
        session, token = sessions.begin(connection, "ana", "Firefox\x00" + "x" * 500, "10.0.0.1")
        assert sessions.find(connection, token) == session
        assert sessions.find(connection, session.id) is None
        assert sessions.find(connection, "") is None
    assert len(token) == 43
    assert len(session.user_agent) <= 300
    assert token not in everything(people)


def test_session_ends_when_idle(people: Database, clock: FixedClock) -> None:
    sessions = Sessions(clock)
    with people.write() as connection:
        session, token = sessions.begin(connection, "ana", "", "")
        clock.advance(hours=11)
        assert sessions.find(connection, token) == session
        sessions.note_seen(connection, session, "10.0.0.2")
        clock.advance(hours=11)
        seen = sessions.find(connection, token)
        assert seen is not None
        assert seen.address == "10.0.0.2"
        clock.advance(hours=1)
        assert sessions.find(connection, token) is None
        assert sessions.of_person(connection, "ana") == ()
        assert sessions.remove_dead(connection) == 1


def test_session_ends_after_seven_days_of_use(people: Database, clock: FixedClock) -> None:
    sessions = Sessions(clock)
    with people.write() as connection:
        _, token = sessions.begin(connection, "ana", "", "")
        for _ in range(7 * 3 - 1):
            clock.advance(hours=8)
            session = sessions.find(connection, token)
            assert session is not None
            sessions.note_seen(connection, session, "")
        clock.advance(hours=8)
        assert sessions.find(connection, token) is None


def test_use_of_a_session_is_due_once_a_minute(people: Database, clock: FixedClock) -> None:
    sessions = Sessions(clock)
    with people.write() as connection:
        session, _ = sessions.begin(connection, "ana", "", "")
    clock.advance(seconds=59)
    assert not sessions.seen_is_due(session)
    clock.advance(seconds=1)
    assert sessions.seen_is_due(session)


def test_sessions_are_listed_and_ended_by_their_owner_only(people: Database, clock: FixedClock) -> None:
    sessions = Sessions(clock)
    with people.write() as connection:
        first, _ = sessions.begin(connection, "ana", "Firefox", "10.0.0.1")
        clock.advance(seconds=1)
        second, _ = sessions.begin(connection, "ana", "Chromium", "10.0.0.2")
        clock.advance(seconds=1)
        third, _ = sessions.begin(connection, "ana", "Safari", "10.0.0.3")
        bens, _ = sessions.begin(connection, "ben", "", "")
        assert sessions.of_person(connection, "ana") == (third, second, first)
        assert not sessions.end(connection, "ben", first.id)
        assert sessions.end(connection, "ana", first.id)
        assert not sessions.end(connection, "ana", first.id)
        assert sessions.end_others(connection, "ana", third.id) == 1
        assert sessions.of_person(connection, "ana") == (third,)
        assert sessions.end_all(connection, "ana") == 1
        assert sessions.of_person(connection, "ben") == (bens,)


# ---- tokens ----------------------------------------------------------------------------------------------------------


def test_token_is_shown_once_and_found_by_its_text(people: Database, clock: FixedClock) -> None:
    tokens = Tokens(clock)
    with people.write() as connection:
        token, secret = tokens.add(connection, "ana", " Import ", ["write", "read", "read"])
        assert tokens.find(connection, secret) == token
        assert tokens.find(connection, secret + "x") is None
        assert tokens.find(connection, secret.removeprefix("kith_")) is None
    assert secret.startswith("kith_")
    assert (token.name, token.scopes, token.start) == ("Import", ("read", "write"), secret[:9])
    assert secret not in everything(people)


def test_token_expires(people: Database, clock: FixedClock) -> None:
    tokens = Tokens(clock)
    with people.write() as connection:
        token, secret = tokens.add(connection, "ana", "short", [], clock.now() + timedelta(hours=1))
        clock.advance(minutes=59)
        assert tokens.find(connection, secret) == token
        clock.advance(minutes=1)
        assert tokens.find(connection, secret) is None
        with pytest.raises(Invalid):
            tokens.add(connection, "ana", "late", [], clock.now())
        with pytest.raises(Invalid):
            tokens.add(connection, "ana", "  ", [])


def test_token_use_is_noted_once_a_minute(people: Database, clock: FixedClock) -> None:
    tokens = Tokens(clock)
    with people.write() as connection:
        token, secret = tokens.add(connection, "ana", "script", [])
        assert tokens.used_is_due(token)
        tokens.note_used(connection, token)
        used = tokens.find(connection, secret)
        assert used is not None
        assert used.last_used_at == clock.now()
        assert not tokens.used_is_due(used)


def test_tokens_are_listed_and_revoked_by_their_owner_only(people: Database, clock: FixedClock) -> None:
    tokens = Tokens(clock)
    with people.write() as connection:
        token, secret = tokens.add(connection, "ana", "script", [])
        assert not tokens.revoke(connection, "ben", token.id)
        assert tokens.of_person(connection, "ana") == (token,)
        assert tokens.revoke(connection, "ana", token.id)
        assert tokens.find(connection, secret) is None
        tokens.add(connection, "ana", "one", [])
        assert tokens.revoke_all(connection, "ana") == 1


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_code_works_once_for_its_purpose(people: Database, clock: FixedClock) -> None:
    codes = Codes(clock)
    with people.write() as connection:
        code = codes.issue(connection, START, "ana")
        assert codes.use(connection, SET_PASSWORD, code) is None
        assert codes.look(connection, START, code) == "ana"
        assert codes.use(connection, START, code) == "ana"
        assert codes.use(connection, START, code) is None
        assert codes.look(connection, START, code) is None
    assert code not in everything(people)


def test_code_expires_and_is_replaced_by_a_newer_one(people: Database, clock: FixedClock) -> None:
    codes = Codes(clock)
    with people.write() as connection:
        first = codes.issue(connection, START, "ana", timedelta(minutes=10))
        second = codes.issue(connection, START, "ana", timedelta(minutes=10))
        assert codes.look(connection, START, first) is None
        clock.advance(minutes=10)
        assert codes.look(connection, START, second) is None
        assert codes.remove_dead(connection) == 1


def test_code_used_by_many_at_once_works_for_one(people: Database, clock: FixedClock) -> None:
    codes = Codes(clock)
    with people.write() as connection:
        code = codes.issue(connection, START, "ana")

    def use(_: int) -> str | None:
        with people.write() as connection:
            return codes.use(connection, START, code)

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(use, range(6)), key=str) == [None] * 5 + ["ana"]


# ---- attempts --------------------------------------------------------------------------------------------------------


def attempt(
    database: Database, attempts: Attempts, login: str = "ana@example.com", address: str = "10.0.0.1"
) -> Attempt:
    with database.write() as connection:
        return attempts.start(connection, login, address)


def test_wrong_tries_are_counted_down_and_then_paused(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    told = [str(attempt(platform_database, attempts).refusal()) for _ in range(5)]
    assert told == [
        "E-mail and password do not match. 4 tries left, then a 15-minute pause.",
        "E-mail and password do not match. 3 tries left, then a 15-minute pause.",
        "E-mail and password do not match. 2 tries left, then a 15-minute pause.",
        "E-mail and password do not match. 1 try left, then a 15-minute pause.",
        "E-mail and password do not match. Try again in 15 minutes.",
    ]
    with pytest.raises(RateLimited) as caught:
        attempt(platform_database, attempts, " ANA@example.com")
    assert str(caught.value) == "Too many tries to sign in. Try again in 15 minutes."
    assert caught.value.retry_after == 900
    assert attempt(platform_database, attempts, "ben@example.com").tries_left == 4


def test_each_pause_is_twice_as_long_up_to_four_hours(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    pauses = []
    for number in range(6):
        for _ in range(5):
            last = attempt(platform_database, attempts, address=f"10.0.0.{number}")
        pauses.append(last.pause)
        clock.advance(seconds=last.pause.total_seconds())
    assert [pause // timedelta(minutes=1) for pause in pauses] == [15, 30, 60, 120, 240, 240]


def test_right_password_forgets_the_tries(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    for _ in range(4):
        attempt(platform_database, attempts)
    last = attempt(platform_database, attempts)
    with platform_database.write() as connection:
        attempts.succeeded(connection, last)
    assert attempt(platform_database, attempts).tries_left == 4


def test_address_that_tries_many_accounts_is_paused(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    for number in range(20):
        attempt(platform_database, attempts, f"person{number}@example.com")
    with pytest.raises(RateLimited):
        attempt(platform_database, attempts, "person99@example.com")
    assert attempt(platform_database, attempts, "person99@example.com", "10.0.0.2").tries_left == 4


def test_many_right_sign_ins_from_one_office_are_never_paused(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    for number in range(60):
        each = attempt(platform_database, attempts, f"person{number}@example.com")
        with platform_database.write() as connection:
            attempts.succeeded(connection, each)


def test_a_quiet_day_forgets_everything(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)
    for _ in range(5):
        attempt(platform_database, attempts)
    clock.advance(hours=25)
    assert attempt(platform_database, attempts).pause == timedelta(minutes=15)
    clock.advance(hours=25)
    with platform_database.write() as connection:
        assert attempts.remove_old(connection) == 2


def test_tries_at_the_same_moment_do_not_slip_through(platform_database: Database, clock: FixedClock) -> None:
    attempts = Attempts(clock)

    def guess(_: int) -> bool:
        try:
            attempt(platform_database, attempts)
        except RateLimited:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(guess, range(16))) == 5


# ---- roles -----------------------------------------------------------------------------------------------------------


def test_roles_are_granted_and_revoked_and_each_change_is_told(platform_database: Database, clock: FixedClock) -> None:
    told: list[Connection] = []
    roles = RoleAssignments(clock, told.append)
    with platform_database.write() as connection:
        assert roles.grant(connection, "ana", "sales.rep", "root")
        assert not roles.grant(connection, "ana", "sales.rep", "root")
        assert roles.grant(connection, "ben", "sales.rep", "root")
        assert roles.of_person(connection, "ana") == ("sales.rep",)
        assert roles.people_with(connection, "sales.rep") == ("ana", "ben")
        assert told == [connection, connection]
        assert roles.replace(connection, "ana", ["sales.manager", "base.user"], "root")
        assert roles.of_person(connection, "ana") == ("base.user", "sales.manager")
        assert not roles.replace(connection, "ana", ["base.user", "sales.manager"], "root")
        assert roles.revoke(connection, "ben", "sales.rep")
        assert not roles.revoke(connection, "ben", "sales.rep")
        assert len(told) == 6


def test_list_of_common_passwords_is_packaged() -> None:
    path = Path(__file__).parents[3] / "platform/kith_platform/identity/common_passwords.txt"
    assert len(path.read_text().split()) >= 200
