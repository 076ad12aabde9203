"""Products edited by a table: tried first, row by row, as the person who sends it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from catalog.models import Event, Layer, Product, Revision
from catalog.people.tokens import make_token
from tests.conftest import Mesh
from tests.factories import make_product

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/imports/dataproducts"


def send(client: Client, table: str | bytes, query: str = "", status: int = 200) -> Any:
    """Send a table and return what became of it."""
    answer = client.post(ADDRESS + query, table, content_type="text/csv")
    assert answer.status_code == status, answer.content
    return answer.json()


def told(answer: dict[str, Any]) -> list[tuple[int, str, list[str]]]:
    """Return line, outcome and the columns that were refused."""
    return [
        (row["line"], row["outcome"], [one["path"] for one in row["problems"]])
        for row in answer["rows"]
    ]


@pytest.fixture
def alice(mesh: Mesh, client: Client) -> Client:
    """Alice, who owns products of claims."""
    client.force_login(mesh.alice)
    return client


def test_a_dry_run_says_what_would_change_and_changes_nothing(alice: Client) -> None:
    make_product(description="Old.")
    before = (Event.objects.count(), Revision.objects.count(), Layer.objects.count())
    table = "readableDataProductKey,description,tags\r\nclaims/settled-claims,New.,late; eu\r\n"
    answer = send(alice, table, "?dryRun=true")
    assert (answer["dryRun"], answer["changed"]) == (True, 1)
    assert answer["rows"][0]["changes"] == [
        {"field": "description", "before": "Old.", "after": "New."},
        {"field": "tags", "before": "", "after": "late; eu"},
    ]
    assert (Event.objects.count(), Revision.objects.count(), Layer.objects.count()) == before
    assert Product.objects.get().description == "Old."
    done = send(alice, table)
    assert (done["dryRun"], done["changed"]) == (False, 1)
    product = Product.objects.get()
    assert product.description == "New."
    assert {tag.name for tag in product.tags.all()} == {"late", "eu"}
    assert told(send(alice, table)) == [(2, "unchanged", [])]


def test_an_export_sent_back_changes_nothing(alice: Client) -> None:
    make_product(name="=1+1", description='-x, "y"\nz; ü', tags=["a", "b"], version="1.0.0")
    make_product("other", classification="internal", visibility="team")
    table = alice.get("/api/v1/dataproducts?format=csv").getvalue()
    before = (Event.objects.count(), Layer.objects.count())
    answer = send(alice, table)
    assert (answer["unchanged"], answer["changed"], answer["refused"]) == (2, 0, 0)
    assert "owner" in answer["ignored"]
    assert (Event.objects.count(), Layer.objects.count()) == before


def test_an_edited_export_changes_just_what_was_edited(alice: Client) -> None:
    make_product(description="One.")
    make_product("other", description="Two.")
    text = alice.get("/api/v1/dataproducts?format=csv").getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    for row in rows:
        if row["key"] == "other":
            row["status"] = "deprecated"
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    answer = send(alice, b"\xef\xbb\xbf" + file.getvalue().encode())
    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert dict(Product.objects.values_list("key", "status")) == {
        "settled-claims": "active",
        "other": "deprecated",
    }


def test_bad_rows_are_named_and_the_good_ones_written(alice: Client) -> None:
    guid = make_product().guid
    make_product("second")
    table = (
        "dataProductGUID,readableDataProductKey,status,description\n"
        f"{guid},,active,Good.\n"
        ",claims/second,odd,Not written.\n"
        ",claims/nobody,active,x\n"
        ",,active,x\n"
        f"{guid},,active,Twice.\n"
        f"{guid},claims/second,active,Whose?\n"
        ",claims/second,active\n"
        "\n"
        ',claims/second,active,"two\nlines"\n'
    )
    answer = send(alice, table)
    assert told(answer) == [
        (2, "changed", []),
        (3, "refused", ["status"]),
        (4, "refused", ["readableDataProductKey"]),
        (5, "refused", ["dataProductGUID"]),
        (6, "refused", [""]),
        (7, "refused", ["readableDataProductKey"]),
        (8, "refused", [""]),
        (10, "refused", [""]),
    ]
    assert "proposed" in answer["rows"][1]["problems"][0]["message"]
    assert Product.objects.get(guid=guid).description == "Good."
    assert Product.objects.get(key="second").description == ""


def test_who_may_not_edit_is_refused_and_what_is_hidden_is_not_there(
    mesh: Mesh, client: Client
) -> None:
    make_product()
    make_product("zyxquartz", visibility="team")
    client.force_login(mesh.charlie)
    table = (
        "readableDataProductKey,description,certified\n"
        "claims/settled-claims,Mine now.,\nclaims/zyxquartz,x,\nclaims/no-such,x,\n"
    )
    rows = send(client, table)["rows"]
    assert [row["outcome"] for row in rows] == ["refused"] * 3
    assert "owning team" in rows[0]["problems"][0]["message"]
    hidden, missing = (row["problems"][0]["message"] for row in rows[1:])
    assert hidden == missing
    assert Product.objects.get(key="settled-claims").description == ""


def test_nobody_and_a_reading_token_write_nothing(mesh: Mesh, client: Client) -> None:
    make_product()
    table = "readableDataProductKey,description\nclaims/settled-claims,x\n"
    assert client.post(ADDRESS, table, content_type="text/csv").status_code == 401
    secret = make_token(mesh.alice, name="reader", scope="read", days=3)[1]
    answer = client.post(ADDRESS, table, content_type="text/csv", headers={"x-api-key": secret})
    assert answer.status_code == 403
    assert Product.objects.get().description == ""


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (b"", "text/csv"),
        (b"colour,readableDataProductKey\nred,a/b\n", "colour"),
        (b"description\nx\n", "dataProductGUID"),
        (b"readableDataProductKey,readableDataProductKey\na/b,a/b\n", "twice"),
        (b"readableDataProductKey\n\xff\xfe\n", "UTF-8"),
        (b"readableDataProductKey\na\x00b\n", "NUL"),
        (b'readableDataProductKey\n"a"b\n', "line 2"),
        (b"readableDataProductKey\n" + b"a/b\n" * 1001, "1000"),
        (b"readableDataProductKey\n" + b"a" * 2_000_000, "2000000"),
        (b'readableDataProductKey\n"' + b"a" * 200_000 + b'"\n', "no CSV"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(alice: Client, table: bytes, word: str) -> None:
    answer = send(alice, table, status=422)
    assert word in str(answer["errors"])


def test_other_kinds_of_bodies_and_queries_are_refused(alice: Client) -> None:
    assert alice.post(ADDRESS, {"a": 1}, content_type="application/json").status_code == 415
    send(alice, "readableDataProductKey\na/b\n", "?dryRun=maybe", status=400)
    send(alice, "readableDataProductKey\na/b\n", "?colour=red", status=400)
