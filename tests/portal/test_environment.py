"""Settings are read typed and bounded, and a wrong one says how it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import MAX_SECRET_BYTES, Environment

Read = Callable[[Environment], object]


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        ("", lambda e: e.text("X", "default"), "default"),
        ("Yes", lambda e: e.flag("X"), True),
        ("0", lambda e: e.flag("X", default=True), False),
        (" ", lambda e: e.flag("X", default=True), True),
        ("7", lambda e: e.integer("X", 1, least=0, most=7), 7),
        ("", lambda e: e.integer("X", 1, least=0, most=7), 1),
        ("0.5", lambda e: e.decimal("X", 1.0, least=0.5, most=7), 0.5),
        ("debug", lambda e: e.choice("X", ("DEBUG", "INFO"), "INFO"), "DEBUG"),
        ("a, b,,", lambda e: e.words("X"), ("a", "b")),
        ("10.2.0.0/16,::1/128", lambda e: e.networks("X"), ("10.2.0.0/16", "::1/128")),
        ("https://h.example/", lambda e: e.url("X", ("https",)), "https://h.example"),
        ("", lambda e: e.url("X", ("https",)), ""),
        ("/a/../b", lambda e: e.path("X", Path("/c")), Path("/b")),
        ("Europe/Paris", lambda e: e.time_zone("X", "UTC"), "Europe/Paris"),
    ],
)
def test_values_are_read_in_their_type(text: str, read: Read, expected: object) -> None:
    assert read(Environment({"X": text})) == expected


@pytest.mark.parametrize(
    ("text", "read", "allowed"),
    [
        ("maybe", lambda e: e.flag("X"), "1, true, yes, on, 0, false, no, off"),
        ("8", lambda e: e.integer("X", 1, least=0, most=7), "a whole number from 0 to 7"),
        ("-1", lambda e: e.integer("X", 1, least=0, most=7), "a whole number from 0 to 7"),
        ("1.5", lambda e: e.integer("X", 1, least=0, most=7), "a whole number from 0 to 7"),
        ("nan", lambda e: e.decimal("X", 1.0, least=0.1, most=7.0), "a number from 0.1 to 7.0"),
        ("xml", lambda e: e.choice("X", ("json", "text"), "json"), "json, text"),
        ("10.2.0.0/99", lambda e: e.networks("X"), "10.2.0.0/16"),
        ("ftp://h.example", lambda e: e.url("X", ("http", "https")), "http, https"),
        ("http://h:port", lambda e: e.url("X", ("http", "https")), "SCHEME://HOST:PORT"),
        ("gazetteer.example.com", lambda e: e.url("X", ("https",)), "SCHEME://HOST:PORT"),
        ("Middle/Earth", lambda e: e.time_zone("X", "UTC"), "IANA"),
        ("../../etc/passwd", lambda e: e.time_zone("X", "UTC"), "IANA"),
    ],
)
def test_a_wrong_value_names_its_variable_itself_and_what_is_allowed(
    text: str, read: Read, allowed: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as error:
        read(Environment({"X": text}))
    message = str(error.value)
    assert message.startswith(f"X is {text!r}; ")
    assert allowed in message


def test_a_secret_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret\n")
    assert Environment({"KEY_FILE": str(file)}).secret("KEY") == "s3cret"
    url = tmp_path / "url"
    url.write_text("postgres://u:pa%2Fss@db.example:5433/name\n")
    found = Environment({"DB_FILE": str(url)}).database("DB", tmp_path / "x.sqlite3")
    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("db.example", 5433, "pa/ss")


def test_without_an_address_the_database_is_a_file(tmp_path: Path) -> None:
    found = Environment({}).database("DB", tmp_path / "x.sqlite3")
    assert found["NAME"] == str(tmp_path / "x.sqlite3")


def test_a_secret_stands_in_one_place(tmp_path: Path) -> None:
    variables = {"KEY": "a", "KEY_FILE": str(tmp_path)}
    with pytest.raises(ImproperlyConfigured, match="KEY and KEY_FILE are both set"):
        Environment(variables).secret("KEY")


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe", b"x" * (MAX_SECRET_BYTES + 1)])
def test_a_file_without_a_secret_is_told(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ImproperlyConfigured, match=rf"KEY_FILE is '{file}'; a file .+ wanted"):
        Environment({"KEY_FILE": str(file)}).secret("KEY")


@pytest.mark.parametrize("text", ["mysql://u:hidden@h/n", "postgres://u:hidden@h:port/n", "hidden"])
def test_no_error_shows_a_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(ImproperlyConfigured) as database:
        Environment({"URL": text}).database("URL", tmp_path / "x.sqlite3")
    with pytest.raises(ImproperlyConfigured) as redis:
        Environment({"URL": text}).secret_url("URL", ("redis", "rediss"))
    for error, allowed in ((database, "postgres, postgresql, sqlite"), (redis, "redis, rediss")):
        assert "hidden" not in str(error.value)
        assert str(error.value).startswith("URL (not shown) cannot be used")
        assert allowed in str(error.value)
        assert error.value.__context__ is None or error.value.__suppress_context__
