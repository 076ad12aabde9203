"""What every connector must do, whatever it reads."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalog.descriptors import Observation, Sensitivity
from ingestors.connectors.base import (
    Connector,
    Found,
    Record,
    Table,
    Trouble,
)
from ingestors.connectors.registry import describe, open_connector
from ingestors.errors import ConfigInvalid, SourceUnavailable
from ingestors.profile.limits import Correction, Overrides

AT = datetime(2026, 5, 3, 6, tzinfo=UTC)
NAMES = ("people", "trips", "zones")
#: Columns of `people`, in the order of the rows.
PEOPLE_COLUMNS = ("person_id", "full_name", "email", "phone", "birth_date", "iban", "note")
PEOPLE = [
    (
        n,
        f"Quirina Zanthorp{chr(97 + n % 26)}",
        f"quirina.z{n}@mail.example.net",
        f"+44 20 7946 0{n:03d}",
        f"19{50 + n % 40}-03-{1 + n % 28:02d}",
        ("DE89370400440532013000", "GB29NWBK60161331926819")[n % 2],
        f"write to quirina.z{n}@mail.example.net before noon" if n % 7 == 0 else "nothing to add",
    )
    for n in range(60)
]
TRIPS_COLUMNS = ("trip_id", "zone_id", "distance", "started_at")
TRIPS = [
    (n, n % 5, round(1 + n * 0.37, 2), f"2026-04-{1 + n % 28:02d} 08:15:00") for n in range(200)
]
ZONES_COLUMNS = ("zone_id", "zone_code")
ZONES = [(n, f"Z-{n}") for n in range(5)]
ROWS: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "people": (PEOPLE_COLUMNS, PEOPLE),
    "trips": (TRIPS_COLUMNS, TRIPS),
    "zones": (ZONES_COLUMNS, ZONES),
}
#: What must never be found in a record.
RAW = frozenset(
    part
    for row in PEOPLE
    for part in (row[1], row[2], row[3], row[4], row[5], row[1].split()[1], row[2].split("@")[0])
)


def text_of(records: list[Record]) -> str:
    """Return everything that records say."""
    return "\n".join(
        r.descriptor.model_dump_json() + measured(r).model_dump_json() + r.trouble
        if isinstance(r, Table)
        else repr(r)
        for r in records
    )


def measured(table: Table) -> Observation:
    """Return what was measured of a table whose rows were read."""
    assert table.observation is not None
    return table.observation


class ConnectorContract:
    """Subclasses say how a store with the three tables is made, and how one of them is damaged."""

    name = ""
    #: A configuration with nothing behind it.
    nowhere: dict[str, Any] = {}
    #: The field that must be given.
    required = ""

    def make(self, folder: Path) -> dict[str, Any]:
        """Fill a store in an empty folder and return the configuration that reads it."""
        raise NotImplementedError

    def damage(self, folder: Path) -> None:
        """Make `trips` unreadable, or go away while it is read."""
        raise NotImplementedError

    @pytest.fixture
    def config(self, tmp_path: Path) -> dict[str, Any]:
        """Return the configuration of a filled store."""
        return self.make(tmp_path)

    def open(self, config: dict[str, Any], **said: Any) -> Connector:
        """Open the connector as a harvest does."""
        return open_connector(self.name, {**config, **said})

    def records(
        self, config: dict[str, Any], overrides: Overrides | None = None, **said: Any
    ) -> list[Record]:
        """Read everything."""
        connector = self.open(config, **said)
        try:
            return list(connector.read(overrides=overrides or {}, at=AT))
        finally:
            connector.close()

    def tables(self, config: dict[str, Any], **said: Any) -> dict[str, Table]:
        """Return the tables by the name people see."""
        found = self.records(config, **said)
        return {r.descriptor.display_name: r for r in found if isinstance(r, Table)}

    def test_found_comes_first_and_counts_what_follows(self, config: dict[str, Any]) -> None:
        first, *others = self.records(config)
        assert first == Found(3)
        assert [type(r) for r in others[:3]] == [Table] * 3
        assert not any(isinstance(r, Table | Trouble) for r in others[3:])
        assert sorted(r.descriptor.display_name for r in others if isinstance(r, Table)) == [*NAMES]

    def test_a_read_can_be_repeated(self, config: dict[str, Any]) -> None:
        connector = self.open(config)
        first, again = list(connector.read(at=AT)), list(connector.read(at=AT))
        connector.close()
        assert first == again
        assert self.records(config) == first

    def test_it_depends_on_its_configuration_alone(self, config: dict[str, Any]) -> None:
        given = copy.deepcopy(config)
        connector = open_connector(self.name, given)
        records = list(connector.read(at=AT))
        assert given == config
        given.clear()
        assert list(connector.read(at=AT)) == records
        connector.close()

    def test_it_has_a_title_and_a_form_that_json_can_tell(self) -> None:
        info = describe(self.name)
        assert info.title
        assert info.summary.endswith(".")
        assert "limits" in json.loads(json.dumps(info.schema))["properties"]

    def test_making_one_touches_nothing(self) -> None:
        connector = open_connector(self.name, self.nowhere)
        connector.close()

    def test_a_store_that_is_not_there_is_said_by_check_and_by_read(self) -> None:
        connector = open_connector(self.name, self.nowhere)
        with pytest.raises(SourceUnavailable) as checked:
            connector.check()
        with pytest.raises(SourceUnavailable) as read:
            list(connector.read())
        assert str(checked.value) == str(read.value) != ""

    def test_check_says_what_is_there(self, config: dict[str, Any]) -> None:
        connector = self.open(config)
        assert "3" in connector.check()
        connector.close()

    def test_names_are_stable_and_each_is_there_once(self, config: dict[str, Any]) -> None:
        tables = [r for r in self.records(config) if isinstance(r, Table)]
        refs = [t.descriptor.ref for t in tables]
        assert len(set(refs)) == 3
        assert all(t.observation.ref == t.descriptor.ref for t in tables if t.observation)
        few = self.records(config, limits={"max_rows": 5, "scan_rows": 20})
        assert [r.descriptor.ref for r in few if isinstance(r, Table)] == refs

    def test_a_namespace_may_be_given(self, config: dict[str, Any]) -> None:
        found = self.tables(config, namespace="store://somewhere")
        assert {t.descriptor.namespace for t in found.values()} == {"store://somewhere"}

    def test_columns_come_in_order_with_types(self, config: dict[str, Any]) -> None:
        found = self.tables(config)
        for name, (columns, _) in ROWS.items():
            said = [c for c in found[name].descriptor.columns if c.path not in ("part",)]
            assert tuple(c.path for c in said) == columns
            assert [c.ordinal for c in said] == sorted(c.ordinal for c in said)
            assert all(c.native_type for c in said)
        trips = {c.path: c.type for c in found["trips"].descriptor.columns}
        assert (trips["trip_id"], trips["distance"]) == ("integer", "number")

    def test_one_bad_item_does_not_stop_the_others(
        self, config: dict[str, Any], tmp_path: Path
    ) -> None:
        before = self.tables(config)
        self.damage(tmp_path)
        first, *others = self.records(config)
        assert first == Found(3)
        good = {r.descriptor.display_name: r for r in others if isinstance(r, Table)}
        for name in ("people", "zones"):
            assert good[name] == before[name]
        (trouble,) = [
            r for r in others if isinstance(r, Trouble) or (isinstance(r, Table) and r.trouble)
        ]
        ref = trouble.ref if isinstance(trouble, Trouble) else trouble.descriptor.ref
        said = trouble.message if isinstance(trouble, Trouble) else trouble.trouble
        assert ref == before["trips"].descriptor.ref
        assert said
        assert str(tmp_path) not in said

    def test_patterns_choose_what_is_read(self, config: dict[str, Any]) -> None:
        assert set(self.tables(config, include=["*s"])) == {"trips", "zones"}
        assert set(self.tables(config, exclude=["people"])) == {"trips", "zones"}
        assert self.records(config, include=["no such"])[0] == Found(0)
        assert self.tables(config, include=["no such"]) == {}

    def test_a_read_may_be_left_in_the_middle(self, config: dict[str, Any]) -> None:
        connector = self.open(config)
        reading = connector.read(at=AT)
        next(reading)
        next(reading)
        reading.close()  # type: ignore[attr-defined]  # every read is a generator
        connector.close()
        assert len(self.tables(config)) == 3

    def test_closing_twice_is_closing_once(self, config: dict[str, Any]) -> None:
        connector = self.open(config)
        connector.close()
        list(connector.read(at=AT))
        connector.close()
        connector.close()

    def test_a_field_that_is_missing_unknown_or_wrong_is_named(
        self, config: dict[str, Any]
    ) -> None:
        without = {name: value for name, value in config.items() if name != self.required}
        for broken, field, word in (
            (without, self.required, "must be given"),
            ({**config, "colour": "red"}, "colour", "known are"),
            ({**config, "limits": {"max_rows": "many"}}, "limits.max_rows", "'many'"),
            ({**config, "limits": {"rows": 5}}, "limits.rows", "max_rows"),
            ({**config, "include": "all"}, "include", "'all'"),
            ({**config, "include": ["*a" * 101]}, "include.0", "200 characters"),
        ):
            with pytest.raises(ConfigInvalid) as refused:
                open_connector(self.name, broken)
            assert [p.field for p in refused.value.problems] == [field]
            assert word in str(refused.value)

    def test_what_it_is_called_shows_no_secret(self, config: dict[str, Any]) -> None:
        assert "hunter2" not in repr(self.open(config))


class StoreContract(ConnectorContract):
    """What a connector that reads the rows themselves must do besides."""

    def test_what_is_measured_is_right(self, config: dict[str, Any]) -> None:
        seen = measured(self.tables(config)["trips"])
        assert (seen.observed_at, seen.row_count, seen.rows_profiled) == (AT, 200, 200)
        columns = {c.path: c for c in seen.columns}
        assert {name: column.distinct for name, column in columns.items() if name != "part"} == {
            "trip_id": 200,
            "zone_id": 5,
            "distance": 200,
            "started_at": 28,
        }
        distance = columns["distance"]
        assert (distance.nulls, distance.minimum, distance.maximum) == (0, "1", "74.63")
        assert sum(count for _, _, count in distance.histogram) == 200
        zones = {one.value: one.count for one in columns["zone_id"].frequent}
        assert zones == {str(n): 40 for n in range(5)}

    def test_no_raw_value_of_a_person_is_in_any_record(self, config: dict[str, Any]) -> None:
        records = self.records(config)
        said = text_of(records)
        assert [value for value in RAW if value in said] == []
        people = next(
            r for r in records if isinstance(r, Table) and r.descriptor.display_name == "people"
        )
        found = {c.path: c.sensitivity for c in people.descriptor.columns if c.sensitivity_reason}
        assert found == {
            "full_name": "person-name",
            "email": "email",
            "phone": "phone",
            "birth_date": "birth-date",
            "iban": "bank-account",
            "note": "free-text",
        }

    def test_what_people_say_of_a_column_counts(self, config: dict[str, Any]) -> None:
        found = self.tables(config)
        people, trips = found["people"].descriptor.ref, found["trips"].descriptor.ref
        overrides = {
            people: {"email": Correction(None, unmasked=True)},
            trips: {"zone_id": Correction(Sensitivity.LOCATION)},
        }
        records = self.records(config, overrides)
        now = {r.descriptor.display_name: r for r in records if isinstance(r, Table)}
        position = measured(now["people"]).sample_columns.index("email")
        shown = measured(now["people"]).sample_rows[0][position]
        assert shown in {row[2] for row in PEOPLE}
        assert "zone_id" in measured(now["trips"]).sample_masked
        masked = next(c for c in measured(now["trips"]).columns if c.path == "zone_id")
        assert (masked.minimum, masked.frequent) == (None, [])

    def test_limits_are_kept(self, config: dict[str, Any]) -> None:
        limits = {"max_rows": 50, "sample_rows": 3, "scan_rows": 20}
        seen = measured(self.tables(config, limits=limits)["trips"])
        assert seen.rows_profiled == 50
        assert len(seen.sample_rows) == 3
        assert seen.row_count in (200, None)
        assert any("first 50 rows" in note for note in seen.notes)

    def test_no_rows_may_be_asked_for(self, config: dict[str, Any]) -> None:
        found = self.tables(config, limits={"max_rows": 0, "sample_rows": 0})
        assert measured(found["trips"]).columns == []
        assert measured(found["trips"]).sample_rows == []
        assert len(found["trips"].descriptor.columns) >= 4

    def test_no_time_is_no_error(self, config: dict[str, Any]) -> None:
        first, *others = self.records(config, limits={"max_seconds": 0.000_001})
        assert first == Found(3)
        assert len(others) == 3
