"""Days and moments across time zones: a day is the same for everybody, a moment is the same instant for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kith_platform.clock import FixedClock
from kith_runtime import records
from kith_runtime.queries import Query, select, select_json
from support.yaml_workspace import YamlWorkspace, yaml_workspace

TRIPS = {
    "trips/app.yaml": "app: trips\nlabel: Trips\nversion: 1.0.0\nrequires: {base: '>=1.0'}\n",
    "trips/trip.yaml": """
        entity: trip
        label: Trip
        plural: Trips
        ownership: none
        fields:
          name: {type: text, required: true}
          day: {type: date}
          booked: {type: date, default_formula: "today()"}
          leaves: {type: datetime}
        """,
    "trips/roles.yaml": """
        role: traveller
        label: Traveller
        grants:
          trip: {create: true, read: all, update: all, delete: all}
        """,
}
ZONES = sorted(
    zone for zone in available_timezones() if "/" in zone and not zone.startswith(("posix/", "right/", "Etc/"))
)
EDGES = ("Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns", "Asia/Kathmandu", "Europe/Amsterdam", "UTC")


@pytest.fixture
def trips(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[YamlWorkspace]:
    """Trips, in an empty database of each kind."""
    with yaml_workspace(database_url, tmp_path, TRIPS, clock) as opened:
        yield opened


def test_a_day_never_shifts_for_a_person_in_any_zone(trips: YamlWorkspace) -> None:
    ann = trips.person("Ann", "trips.traveller")
    bob = trips.person("Bob", "trips.traveller")

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        day=st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31)),
        writer=st.sampled_from(EDGES) | st.sampled_from(ZONES),
        reader=st.sampled_from(EDGES) | st.sampled_from(ZONES),
        source=st.sampled_from(["json", "form"]),
    )
    def holds(day: date, writer: str, reader: str, source: str) -> None:
        with trips.writing() as ctx:
            records.update(ctx, "base.user", ann.id, {"time_zone": writer})
            records.update(ctx, "base.user", bob.id, {"time_zone": reader})
        with trips.writing(trips.actor(ann.id)) as ctx:
            values = {"name": "Trip", "day": day.isoformat()}
            made = records.create(ctx, "trips.trip", values, source="form" if source == "form" else "json")
            assert made.values["day"] == day
        with trips.reading(trips.actor(bob.id)) as ctx:
            assert records.read_record(ctx, "trips.trip", made.id).values["day"] == day
            where = f'id == "{made.id}" and day == "{day.isoformat()}"'
            found = select_json(ctx, Query("trips.trip", ("day",), where=where)).rows
            assert [row["day"] for row in found] == [day]

    holds()


@pytest.mark.parametrize(
    ("zone", "today"), [("Pacific/Kiritimati", date(2026, 11, 25)), ("Pacific/Pago_Pago", date(2026, 11, 24))]
)
def test_today_is_the_day_of_who_writes_and_stays_it(
    trips: YamlWorkspace, clock: FixedClock, zone: str, today: date
) -> None:
    clock.set(datetime(2026, 11, 24, 11, 30, tzinfo=UTC))
    ann = trips.person("Ann", "trips.traveller", time_zone=zone)
    bob = trips.person("Bob", "trips.traveller", time_zone="Europe/Amsterdam")
    with trips.writing(ann) as ctx:
        made = records.create(ctx, "trips.trip", {"name": "Trip"})
        assert made.values["booked"] == today
    with trips.reading(bob) as ctx:
        assert records.read_record(ctx, "trips.trip", made.id).values["booked"] == today


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    ],
)
def test_a_moment_at_the_change_of_the_clocks_is_one_instant_for_all(trips: YamlWorkspace, moment: datetime) -> None:
    here = trips.person("Ann", "trips.traveller", time_zone="Europe/Amsterdam")
    there = trips.person("Bob", "trips.traveller", time_zone="Pacific/Kiritimati")
    sent = moment.astimezone(ZoneInfo("Europe/Amsterdam")).isoformat()
    with trips.writing(here) as ctx:
        made = records.create(ctx, "trips.trip", {"name": "Trip", "leaves": sent})
        other = records.create(ctx, "trips.trip", {"name": "Next", "leaves": moment.replace(hour=3).isoformat()})
    with trips.reading(there) as ctx:
        assert records.read_record(ctx, "trips.trip", made.id).values["leaves"] == moment
        ordered = select(ctx, Query("trips.trip", ("leaves",), sort=("leaves",)))
        assert list(ordered.ids) == [made.id, other.id]
        assert ordered.rows[0][0] == moment
