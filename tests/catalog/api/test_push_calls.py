"""How a push runs: dry, whole, complete, once for each key, not too often."""

from __future__ import annotations

from typing import Any

from catalog.models import Dataset, Event, Product, Push
from tests.catalog.api.conftest import Call
from tests.catalog.api.pushing import (
    contract,
    counts,
    dataset,
    product,
)
from tests.conftest import Mesh
from tests.factories import NAMESPACE


def test_a_dry_run_tells_what_would_change_and_writes_nothing(send: Call) -> None:
    send(dataset(), product(), contract())
    before = (Event.objects.count(), Product.objects.get().revision_number)
    answer = send(
        product(description="New words"),
        product("fresh"),
        dataset(columns=[{"path": "id", "nativeType": "BIGINT"}]),
        contract("2.0.0", "id"),
        contract("1.0.0", "id"),
        query="dryRun=true",
    )
    assert counts(answer) == (2, 2, 0, 1), answer.json()
    assert answer.json()["summary"]["applied"] is False
    assert before == (Event.objects.count(), Product.objects.get().revision_number)
    lines = {line["line"]: line for line in answer.json()["lines"]}
    change = {"path": "description", "before": "", "after": "New words"}
    assert change in lines[1]["changes"]
    assert "columns[id].nativeType" in {c["path"] for c in lines[3]["changes"]}
    assert lines[4]["comparison"]["isBreaking"] is True
    assert lines[4]["comparison"]["suggestedVersion"] == "2.0.0"
    assert lines[4]["affected"]["grants"] == []
    assert lines[5]["outcome"] == "refused"
    assert lines[5]["comparison"]["isBreaking"] is True


def test_an_atomic_push_is_taken_whole_or_not_at_all(send: Call) -> None:
    answer = send(product("one"), product("two", owner="nobody"), query="atomic=true")
    assert counts(answer)[3] == 1
    assert answer.json()["summary"]["applied"] is False
    assert not Product.objects.exists()
    assert counts(send(product("one"), product("two"), query="atomic=true")) == (2, 0, 0, 0)
    assert Product.objects.count() == 2


def test_an_atomic_push_of_too_many_lines_is_refused(send: Call, settings: Any) -> None:
    settings.PUSH_MAX_ATOMIC_LINES = 2
    answer = send(*(product(f"p{n}") for n in range(3)), query="atomic=true")
    assert answer.status_code == 422
    assert not Product.objects.exists()


def test_a_complete_push_marks_what_it_does_not_say(send: Call) -> None:
    many = [product(f"p{n}") for n in range(5)] + [dataset(f"main.t{n}") for n in range(5)]
    query = "source=git&complete=true"
    assert counts(send(*many, query=query)) == (10, 0, 0, 0)
    answer = send(*many[1:-1], query=query)
    assert answer.json()["summary"]["gone"]["subjects"] == ["claims/p0", f"{NAMESPACE} main.t4"]
    assert answer.json()["summary"]["markedGone"] == 2
    assert Product.objects.get(key="p0").status == "retired"
    assert Dataset.objects.get(name="main.t4").gone_at is not None
    again = send(*many[1:-1], query=query).json()["summary"]
    assert (again["markedGone"], again["unchanged"]) == (0, 8)
    back = send(*many, query=query)
    assert counts(back)[0] == 0
    assert Product.objects.get(key="p0").status == "active"
    assert Dataset.objects.get(name="main.t4").gone_at is None


def test_the_brake_holds_and_can_be_released(send: Call) -> None:
    query = "source=git&complete=true"
    many = [product(f"p{n}") for n in range(10)]
    send(*many, query=query)
    held = send(*many[:6], query=query).json()["summary"]
    assert (held["markedGone"], held["gone"]["known"]) == (0, 10)
    assert "confirm=true" in held["gone"]["held"]
    assert not Product.objects.filter(status="retired").exists()
    assert send(*many[:6], query=f"{query}&confirm=true").json()["summary"]["markedGone"] == 4


def test_nothing_is_marked_where_a_line_was_refused_or_another_team_spoke(
    send: Call, mesh: Mesh
) -> None:
    query = "source=git&complete=true&confirm=true"
    send(product("one"), product("two"), query=query)
    answer = send(product("one"), b"{", query=query).json()["summary"]
    assert answer["markedGone"] == 0
    assert "refused" in answer["gone"]["held"]
    send(product("three", owner="policy-team"), query=query, who="admin")
    assert Product.objects.filter(status="retired").count() == 2
    send(product("one"), product("two"), query=query)
    assert not Product.objects.filter(status="retired").exists()


def test_a_key_is_answered_the_same_once(send: Call) -> None:
    head = {"Idempotency-Key": "run-17"}
    first = send(product(), b"{", headers=head)
    again = send(product(), b"{", headers=head)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    other = send(product("other"), headers=head)
    assert other.status_code == 422
    assert not Product.objects.filter(key="other").exists()
    assert counts(send(product("other"), headers=head, who="bob")) == (1, 0, 0, 0)


def test_a_key_whose_call_still_runs_is_refused(send: Call) -> None:
    send(product(), headers={"Idempotency-Key": "k"})
    Push.objects.update(finished_at=None)
    assert send(product(), headers={"Idempotency-Key": "k"}).status_code == 409


def test_who_pushes_too_often_waits(send: Call, settings: Any) -> None:
    settings.PUSH_RATE = 2
    assert [send(product()).status_code for _ in range(3)] == [200, 200, 429]
    answer = send(product())
    assert 1 <= int(answer["Retry-After"]) <= 61
    assert send(product(), who="bob").status_code == 200


def test_too_many_at_once_wait(send: Call, settings: Any) -> None:
    settings.PUSH_CONCURRENCY = 1
    assert send(product()).status_code == 200
    Push.objects.update(finished_at=None)
    assert send(product()).status_code == 429


def test_a_dry_run_compares_no_contract_that_breaks_the_standard(send: Call) -> None:
    send(product(), contract())
    broken = contract("2.0.0", schema=[{"name": "settled", "properties": "none"}])
    answer = send(broken, contract("1.1.0", "id", "note", "more"), query="dryRun=true")
    assert counts(answer) == (1, 0, 0, 1)
    first, second = answer.json()["lines"]
    assert first["comparison"] is None
    assert second["comparison"]["suggestedVersion"] == "1.1.0"
