"""Harvests of real databases and files, from the store to the catalog."""

from __future__ import annotations

import re
import shutil
import sqlite3
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from catalog.models import Check, Column, Dataset, Profile, Sample
from ingestors.models import Run, RunState, Source
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from lineage.models import ColumnEdge, Edge
from tests.conftest import Mesh
from tests.engines import material, postgres_url

pytestmark = [pytest.mark.material, pytest.mark.django_db]

Harvest = Callable[..., Run]


@pytest.fixture
def harvest(mesh: Mesh) -> Harvest:
    """Add a source, harvest it, and see that it took a sensible time."""

    def run(connector: str, seconds: float, **config: object) -> Run:
        source: Source = create_source(
            name="Material", connector=connector, config=config, domain=mesh.claims, by=None
        )
        start = time.monotonic()
        ended = run_source(source)
        assert time.monotonic() - start < seconds
        return ended

    return run


def sensitive() -> dict[str, str]:
    """Return what was found to be sensitive: `table.column` and its class."""
    rows = Column.objects.exclude(sensitivity__in=("", "none")).select_related("dataset")
    return {f"{row.dataset.display_name}.{row.path}": row.sensitivity for row in rows}


def edges(kind: str) -> set[tuple[str, str]]:
    """Return edges as (upstream, downstream) names."""
    rows = Edge.objects.filter(kind=kind)
    return set(rows.values_list("upstream__display_name", "downstream__display_name"))


def sizes() -> tuple[int, int]:
    """Return how many datasets and columns there are."""
    return Dataset.objects.count(), Column.objects.count()


@pytest.fixture
def database(worker_id: str) -> Iterator[str]:
    """Make an empty PostgreSQL database and return its address."""
    server, name = postgres_url(), f"gazetteer_material_{worker_id}"

    def drop() -> None:
        with psycopg.connect(server, autocommit=True) as db:
            statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            db.execute(statement.format(sql.Identifier(name)))

    drop()
    with psycopg.connect(server, autocommit=True) as db:
        db.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield re.sub(r"/[^/]*$", f"/{name}", server).replace("postgres://", "postgresql://")
    drop()


def load(database: str, script: str) -> None:
    """Run a script of psql: statements, of which some may fail, and COPY with its rows."""
    with psycopg.connect(make_conninfo(database), autocommit=True) as db:
        for part in re.split(r"(^COPY .*? FROM stdin;\n.*?^\\\.$)", script, flags=re.M | re.S):
            if part.startswith("COPY "):
                head, _, rows = part.partition("\n")
                with db.cursor().copy(head.removesuffix(";").encode()) as copy:
                    copy.write(rows.removesuffix("\\."))
            else:
                for statement in re.split(r";[ \t]*\n(?=\s*(?:--|[A-Z]|$))", part):
                    try:
                        db.execute(statement.encode())
                    except psycopg.Error:
                        continue


def test_chinook(harvest: Harvest) -> None:
    path = material(
        "databases", "chinook", "ChinookDatabase", "DataSources", "Chinook_Sqlite.sqlite"
    )
    run = harvest("sql", 15, url=f"sqlite:///{path}", namespace="sqlite://chinook")
    assert (run.state, sizes()) == (RunState.SUCCEEDED, (11, 64))
    assert edges("foreign-key") == {
        ("Album", "Track"),
        ("Artist", "Album"),
        ("Customer", "Invoice"),
        ("Employee", "Customer"),
        ("Genre", "Track"),
        ("Invoice", "InvoiceLine"),
        ("MediaType", "Track"),
        ("Playlist", "PlaylistTrack"),
        ("Track", "InvoiceLine"),
        ("Track", "PlaylistTrack"),
    }
    assert sensitive() == {
        **{f"{table}.FirstName": "person-name" for table in ("Customer", "Employee")},
        **{f"{table}.LastName": "person-name" for table in ("Customer", "Employee")},
        **{f"{table}.Address": "postal-address" for table in ("Customer", "Employee")},
        **{f"{table}.PostalCode": "postal-address" for table in ("Customer", "Employee")},
        **{f"{table}.Phone": "phone" for table in ("Customer", "Employee")},
        **{f"{table}.Fax": "phone" for table in ("Customer", "Employee")},
        **{f"{table}.Email": "email" for table in ("Customer", "Employee")},
        "Employee.BirthDate": "birth-date",
        "Invoice.BillingAddress": "postal-address",
        "Invoice.BillingPostalCode": "postal-address",
    }
    track = Dataset.objects.get(display_name="Track")
    assert (track.row_count, track.primary_key) == (3503, ["TrackId"])
    keys = {
        tuple(key["columns"]): key["violations"] for key in Profile.objects.get(dataset=track).keys
    }
    assert keys == {("TrackId",): 0, ("MediaTypeId",): 0, ("GenreId",): 0, ("AlbumId",): 0}


