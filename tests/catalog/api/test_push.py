"""Many statements in one call: taken in sets, answered line by line, the good kept beside the bad."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Check, Contract, Dataset, Event, Product, Result
from catalog.people.tokens import make_token
from lineage.models import LineageEvent
from tests.catalog.api.conftest import Call
from tests.catalog.api.pushing import (
    ADDRESS,
    ALL,
    body,
    check,
    contract,
    counts,
    dataset,
    product,
    soda,
)
from tests.conftest import Mesh
from tests.factories import NAMESPACE, make_dataset, make_product


def test_one_stream_brings_every_kind_and_the_same_again_changes_nothing(send: Call) -> None:
    first = send(*ALL)
    assert counts(first) == (6, 0, 0, 0), first.json()
    row = Product.objects.get(guid="g-settled")
    assert row.ports.get().display_name == "SQL"
    assert Dataset.objects.get(name="main.settled").product_id == row.pk
    assert Contract.objects.get().product_id == row.pk
    assert Check.objects.filter(origin="declared", key__endswith=":filled").exists()
    assert Result.objects.count() == 1
    assert LineageEvent.objects.count() == 1
    events = Event.objects.count()
    again = send(*ALL)
    assert counts(again) == (0, 0, 6, 0), again.json()
    assert Event.objects.count() == events


def test_a_bad_line_is_refused_with_its_reason_and_the_good_are_kept(send: Call) -> None:
    answer = send(
        product("one"),
        b"{broken",
        b'{"kind":"product","document":{"x":"\xff"}}',
        b'{"kind":"product","kind":"product"}',
        b'{"kind":"product","document":{"a":NaN}}',
        b'{"kind":"product","document":{"a":99999999999999999999}}',
        b'{"kind":"product","document":{"a":1e999}}',
        b'{"kind":"product","document":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"kind":"product","document":{"a":' + b'{"a":' * 101 + b"1" + b"}" * 101 + b"}}",
        b'{"kind":"product","document":{"a":"\\ud800"}}',
        b'{"kind":"product","document":{"a":"b\\u0000"}}',
        b"[]",
        {"kind": "thing", "document": {}},
        {"kind": "product", "document": []},
        {"kind": "product", "document": {}, "port": "x"},
        product("two", archetype="wrong", colour="red"),
        product("two", archetype="wrong"),
        product("two", owner="nobody"),
        product("two", readableDataProductKey="A B"),
        product("two", ports=[{"direction": "sideways", "name": "x", "displayName": 1}]),
        dataset("x", columns=[{"path": "a", "nativeType": 4}]),
        product("three"),
    )
    assert counts(answer) == (2, 0, 0, 20)
    assert set(Product.objects.values_list("key", flat=True)) == {"one", "three"}
    said = {line["line"]: line["problems"] for line in answer.json()["lines"]}
    assert [said[n][0]["message"].split(" at ")[0][:30] for n in (2, 3, 4, 5, 7)] == [
        "is no JSON: Expecting property",
        "is no UTF-8",
        "stands twice in one object",
        "is no number that can be kept",
        "is no finite number",
    ]
    assert "64 bits" in said[6][0]["message"]
    assert "deeper than 100" in said[8][0]["message"]
    assert "deeper than 100" in said[9][0]["message"]
    assert "surrogate" in said[10][0]["message"]
    assert "NUL" in said[11][0]["message"]
    assert said[13][0]["path"] == "kind"
    assert "contract" in said[13][0]["message"]
    assert (said[16][0]["path"], said[16][0]["value"]) == ("colour", "red")
    assert said[17][0]["path"] == "archetype"
    assert said[17][0]["value"] == "wrong"
    assert said[18][0]["path"] == "owner"
    assert "claims-team" in said[18][0]["message"]
    assert {p["path"] for p in said[20]} == {"ports[0].direction", "ports[0].displayName"}
    assert said[21][0]["path"] == "columns[0].nativeType"


def test_lines_of_another_team_are_refused_and_ones_own_are_kept(send: Call, mesh: Mesh) -> None:
    make_product("theirs", domain="policy", team="policy-team", guid="g-theirs")
    make_dataset("main.theirs", domain="policy", team="policy-team")
    served = [{"namespace": NAMESPACE, "name": "main.theirs"}]
    answer = send(
        product("mine"),
        product("new", owner="policy-team"),
        product("other", dataProductGUID="g-theirs"),
        product("theirs", readableDataProductKey="policy/theirs"),
        product("serves", ports=[{"direction": "out", "name": "sql", "datasets": served}]),
        dataset("main.theirs"),
        check(dataProduct="policy/theirs"),
        contract(dataProduct="policy/theirs"),
    )
    assert counts(answer) == (1, 0, 0, 7)
    assert Product.objects.get(guid="g-theirs").team == mesh.other_team
    assert Dataset.objects.get(name="main.theirs").team == mesh.other_team


def test_gzip_is_unpacked_and_what_came_before_its_end_is_kept(send: Call) -> None:
    packed = gzip.compress(body(*(product(f"p{n}") for n in range(3))))
    head = {"Content-Encoding": "gzip"}
    assert counts(send(raw=packed, headers=head)) == (3, 0, 0, 0)
    whole = body(*(product(f"q{n}", description="x" * 200) for n in range(400)))
    answer = send(raw=gzip.compress(whole)[:-2000], headers=head)
    created, *_, refused = counts(answer)
    assert 0 < created < 400
    assert refused == 1
    assert "too early" in answer.json()["summary"]["stopped"]
    assert Product.objects.filter(key__startswith="q").count() == created
    answer = send(raw=whole[:100], headers=head)
    assert answer.json()["summary"]["stopped"] == "the body is said to be gzip, and is not"


def test_a_long_line_is_passed_over_without_being_held(send: Call, settings: Any) -> None:
    settings.PUSH_MAX_LINE = 5000
    answer = send(product("one"), product("two", description="x" * 200_000), product("three"))
    assert counts(answer) == (2, 0, 0, 1)
    assert answer.json()["lines"][0]["line"] == 2
    assert "5000 bytes" in answer.json()["lines"][0]["problems"][0]["message"]


@pytest.mark.parametrize(
    ("kind", "head", "code"),
    [
        ("application/json", {}, 415),
        ("text/plain", {}, 415),
        ("application/x-ndjson", {"Content-Encoding": "br"}, 415),
        ("application/x-ndjson; charset=utf-8", {}, 200),
    ],
)
def test_other_types_are_refused(send: Call, kind: str, head: dict[str, str], code: int) -> None:
    answer = send(product(), content_type=kind, headers=head)
    assert answer.status_code == code
    if code != 200:
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query", ["dry=true", "dryRun=yes", "complete=true", "confirm=true", "source=A%20B"]
)
def test_a_query_that_is_not_known_is_refused(send: Call, query: str) -> None:
    assert send(product(), query=query).status_code == 400
    assert not Product.objects.exists()


def test_nobody_and_readers_do_not_push(client: Client, mesh: Mesh) -> None:
    secret = make_token(mesh.alice, name="r", scope="read", days=1)[1]
    sent: dict[str, Any] = {"data": body(product()), "content_type": "application/x-ndjson"}
    assert client.post(ADDRESS, **sent).status_code == 401
    assert client.post(ADDRESS, **sent, headers={"x-api-key": secret}).status_code == 403


def test_every_line_is_answered_in_order_where_asked(send: Call) -> None:
    answer = send(
        product("one"), b"{", contract(), product(), headers={"Accept": "application/x-ndjson"}
    )
    said = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert [line.get("line") for line in said] == [1, 2, 3, 4, None]
    assert [line["outcome"] for line in said[:4]] == ["created", "refused", "created", "created"]
    assert said[0]["guid"] == "g-one"
    assert said[4]["summary"]["lines"] == 4


def test_a_check_is_taken_back(send: Call) -> None:
    send(product(), check("one"), check("two"))
    assert counts(send(check("one", gone=True), check("two"))) == (0, 1, 1, 0)
    active = Check.objects.filter(origin="declared", retired_at=None)
    assert [key.rpartition(":")[2] for key in active.values_list("key", flat=True)] == ["two"]


def test_lists_of_any_length_take_as_many_queries(
    send: Call, django_assert_max_num_queries: Any
) -> None:
    send(dataset(), product())
    for count in (20, 400):
        lines = [dataset(f"main.x{count}-{n}") for n in range(count)]
        with django_assert_max_num_queries(100):
            send(*lines, *(product(f"x{count}-{n}") for n in range(min(count, 90))))


def test_what_is_hidden_is_not_told_apart_from_what_is_absent(send: Call, mesh: Mesh) -> None:
    make_product("secret", domain="policy", team="policy-team", visibility="team", guid="g-s")
    make_dataset("main.secret", domain="policy", team="policy-team")
    seen = []
    for name in ("secret", "absent"):
        served = [{"namespace": NAMESPACE, "name": f"main.{name}"}]
        answer = send(
            check(dataProduct=f"policy/{name}"),
            {"kind": "results", "document": soda(), "product": f"g-{name[0]}"},
            {"kind": "contract", "document": contract(), "product": f"g-{name[0]}"},
            product("x", ports=[{"direction": "out", "name": "sql", "datasets": served}]),
        )
        problems = [line["problems"] for line in answer.json()["lines"]]
        seen.append(json.dumps(problems).replace(name, "…").replace(f"g-{name[0]}", "…"))
    assert seen[0] == seen[1]
