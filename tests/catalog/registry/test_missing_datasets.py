"""How much of a source may go at once: a slip is stopped, what somebody confirms is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from catalog.descriptors import LayerKind
from catalog.models import Dataset
from catalog.names import DatasetRef
from catalog.registry.apply import apply
from catalog.registry.missing_datasets import TooManyMissing, check_missing, mark_missing
from tests.conftest import Mesh
from tests.factories import NAMESPACE, SYSTEM, dataset_descriptor

SOURCE = "source:warehouse"
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def refs(count: int) -> list[DatasetRef]:
    return [DatasetRef(NAMESPACE, f"table{n}") for n in range(count)]


@pytest.fixture(autouse=True)
def ten_tables(mesh: Mesh) -> None:
    described = [dataset_descriptor(ref.name) for ref in refs(10)]
    apply(described, layer=LayerKind.HARVESTED, source=SOURCE, authority=SYSTEM, at=NOW)


def test_three_of_ten_may_go_and_four_may_not() -> None:
    assert check_missing(source=SOURCE, seen=refs(7)) == 3
    with pytest.raises(TooManyMissing, match="4 of 10"):
        check_missing(source=SOURCE, seen=refs(6))


def test_what_somebody_confirms_goes() -> None:
    with pytest.raises(TooManyMissing):
        mark_missing(source=SOURCE, authority=SYSTEM, seen=refs(2), at=NOW)
    assert not Dataset.objects.exclude(gone_at=None).exists()
    done = mark_missing(source=SOURCE, authority=SYSTEM, seen=refs(2), at=NOW, confirm=True)
    assert len(done.gone) == Dataset.objects.exclude(gone_at=None).count() == 8
