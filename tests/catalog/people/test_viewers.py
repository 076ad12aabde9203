"""One token per row, a set of tokens per person."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from catalog.descriptors import LayerKind
from catalog.models import Dataset, Product
from catalog.registry.apply import apply
from catalog.visibility import PUBLIC, SIGNED_IN, narrower, viewer_tokens, width
from tests.conftest import Mesh
from tests.factories import SYSTEM, dataset_descriptor, make_product

SEEN_BY = {
    "everyone": {"alice", "bob", "charlie", "dana", "admin", "anonymous"},
    "signed-in": {"alice", "bob", "charlie", "dana", "admin"},
    "domain": {"alice", "bob", "dana", "admin"},
    "team": {"alice", "bob", "dana", "admin"},
}


@pytest.mark.parametrize("visibility", SEEN_BY)
def test_a_product_is_seen_by_whom_it_is_meant_for(mesh: Mesh, visibility: str) -> None:
    row = make_product(visibility=visibility)
    seen = {
        name
        for name, user in mesh.people.items()
        if Product.objects.visible_to(user).filter(pk=row.pk).exists()
    }
    assert seen == SEEN_BY[visibility]


def test_a_dataset_that_nobody_claims_is_not_public(mesh: Mesh) -> None:
    apply(
        [dataset_descriptor("main.lost")],
        layer=LayerKind.HARVESTED,
        source="source:shop",
        authority=SYSTEM,
    )
    row = Dataset.objects.get(name="main.lost")
    assert row.audience == SIGNED_IN


def test_nobody_in_particular_holds_the_public_token_alone() -> None:
    assert viewer_tokens(AnonymousUser()) == frozenset({PUBLIC})


def test_an_admin_has_no_limit_and_a_blocked_person_sees_what_is_public(mesh: Mesh) -> None:
    assert viewer_tokens(mesh.admin) is None
    mesh.admin.is_active = False
    assert viewer_tokens(mesh.admin) == frozenset({PUBLIC})


def test_of_two_audiences_the_narrower_counts() -> None:
    ordered = [PUBLIC, SIGNED_IN, "domain:1", "team:1"]
    assert [width(audience) for audience in ordered] == [0, 1, 2, 3]
    assert narrower(PUBLIC, "team:1") == narrower("team:1", PUBLIC) == "team:1"
