"""What is said again word for word costs next to nothing, and is still looked at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.descriptors import LayerKind
from catalog.models import Dataset, Event, Layer, Product, Team
from catalog.registry.apply import apply
from tests.conftest import Mesh
from tests.factories import (
    SYSTEM,
    dataset_descriptor,
    make_dataset,
    make_product,
    product_descriptor,
)

pytestmark = pytest.mark.django_db


def test_a_repeated_statement_is_remembered_as_said_again(mesh: Mesh) -> None:
    make_product()
    later = timezone.now() + timedelta(hours=1)
    events = Event.objects.count()
    applied = apply(
        [product_descriptor()],
        layer=LayerKind.DECLARED,
        source="git:tests",
        authority=SYSTEM,
        at=later,
    )
    assert [o.status for o in applied.outcomes] == ["unchanged"]
    assert applied.outcomes[0].id == Product.objects.get().pk
    assert Layer.objects.get(subject_kind="product").stated_at == later
    assert Event.objects.count() == events


def test_a_late_repetition_does_not_turn_the_clock_back(mesh: Mesh) -> None:
    make_product()
    stated = Layer.objects.get(subject_kind="product").stated_at
    early = stated - timedelta(hours=1)
    apply(
        [product_descriptor()],
        layer=LayerKind.DECLARED,
        source="git:tests",
        authority=SYSTEM,
        at=early,
    )
    assert Layer.objects.get(subject_kind="product").stated_at == stated


def test_what_a_repetition_holds_is_not_read(mesh: Mesh) -> None:
    make_product()
    make_dataset(domain=None, team=None)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        apply(
            [product_descriptor()], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM
        )
    assert not [q for q in asked if '"catalog_layer"."content"' in q["sql"]]


def test_the_later_of_two_sources_wins_even_with_old_words(mesh: Mesh) -> None:
    said = {"description": "One"}
    make_product(**said)
    other = product_descriptor(description="Two")
    apply([other], layer=LayerKind.DECLARED, source="git:other", authority=SYSTEM)
    assert Product.objects.get().description == "Two"
    applied = apply(
        [product_descriptor(**said)], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM
    )
    assert [o.status for o in applied.outcomes] == ["changed"]
    assert Product.objects.get().description == "One"


def test_a_repetition_that_names_a_team_that_is_gone_is_refused(mesh: Mesh) -> None:
    apply(
        [dataset_descriptor(team="short-lived-team")],
        layer=LayerKind.HARVESTED,
        source="s",
        authority=SYSTEM,
    )
    Team.objects.create(key="short-lived-team", name="Short-lived")
    said = [dataset_descriptor(team="short-lived-team")]
    apply(said, layer=LayerKind.HARVESTED, source="s", authority=SYSTEM)
    Layer.objects.filter(subject_kind="dataset").update(
        stated_at=timezone.now() - timedelta(days=1)
    )
    Dataset.objects.update(team=None)
    Team.objects.filter(key="short-lived-team").delete()
    applied = apply(said, layer=LayerKind.HARVESTED, source="s", authority=SYSTEM)
    assert [p.path for p in applied.outcomes[0].problems] == ["team"]


def test_one_guid_cannot_be_said_at_two_addresses_though_one_of_them_is_old(mesh: Mesh) -> None:
    make_product(guid="G-1")
    said = [product_descriptor(guid="G-1"), product_descriptor("other", guid="G-1")]
    applied = apply(said, layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM)
    assert [o.status for o in applied.outcomes] == ["unchanged", "refused"]
    assert Product.objects.get().key == "settled-claims"
