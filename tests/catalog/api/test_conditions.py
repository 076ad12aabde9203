"""Entity tags are compared as RFC 9110 says."""

from __future__ import annotations

import pytest

from catalog.models import Product
from tests.catalog.api.conftest import Call
from tests.catalog.api.test_products import ADDRESS, body
from tests.conftest import Mesh


@pytest.fixture
def tag(call: Call) -> str:
    found: str = call("alice", "put", ADDRESS, body())["ETag"]
    return found


FORMS = [
    ("{tag}", True, True),
    ("*", True, True),
    ('"other", {tag}', True, True),
    ('{tag},"other"', True, True),
    (' , {tag} ,, "a,b"', True, True),
    ("W/{tag}", True, False),
    ('W/"other", W/{tag}', True, False),
    ('"other"', False, False),
    ('"a,b", W/"c"', False, False),
]


@pytest.mark.parametrize(("form", "weak", "strong"), FORMS)
def test_if_none_match_compares_weakly_when_reading(
    call: Call, tag: str, form: str, weak: bool, strong: bool
) -> None:
    answer = call("alice", "get", ADDRESS, headers={"If-None-Match": form.format(tag=tag)})
    assert answer.status_code == (304 if weak else 200)
    assert answer["ETag"] == tag
    assert bool(answer.content) is not weak


@pytest.mark.parametrize(("form", "weak", "strong"), FORMS)
def test_if_match_compares_strongly(
    call: Call, tag: str, form: str, weak: bool, strong: bool
) -> None:
    headers = {"If-Match": form.format(tag=tag)}
    assert call("alice", "get", ADDRESS, headers=headers).status_code == (200 if strong else 412)
    answer = call("alice", "put", ADDRESS, body(description="new"), headers)
    assert answer.status_code == (200 if strong else 412)
    shown = call("alice", "get", ADDRESS).json()["description"]
    assert (shown == "new") is strong


@pytest.mark.parametrize("form", ['"open', "plain", "5", '"a" "b"', "", "w/{tag}", "*, {tag}"])
def test_a_header_that_is_no_list_of_tags_is_refused(call: Call, tag: str, form: str) -> None:
    for name in ("If-Match", "If-None-Match"):
        answer = call("alice", "get", ADDRESS, headers={name: form.format(tag=tag)})
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == name


def test_a_product_is_registered_only_when_it_is_not_there(call: Call, mesh: Mesh) -> None:
    once = {"If-None-Match": "*"}
    assert call("alice", "put", ADDRESS, body(), once).status_code == 201
    assert call("alice", "put", ADDRESS, body(version="2"), once).status_code == 412
    assert call("alice", "get", ADDRESS).json()["version"] == ""


def test_if_match_means_that_something_is_there(call: Call, mesh: Mesh) -> None:
    assert call("alice", "put", ADDRESS, body(), {"If-Match": "*"}).status_code == 412
    assert not Product.objects.exists()


def test_a_stale_delete_is_refused(call: Call, tag: str) -> None:
    assert call("alice", "delete", ADDRESS, headers={"If-Match": '"1-x"'}).status_code == 412
    assert call("alice", "delete", ADDRESS, headers={"If-Match": tag}).status_code == 204
    assert call("alice", "get", ADDRESS).status_code == 404


def test_a_new_measurement_is_a_new_answer(call: Call, tag: str) -> None:
    Product.objects.update(quality_score=71)
    answer = call("alice", "get", ADDRESS, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["qualityScore"] == 71
