"""What no policy opens, and what a policy opens to whom: by name, by address, by path."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from ingestors.authority.permits import Closed, Endpoint, Own, Permit
from ingestors.authority.rules import Rule
from ingestors.connectors.filesystems import judge_place
from ingestors.connectors.sql import address
from ingestors.errors import ConfigInvalid

EVERYTHING: dict[str, Any] = {
    "connectors": ["*"],
    "schemes": ["postgresql", "mysql", "sqlite", "http", "file", "s3"],
}


def permit(*rules: dict[str, Any], own: Own | None = None) -> Permit:
    made = tuple(Rule.model_validate({**EVERYTHING, **rule}) for rule in rules)
    return Permit(connector="sql", rules=made, own=own or Own())


def answers(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda host, port: addresses


@pytest.mark.parametrize(
    "found",
    [
        *("169.254.169.254", "168.63.129.16", "192.0.0.192", "100.100.100.200", "0.0.0.0"),
        *("fe80::1", "fd00:ec2::254", "::", "224.0.0.1", "::ffff:169.254.169.254"),
        *("64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::"),
    ],
)
def test_metadata_and_link_local_are_closed_whatever_a_policy_says(found: str) -> None:
    wide = permit({"hosts": ["*"]}, {"hosts": ["*"], "networks": ["0.0.0.0/0", "::/0"]})
    with pytest.raises(Closed, match="no source may reach"):
        wide.resolve_host("http", "innocent.example.com", 80, answers(found))


@pytest.mark.parametrize("found", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_is_opened_by_a_network_of_its_own_alone(found: str) -> None:
    wide = permit({"hosts": ["*"], "networks": ["0.0.0.0/0", "::/0"]})
    with pytest.raises(Closed):
        wide.resolve_host("http", "x.example.com", 80, answers(found))
    own = permit({"hosts": ["x.example.com"], "networks": ["127.0.0.0/8", "::1/128"]})
    assert own.resolve_host("http", "x.example.com", 80, answers(found)) == (found,)


def test_a_host_that_is_not_public_needs_a_network() -> None:
    named = permit({"hosts": ["db.example.com"]})
    with pytest.raises(Closed):
        named.resolve_host("postgresql", "db.example.com", 5432, answers("10.2.3.4"))
    both = permit({"hosts": ["db.example.com"], "networks": ["10.2.0.0/16"]})
    assert both.resolve_host("postgresql", "db.example.com", 5432, answers("10.2.3.4"))
    with pytest.raises(Closed):
        both.resolve_host("postgresql", "db.example.com", 5432, answers("10.2.3.4", "10.3.0.1"))


@pytest.mark.parametrize(
    "host", ["other.example.com", "db.example.com.evil.net", "xdb.example.com"]
)
def test_a_host_that_no_rule_names_is_closed(host: str) -> None:
    with pytest.raises(Closed, match=r"open are db\.example\.com"):
        permit({"hosts": ["db.example.com"]}).check_host("postgresql", host, 5432)


def test_a_port_and_a_scheme_belong_to_their_rule() -> None:
    one = permit({"hosts": ["db.example.com"], "ports": [5432], "schemes": ["postgresql"]})
    one.check_host("postgresql", "db.example.com", 5432)
    for scheme, port in (("postgresql", 6379), ("mysql", 5432)):
        with pytest.raises(Closed):
            one.check_host(scheme, "db.example.com", port)


def test_engines_and_the_database_of_gazetteer_are_closed_by_every_name() -> None:
    own = Own(
        endpoints=(
            Endpoint(addresses=("127.0.0.1",), port=6379),
            Endpoint(addresses=("127.0.0.1",), port=5432, database="gazetteer"),
        )
    )
    wide = permit({"hosts": ["*"], "networks": ["127.0.0.0/8", "::1/128"]}, own=own)
    for found in ("127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1"):
        with pytest.raises(Closed, match="engine of Gazetteer"):
            wide.resolve_host("http", "x.example.com", 6379, answers(found))
        with pytest.raises(Closed, match="database of Gazetteer"):
            wide.check_database([found], 5432, "gazetteer")
    wide.check_database(["127.0.0.1"], 5432, "claims")


def test_links_and_dots_lead_nowhere_else(tmp_path: Path) -> None:
    root, secret = tmp_path / "open", tmp_path / "closed"
    for folder in (root, secret):
        folder.mkdir()
        (folder / "a.db").touch()
    os.symlink(secret, root / "link")
    os.symlink(secret / "a.db", root / "b.db")
    one = permit({"folders": [str(root)]})
    assert one.check_path("sqlite", str(root / "a.db")) == str(root / "a.db")
    for path in (
        root / "b.db",
        root / "link" / "a.db",
        root / ".." / "closed" / "a.db",
        Path(f"{root}er/a.db"),
        secret / "a.db",
    ):
        with pytest.raises(Closed, match="not open"):
            one.check_path("sqlite", str(path))


def test_the_data_folder_and_the_system_are_closed_below_an_open_root(tmp_path: Path) -> None:
    data = tmp_path / "data"
    lent = data / "demo" / "stores"
    lent.mkdir(parents=True)
    os.symlink(data, tmp_path / "soft")
    own = Own(folders=(str(data),), lent=(str(lent),))
    wide = permit({"folders": ["/"]}, own=own)
    for path in (data / "db", tmp_path / "soft" / "db", "/proc/self/environ", "/sys/x", "/dev/sda"):
        with pytest.raises(Closed, match="no source may read"):
            wide.check_path("file", str(path))
    wide.check_path("file", str(lent / "shop.db"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://r@db.example.com/c?service=x",
        "postgresql://r@db.example.com/c?passfile=/etc/passwd",
        "postgresql://r@db.example.com/c?sslkey=/etc/ssl/private/k",
        "postgresql://r@db.example.com/c?sslrootcert=/etc/shadow",
        "postgresql://r@db.example.com/c?host=evil.example.net",
        "postgresql://r@db.example.com/c?hostaddr=127.0.0.1",
        "postgresql://r@db.example.com/c?options=-cdefault_transaction_read_only%3Doff",
        "postgresql://r@db.example.com/host%3D127.0.0.1",
        "postgresql://r@/c?host=/var/run/postgresql",
        "postgresql://r@%2Fvar%2Frun/c",
        "postgresql://r@db.example.com,127.0.0.1/c",
        "mysql://r@db.example.com/c?local_infile=1",
        "mysql://r@db.example.com/c?read_default_file=/etc/mysql/my.cnf",
        "mysql://r@db.example.com/c?unix_socket=/run/mysqld.sock",
        "sqlite:////data/a.db?mode=rwc",
        "sqlite:///file:/data/a.db?uri=true",
        "sqlite:///file:/etc/passwd",
        "sqlite://",
        "sqlite:///:memory:",
        "oracle://r@db.example.com/c",
    ],
)
def test_what_a_url_must_not_hold_is_refused(url: str) -> None:
    wide = permit({"hosts": ["db.example.com"], "folders": ["/data"]})
    with pytest.raises(ConfigInvalid):
        address.judge(address.normal(make_url(url)), wide)


@pytest.mark.parametrize(
    "path",
    [
        "simplecache::file:///data/a.csv",
        "zip://*.csv::https://db.example.com/a.zip",
        "s3://other/claims",
        "s3://bucket/claims/../salaries",
        "s3://bucket/claimsx",
        "http://db.example.com:x/a.csv",
        "http://127.0.0.1/a.csv",
        "http://2130706433/a.csv",
        "gs://bucket/claims",
        "/data/../etc/*.csv",
        "~root/a.csv",
    ],
)
def test_what_an_address_of_files_must_not_hold_is_refused(path: str) -> None:
    wide = permit({"hosts": ["db.example.com"], "folders": ["/data", "s3://bucket/claims"]})
    with pytest.raises(ConfigInvalid):
        judge_place(path, wide)


def test_what_is_open_passes() -> None:
    wide = permit({"hosts": ["db.example.com"], "folders": ["/data", "s3://bucket/claims"]})
    files = ("/data/*.csv", "file:///data/x", "s3://bucket/claims/2026", "http://db.example.com/a")
    for path in files:
        judge_place(path, wide)
    address.judge(address.normal(make_url("postgresql://r@db.example.com/c?sslmode=require")), wide)


def test_an_address_found_by_a_driver_is_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["169.254.169.254"]

    monkeypatch.setattr(Permit.resolve_host, "__defaults__", (resolve,))
    url = address.normal(make_url("postgresql://r@db.example.com/c"))
    found = address.way(url, permit({"hosts": ["db.example.com"]}))
    assert (found.arguments["hostaddr"], found.arguments["host"]) == (
        "93.184.216.34",
        "db.example.com",
    )
    assert asked == ["db.example.com"]
