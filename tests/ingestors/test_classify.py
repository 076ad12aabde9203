"""What a column holds is judged by its name, its values and its neighbours."""

from __future__ import annotations

import pytest

from ingestors.sensitivity.classify import Candidate, classify

NAMES = tuple(f"{first} {last}" for first in ("Ana", "Bo", "Chen") for last in ("Roth", "Lind"))
WORDS = ("Rock", "Jazz", "Latin Folk", "Opera", "Heavy Metal", "Blues")


def judge(table: str, **columns: tuple[str, ...]) -> dict[str, str]:
    """Return the class of each column of text that is not `none`."""
    candidates = [
        Candidate(path, "string", "VARCHAR", values, tuple(range(len(values))))
        for path, values in columns.items()
    ]
    found = classify(table, candidates)
    return {path: one.sensitivity.value for path, one in found.items() if one.reason}


@pytest.mark.parametrize("table", ["genre", "shop.genre", "music/genre.csv", "playlist", "stores"])
def test_the_name_of_a_thing_is_no_persons_name(table: str) -> None:
    assert judge(table, name=WORDS, genre_id=("1", "2")) == {}


@pytest.mark.parametrize("table", ["customer", "crm.public.employees", "hr/staff.csv.gz"])
def test_a_name_where_people_are_described_is_theirs(table: str) -> None:
    assert judge(table, name=NAMES) == {"name": "person-name"}


@pytest.mark.parametrize("column", ["gender", "email", "birth_date"])
def test_what_only_people_have_makes_a_name_theirs(column: str) -> None:
    values = {"gender": ("f",), "email": ("a@b.example",), "birth_date": ("1970-01-31",)}
    assert judge("entry", name=NAMES, **{column: values[column]})["name"] == "person-name"


def test_somebody_elses_address_does_not_make_a_name_a_persons() -> None:
    found = judge("experiment", name=WORDS, owner_email=("a@b.example",), owner_name=NAMES)
    assert found == {"owner_email": "email", "owner_name": "person-name"}


@pytest.mark.parametrize(
    "column", ["approved_by", "payee_name", "product_manager", "speaker", "payer_name"]
)
def test_who_did_it_is_a_person_when_written_as_one(column: str) -> None:
    assert judge("refund", **{column: (*NAMES, "batch", "system")}) == {column: "person-name"}
    assert judge("refund", **{column: ("batch", "system", "u-17", "nightly job")}) == {}


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("diagnosis", ("sprained wrist", "migraine"), "health"),
        ("medical_note", ("rest advised",), "health"),
        ("alae_treatment", ("inside", "outside"), None),
        ("phone", ("5551234", "unknown", "5559876"), "phone"),
        ("phone", ("Galaxy", "iPhone"), None),
        ("row_hash", ("9f86d081884c7d659a2feaa0c55ad015",), None),
        ("password_hash", ("9f86d081884c7d659a2feaa0c55ad015",), "credential"),
        ("contact_title", ("Sales Agent", "Owner"), None),
        ("url", ("https://a.example/2022-555-01234567", "https://a.example/020-7946-0018"), None),
        ("title", ("Mr Crowley", *WORDS * 30), None),
        ("title", ("write to ana@quovadimus.example", *WORDS * 30), "free-text"),
        ("extract", ("Rosa Mulder was seen by the company doctor", "nothing"), "free-text"),
        ("extract", ("Hospital confirms fracture; absence of four weeks",), "free-text"),
        ("extract", ("Treatment invoice covers physiotherapy after a fall",), "free-text"),
        ("product_name", WORDS, None),
        ("company_name", WORDS, None),
    ],
)
def test_names_and_values_are_weighed_together(
    column: str, values: tuple[str, ...], expected: str | None
) -> None:
    assert judge("thing", **{column: values}).get(column) == expected


def test_a_place_is_somebodys_only_where_people_appear() -> None:
    place = {"latitude": ("51.507351", "48.856613"), "longitude": ("-0.127758", "2.352222")}
    assert judge("hazard_zone", **place) == {}
    assert judge("session", user_id=("1",), **place) == dict.fromkeys(place, "location")
    assert judge("customer", latitude=place["latitude"]) == {}


def test_counts_under_a_personal_name_are_no_birth_dates() -> None:
    found = classify("calls", [Candidate("DOB", "integer", "BIGINT", ("3", "117", "52"))])
    assert found["DOB"].reason == ""
    dates = classify("calls", [Candidate("DOB", "integer", "BIGINT", ("19700131", "19820405"))])
    assert dates["DOB"].sensitivity.value == "birth-date"


def test_a_text_that_names_the_person_of_its_row_is_personal() -> None:
    found = judge("customer", full_name=NAMES, remark=tuple(f"met {name}" for name in NAMES))
    assert found["remark"] == "free-text"


def test_every_finding_says_why() -> None:
    found = classify("customer", [Candidate("mail", "string", "TEXT", ("a@b.example",))])
    assert found["mail"].reason == ("name contains 'mail'; 100 % of 1 values are e-mail addresses")
