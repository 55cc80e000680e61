"""Errors, clock, ids and settings."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from kith_platform import errors
from kith_platform.clock import FixedClock, SystemClock
from kith_platform.errors import DatabaseBusy, Invalid, KithError, Misconfigured, RateLimited
from kith_platform.ids import ID_LENGTH, is_id, made_at, new_id
from kith_platform.settings import Settings


def test_error_carries_code_field_and_sentences() -> None:
    error = Invalid("too_short", "It is too short.", "Add words.", "name")
    assert (error.code, error.field, error.status) == ("too_short", "name", 422)
    assert str(error) == "It is too short. Add words."
    assert KithError("x", "Text.", status=418).status == 418


def test_errors_that_pass_tell_when_to_come_back() -> None:
    assert RateLimited("slow", "Slow down.", retry_after=30).retry_after == 30
    assert (DatabaseBusy("busy", "Busy.").status, DatabaseBusy("busy", "Busy.").retry_after) == (503, 1.0)


def test_every_error_is_drawn_in_the_tree() -> None:
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, KithError) and not name.startswith("_"):
            assert f"{name} " in (errors.__doc__ or "")


def test_system_clock_tells_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_fixed_clock_stands_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=1))))
    assert clock.now() == clock.now() == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert clock.advance(minutes=5) == clock.now() == datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    with pytest.raises(ValueError, match="aware"):
        clock.set(datetime(2026, 11, 24))  # noqa: DTZ001 - what must be refused


def test_ids_have_one_shape_and_carry_their_time(clock: FixedClock) -> None:
    made = new_id(clock)
    assert len(made) == ID_LENGTH
    assert is_id(made)
    assert made_at(made) == clock.now()


def test_ids_rise_within_a_millisecond_and_over_time(clock: FixedClock) -> None:
    made = [new_id(clock) for _ in range(5000)]
    clock.advance(milliseconds=1)
    made.append(new_id(clock))
    assert made == sorted(set(made))


def test_ids_of_threads_are_distinct() -> None:
    clock = SystemClock()
    with ThreadPoolExecutor(8) as pool:
        made = [each for part in pool.map(lambda _: [new_id(clock) for _ in range(500)], range(8)) for each in part]
    assert len(set(made)) == 4000


@pytest.mark.parametrize("text", ["", "short", "i" * 20, "0" * 21, "0" * 19 + "U", "z" * 20, "0" * 19 + "\n"])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)
    with pytest.raises(ValueError, match="not an id"):
        made_at(text)


def test_settings_have_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.database_url == f"sqlite:///{tmp_path}/var/kith.db"
    assert (settings.host, settings.port, settings.var) == ("127.0.0.1", 8000, tmp_path / "var")
    assert settings.apps is None
    assert settings.files == tmp_path / "var" / "files"


def test_settings_come_from_the_mapping(tmp_path: Path) -> None:
    environ = {
        "KITH_DATABASE_URL": "postgresql://kith@localhost/kith",
        "KITH_PORT": "8080",
        "KITH_HOST": "0.0.0.0",  # noqa: S104
        "KITH_APPS": str(tmp_path),
        "KITH_CUSTOM": str(tmp_path),
        "KITH_VAR": str(tmp_path / "data"),
        "KITH_WORKERS": "3",
    }
    settings = Settings.from_environment(environ)
    assert settings == Settings(
        environ["KITH_DATABASE_URL"], environ["KITH_HOST"], 8080, tmp_path, tmp_path, tmp_path / "data", 3
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KITH_PORT", "http"),
        ("KITH_PORT", "70000"),
        ("KITH_PORT", "٣"),
        ("KITH_WORKERS", "0"),
        ("KITH_APPS", "/no/such/folder"),
        ("KITH_DATABASE_URL", "mysql://x"),
    ],
)
def test_wrong_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        Settings.from_environment({name: value})
    assert name in caught.value.message


def test_secret_key_is_made_once_and_for_the_owner_only(tmp_var: Path) -> None:
    environ = {"KITH_VAR": str(tmp_var / "new")}
    first = Settings.from_environment(environ).secret_key
    assert len(first) == 32
    assert Settings.from_environment(environ).secret_key == first
    path = tmp_var / "new" / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_secret_key_is_the_same_for_all_that_start_together(tmp_var: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings("sqlite:///x", var=tmp_var).secret_key, range(16)))
    assert len(keys) == 1


def test_secret_key_that_is_open_or_broken_is_told(tmp_var: Path) -> None:
    path = tmp_var / "secret.key"
    path.write_text("half")
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match="does not hold"):
        _ = Settings("sqlite:///x", var=tmp_var).secret_key
    path.chmod(0o644)
    with pytest.raises(Misconfigured, match="chmod 600"):
        _ = Settings("sqlite:///x", var=tmp_var).secret_key
