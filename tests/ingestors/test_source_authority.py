"""A source runs with its team's authority: what an engineer writes into one reads nothing of the server's."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection

from catalog.models import Dataset, Layer, Role
from catalog.names import DatasetRef
from catalog.people.teams import set_member
from ingestors.connectors.base import Offer, Record
from ingestors.connectors.registry import open_connector
from ingestors.isolation.wire import pack_record, unpack
from ingestors.models import Run, RunState, Source
from ingestors.services import runs
from ingestors.services.reading import isolated
from ingestors.services.runs import cancel, run_source
from ingestors.services.sources import (
    SourceInvalid,
    check_source,
    create_source,
    update_source,
)
from tests.conftest import Mesh
from tests.ingestors import dbt_project
from tests.ingestors.conftest import change
from tests.ingestors.interrupted import interrupt


def add(mesh: Mesh, connector: str, config: dict[str, Any], **said: Any) -> Source:
    return create_source(
        name="Try",
        connector=connector,
        config=config,
        domain=mesh.claims,
        team=mesh.team,
        by=mesh.bob,
        **said,
    )


def refused(mesh: Mesh, connector: str, config: dict[str, Any]) -> str:
    """Return why a source is refused, when it is saved and when it was saved before the policy said so."""
    with pytest.raises(SourceInvalid) as found:
        add(mesh, connector, config)
    kept = Source.objects.create(
        key="old", name="Old", connector=connector, config=config, domain=mesh.claims, team=mesh.team
    )  # fmt: skip
    run = run_source(kept)
    assert run.state == RunState.FAILED
    assert check_source(kept) == run.error
    assert not Dataset.objects.exists()
    kept.delete()
    return str(found.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "PATH", "GAZETTEER_SECRETS"])
def test_no_variable_of_the_server_is_read(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "postgresql://nobody@hunter2.example.com/x")
    said = refused(mesh, "sql", {"url": f"env:{name}"})
    assert "variables that sources may use begin with GAZETTEER_SECRET_" in said
    assert "hunter2" not in str(list(Run.objects.values_list("error", flat=True)))


def test_no_file_of_the_server_is_read_as_a_secret(
    mesh: Mesh, settings: Any, tmp_path: Path
) -> None:
    url = "postgresql://reader@127.0.0.1:9/x"
    said = refused(mesh, "sql", {"url": url, "password": "file:/etc/passwd"})
    assert "no folder of secrets" in said
    folder = tmp_path / "secrets"
    folder.mkdir()
    os.symlink("/etc/passwd", folder / "claims")
    settings.SECRETS_FOLDER = str(folder)
    for path in ("/etc/passwd", folder / "claims", folder / ".." / "secrets" / "claims"):
        said = refused(mesh, "sql", {"url": url, "password": f"file:{path}"})
        assert f"files that sources may use lie in {folder}" in said


def test_a_reference_is_bound_to_its_team(
    mesh: Mesh, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAZETTEER_SECRET_CLAIMS_STORE", "sqlite:////no/such.db")
    monkeypatch.setenv("GAZETTEER_SECRET_POLICY_STORE", "sqlite:////no/such.db")
    file = tmp_path / "p.toml"
    file.write_text(
        "[[allow]]\nteams='claims-team'\nconnectors='sql'\nschemes='sqlite'\nfolders='/no'\n"
        "secrets='env:GAZETTEER_SECRET_CLAIMS_*'\n"
    )
    settings.SOURCE_POLICY = str(file)
    own = add(mesh, "sql", {"url": "env:GAZETTEER_SECRET_CLAIMS_STORE"})
    assert "there is no file" in run_source(own).error
    own.delete()
    said = refused(mesh, "sql", {"url": "env:GAZETTEER_SECRET_POLICY_STORE"})
    assert "open are env:GAZETTEER_SECRET_CLAIMS_*" in said


def test_the_catalog_s_own_database_is_read_by_no_name(mesh: Mesh, tmp_path: Path) -> None:
    if connection.vendor == "postgresql":
        own = connection.settings_dict
        login = f"{own['USER']}@{{}}:{own['PORT']}/{own['NAME']}"
        for host in ("127.0.0.1", "localhost", "127.0.0.1"):
            kept = Source.objects.create(
                key="own", name="Own", connector="sql", domain=mesh.claims,
                config={"url": f"postgresql://{login.format(host)}"},
            )  # fmt: skip
            assert "database of Gazetteer itself" in run_source(kept).error
            kept.delete()
        return
    copy = tmp_path / "copy.db"
    with sqlite3.connect(copy) as db:
        for table in ("ingestors_source", "catalog_apitoken", "django_migrations"):
            db.execute(f"CREATE TABLE {table} (id INTEGER)")
    db.close()
    run = run_source(add(mesh, "sql", {"url": f"sqlite:///{copy}"}))
    assert "database of Gazetteer itself" in run.error


def test_the_data_folder_is_read_by_no_connector(mesh: Mesh, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / "rows.csv").write_text("id\n1\n")
    os.symlink(settings.DATA_DIR, tmp_path / "link")
    for path in ("data", "link", "link/*.csv", "other/../data"):
        for connector, field in (("files", "path"), ("dbt", "path")):
            said = refused(mesh, connector, {field: str(tmp_path / path)})
            assert "data folder of Gazetteer itself" in said
    said = refused(mesh, "sql", {"url": f"sqlite:///{tmp_path}/link/gazetteer.sqlite3"})
    assert "data folder of Gazetteer itself" in said


@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/proc/1/environ", "/sys/kernel", "/dev/mem"]
)
def test_files_of_the_system_are_read_by_no_connector(mesh: Mesh, path: str) -> None:
    assert "folder of the system" in refused(mesh, "files", {"path": path, "format": "csv"})


def test_without_a_policy_nothing_is_open(mesh: Mesh, settings: Any, store: Path) -> None:
    settings.SOURCE_POLICY = ""
    said = refused(mesh, "sql", {"url": f"sqlite:///{store}"})
    assert "this installation has no policy for sources" in said


def test_a_policy_that_cannot_be_used_opens_nothing_and_is_said_by_check(
    mesh: Mesh, settings: Any, store: Path, tmp_path: Path
) -> None:
    settings.SOURCE_POLICY = str(tmp_path / "p.toml")
    (tmp_path / "p.toml").write_text("[[allow]]\nconnector='sql'")
    assert "cannot be used" in refused(mesh, "sql", {"url": f"sqlite:///{store}"})
    assert "gazetteer.E004" in {one.id for one in run_checks()}


def test_check_deploy_tells_of_open_rules_and_of_none(settings: Any, tmp_path: Path) -> None:
    def said() -> set[str]:
        found = run_checks(include_deployment_checks=True)
        return {str(one.id) for one in found} & {"gazetteer.I001", "gazetteer.W011"}

    settings.SOURCE_POLICY = ""
    assert said() == {"gazetteer.I001"}
    file = tmp_path / "p.toml"
    settings.SOURCE_POLICY = str(file)
    for rule, warned in (
        ("teams='a'\nconnectors='sql'\nschemes='postgresql'\nhosts='*'", True),
        ("teams='a'\nconnectors='sql'\nnetworks='0.0.0.0/0'", True),
        ("connectors='*'", True),
        ("connectors='sql'\nsecrets='env:GAZETTEER_SECRET_A'", True),
        ("teams='a'\nconnectors='sql'\nhosts='db.example.com'", False),
        ("connectors='sql'\nhosts='open.example.com'", False),
    ):
        file.write_text(f"[[allow]]\n{rule}\n")
        os.utime(file, ns=(1, hash(rule) % 10**15))
        assert said() == ({"gazetteer.W011"} if warned else set()), rule


def test_a_file_that_leads_out_of_an_open_folder_costs_itself_alone(
    mesh: Mesh, settings: Any, tmp_path: Path
) -> None:
    shared = tmp_path / "open"
    shared.mkdir()
    (shared / "good.csv").write_text("id\n1\n")
    (tmp_path / "secret.csv").write_text("key\nhunter2\n")
    os.symlink(tmp_path / "secret.csv", shared / "bad.csv")
    file = tmp_path / "p.toml"
    file.write_text(f"[[allow]]\nconnectors='files'\nschemes='file'\nfolders='{shared}'\n")
    settings.SOURCE_POLICY = str(file)
    run = run_source(add(mesh, "files", {"path": str(shared), "namespace": "file://x"}))
    assert (run.state, run.created_count) == (RunState.PARTIAL, 1)
    (line,) = run.lines.filter(level="warning")
    assert line.text.endswith("it leads out of the folders that are open to this source")
    assert "hunter2" not in str(list(Layer.objects.values_list("content", flat=True)))


def test_a_path_of_a_store_says_no_option_to_its_driver(mesh: Mesh, tmp_path: Path) -> None:
    odd = tmp_path / "a.db?mode=rwc"
    with sqlite3.connect(odd) as db:
        db.execute("CREATE TABLE t (id INTEGER)")
    db.close()
    run = run_source(add(mesh, "sql", {"url": f"sqlite:///{str(odd).replace('?', '%3F')}"}))
    assert run.state in (RunState.SUCCEEDED, RunState.FAILED)
    assert not (tmp_path / "a.db").exists()


def everything(source: Source) -> tuple[list[Record], list[Record]]:
    """Return what a connector says here, and what it says from a process of its own."""
    here = open_connector(source.connector, source.config)
    at = source.created_at
    return (
        list(here.read(at=at)),
        list(isolated(source, source.config, tick=lambda: None).read(at=at)),
    )


def test_what_another_process_says_arrives_as_it_was_said(mesh: Mesh, tmp_path: Path) -> None:
    dbt_project.write(
        tmp_path,
        manifest=dbt_project.manifest(),
        catalog=dbt_project.catalog(),
        run_results=dbt_project.run_results(cents="fail"),
        sources=dbt_project.freshness(),
    )
    source = add(mesh, "dbt", {"path": str(tmp_path), "namespace": dbt_project.NAMESPACE})
    here, there = everything(source)
    assert any(isinstance(one, Offer) for one in here)
    assert here == there


def test_what_an_offer_says_of_freshness_arrives() -> None:
    offer = Offer("k", "K", serves=(DatasetRef("a", "b"),), fresh={DatasetRef("a", "b"): 6.5})
    assert unpack(pack_record(offer)) == offer


def test_tables_arrive_as_they_were_said(source: Source) -> None:
    here, there = everything(source)
    assert here == there


def test_a_run_is_cancelled_in_the_midst_of_an_item(
    source: Source, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(store, """CREATE VIEW a_payment AS WITH RECURSIVE n(id) AS
        (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 900000000) SELECT id FROM n""")  # fmt: skip
    source.config = {**source.config, "limits": {"max_rows": 10**9, "max_seconds": 3600}}
    source.save()
    interrupt(monkeypatch, lambda: cancel(Run.objects.get(), by=None), at_once=True)
    start = time.monotonic()
    run = run_source(source)
    assert run.state == RunState.CANCELLED
    assert time.monotonic() - start < 120
    assert not Dataset.objects.exists()
    assert threading.active_count() < 10
    assert runs.here()


def test_an_engineer_adds_no_source_that_speaks_for_more_than_their_team(mesh: Mesh) -> None:
    said: dict[str, Any] = {"name": "Try", "connector": "files", "config": {"path": "/x/*.csv"}}
    for domain, team in [
        (mesh.claims, None),
        (mesh.policy, None),
        (mesh.policy, mesh.team),
        (mesh.policy, mesh.other_team),
        (mesh.claims, mesh.other_team),
    ]:
        with pytest.raises(SourceInvalid) as found:
            create_source(**said, domain=domain, team=team, by=mesh.bob)
        assert {p.path for p in found.value.problems} & {"team", "domain"}, (domain, team)
    assert not Source.objects.exists()
    assert create_source(**said, domain=mesh.claims, team=None, by=mesh.dana).team is None


def test_who_lost_the_right_to_a_source_takes_it_to_no_other_team(mesh: Mesh) -> None:
    source = add(mesh, "files", {"path": "/x/*.csv"})
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    with pytest.raises(SourceInvalid) as found:
        update_source(
            source,
            by=mesh.charlie,
            name="Mine",
            connector=source.connector,
            config=source.config,
            domain=mesh.policy,
            team=mesh.other_team,
            schedule="",
            rules=[],
        )
    assert [p.path for p in found.value.problems] == ["team"]
    source.refresh_from_db()
    assert source.team == mesh.team