def test_northwind(harvest: Harvest, tmp_path: Path) -> None:
    script = material("databases", "northwind_sqlite", "src", "create.sql").read_text()
    with sqlite3.connect(tmp_path / "northwind.db") as db:
        db.executescript(script)
    db.close()
    run = harvest("sql", 20, url=f"sqlite:///{tmp_path / 'northwind.db'}", namespace="sqlite://n")
    assert (run.state, sizes()) == (RunState.SUCCEEDED, (29, 190))
    assert Dataset.objects.filter(kind="view").count() == 16
    reads = edges("view")
    views = Dataset.objects.filter(kind="view").values_list("display_name", flat=True)
    assert {down for _, down in reads} == set(views)
    assert {up for up, down in reads if down == "Invoices"} == {
        "Customers",
        "Employees",
        "Order Details",
        "Orders",
        "Products",
        "Shippers",
    }
    assert ("Order Subtotals", "Summary of Sales by Year") in reads
    found = sensitive()
    assert found["Employees.BirthDate"] == "birth-date"
    assert found["Customers.ContactName"] == found["Suppliers.ContactName"] == "person-name"
    for name in ("Products", "Categories", "Regions", "Territories", "Order Details"):
        assert [column for column in found if column.startswith(f"{name}.")] == []


def test_sakila_on_postgres(
    harvest: Harvest, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = material("databases", "sakila_pg", "postgres-sakila-db")
    schema = (folder / "postgres-sakila-schema.sql").read_text()
    load(database, schema.replace("OWNER TO postgres", "OWNER TO CURRENT_USER"))
    load(database, (folder / "postgres-sakila-insert-data-using-copy.sql").read_text())
    monkeypatch.setenv("GAZETTEER_SECRET_SAKILA", database)
    run = harvest("sql", 30, url="env:GAZETTEER_SECRET_SAKILA")
    assert (run.state, sizes()) == (RunState.SUCCEEDED, (28, 165))
    assert Dataset.objects.filter(kind="view").count() == 7
    name = database.rpartition("/")[2]
    film = Dataset.objects.get(name=f"{name}.public.film")
    assert (film.row_count, film.technology) == (1000, "postgresql")
    assert ("city", "address") in edges("foreign-key")
    reads = edges("view")
    assert {up for up, down in reads if down == "actor_info"} == {
        "actor",
        "category",
        "film",
        "film_actor",
        "film_category",
    }
    assert {up for up, down in reads if down == "sales_by_store"} >= {"payment", "rental", "store"}
    found = sensitive()
    assert found == {
        **{
            f"{table}.{column}": "person-name"
            for table in ("actor", "actor_info", "customer", "staff")
            for column in ("first_name", "last_name")
        },
        "address.address": "postal-address",
        "address.address2": "postal-address",
        "address.postal_code": "postal-address",
        "customer.email": "email",
        "customer_list.address": "postal-address",
        "customer_list.name": "person-name",
        "customer_list.zip code": "postal-address",
        "sales_by_store.manager": "person-name",
        "staff.email": "email",
        "staff.password": "credential",
        "staff.username": "username",
        "staff_list.address": "postal-address",
        "staff_list.name": "person-name",
        "staff_list.zip code": "postal-address",
    }
    assert "MARY.SMITH@sakilacustomer.org" not in str(list(Sample.objects.values_list("rows")))


def test_insurance_on_postgres(
    harvest: Harvest, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = material("databases", "insurance_lossrx", "inst", "database")
    load(database, (folder / "db-postgres.sql").read_text())
    monkeypatch.setenv("GAZETTEER_SECRET_INSURANCE", database)
    run = harvest("sql", 15, url="env:GAZETTEER_SECRET_INSURANCE")
    assert (run.state, sizes()) == (RunState.SUCCEEDED, (11, 63))
    claims = Dataset.objects.get(display_name="claims")
    assert claims.description.startswith("Primary claims fact table")
    assert edges("foreign-key") == {
        ("claims", "claim_evaluations"),
        ("claimants", "vehicles"),
        ("coverages", "policies"),
        ("coverages", "tpas"),
        ("evaluations", "claim_evaluations"),
    }
    assert set(sensitive()) == {
        "claimants.claimant_first_name",
        "claimants.claimant_last_name",
        "claimants.claimant_full_name",
        "vehicles.vehicle_vin_number",
    }


def test_insurance_files(harvest: Harvest) -> None:
    folder = material("databases", "insurance_lossrx", "data-raw")
    run = harvest("files", 20, path=str(folder), namespace="file://insurance", include=["*.csv"])
    assert run.found_count == 20
    assert run.state == RunState.SUCCEEDED, list(run.lines.values_list("text", flat=True))
    loss = Dataset.objects.get(name="working/lossruns/CSV/2019-12-31.csv")
    assert loss.row_count is not None
    assert loss.row_count > 1000


def test_the_files_of_a_newsroom(harvest: Harvest, tmp_path: Path) -> None:
    folder = material("files", "fivethirtyeight")
    run = harvest("files", 90, path=str(folder), namespace="file://news", include=["*.csv"])
    assert run.state == RunState.SUCCEEDED, list(run.lines.filter(level="warning"))
    assert sizes() == (184, 3222)
    notes = run.lines.filter(text__contains=": read as ").values_list("text", flat=True)
    assert len(notes) == 10
    assert "avengers/avengers.csv: read as Latin-1: it is not valid UTF-8" in notes
    found = sensitive()
    assert len(found) < 48, found
    assert found["police_killings.name"] == "person-name"
    assert found["police_killings.streetaddress"] == "postal-address"
    assert "biopics.title" not in found
    assert "sandy-311-calls-by-day.DOB" not in found


def test_a_part_of_the_files_goes_and_comes_back(harvest: Harvest, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    for name in ("airline-safety", "avengers", "bad-drivers", "bechdel", "biopics"):
        shutil.copytree(material("files", "fivethirtyeight", name), folder / name)
    run = harvest("files", 20, path=str(folder), namespace="file://news", include=["*.csv"])
    assert (run.state, run.created_count) == (RunState.SUCCEEDED, 5)
    (folder / "avengers" / "avengers.csv").rename(tmp_path / "avengers.csv")
    assert run_source(run.source).gone_count == 1
    (tmp_path / "avengers.csv").rename(folder / "avengers" / "avengers.csv")
    assert run_source(run.source).changed_count == 0
    assert not Dataset.objects.filter(gone_at__isnull=False).exists()


#: Of each genuine manifest: relations, columns, checks, edges between relations, models with compiled SQL.
MANIFESTS = {
    "v1/jaffle_shop/manifest.json": (11, 22, 21, 12),
    "v2/jaffle_shop/manifest.json": (11, 22, 21, 12),
    "v3/jaffle_shop/manifest.json": (11, 22, 20, 12),
    "v4/jaffle_shop/manifest.json": (8, 14, 18, 5),
    "v5/jaffle_shop/manifest.json": (30, 125, 20, 22),
    "v6/jaffle_shop/manifest.json": (8, 21, 20, 8),
    "v7/jaffle_shop/manifest.json": (8, 21, 20, 8),
    "v8/jaffle_shop/manifest.json": (8, 21, 20, 8),
    "v8/jaffle_shop_at_1_4_3/manifest.json": (10, 22, 21, 8),
    "v9/jaffle_shop_at_1.5rc1/manifest.json": (37, 183, 21, 31),
    "v10/jaffle_shop/manifest.json": (9, 36, 20, 8),
    "v11/jaffle_shop/manifest.json": (38, 191, 20, 33),
    "v12/jaffle_shop/manifest_1.8.json": (39, 191, 20, 39),
    "v12/jaffle_shop/manifest_1.9.json": (39, 191, 20, 39),
    "v12/jaffle_shop/manifest_1.10.json": (19, 25, 27, 17),
    "v12/jaffle_shop/manifest_1.11.json": (20, 25, 27, 17),
    "v12/jaffle_shop/manifest_1.12.json": (19, 48, 27, 17),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_every_version_of_a_dbt_manifest(harvest: Harvest, name: str) -> None:
    path = material("standards", "dbt_artifacts", "manifest", *name.split("/"))
    run = harvest("dbt", 60, path=str(path.parent), manifest=path.name)
    assert run.state == RunState.SUCCEEDED, run.error
    checks = Check.objects.filter(retired_at=None, origin="pushed").count()
    assert (*sizes(), checks, len(edges("dbt"))) == MANIFESTS[name]


def test_a_dbt_project_with_all_its_artifacts(harvest: Harvest) -> None:
    folder = material("standards", "dbt_jaffle_duckdb")
    run = harvest("dbt", 60, path=str(folder), run_results="run_results.build_fail.json")
    assert run.state == RunState.SUCCEEDED, run.error
    assert sizes() == (8, 38)
    outcomes = Counter(Check.objects.filter(origin="pushed").values_list("last_outcome", flat=True))
    assert outcomes == {"passed": 7, "warned": 1, "failed": 1, "skipped": 12}
    assert Dataset.objects.get(display_name="raw_orders").data_updated_at is not None


def test_columns_of_a_dbt_package_by_its_sql(harvest: Harvest, tmp_path: Path) -> None:
    with tarfile.open(material("lineage", "dbt_salesforce", "raw.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    run = harvest("dbt", 120, path=str(tmp_path / "docs"))
    assert run.state == RunState.SUCCEEDED, [line.text for line in run.lines.all()]
    assert sizes() == (42, 2401)
    assert len(edges("dbt")) >= 40
    direct = ColumnEdge.objects.filter(type="DIRECT")
    assert direct.count() > 500
