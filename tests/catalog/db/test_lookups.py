"""`__among` finds what `__in` finds, with one parameter."""

from __future__ import annotations

import pytest

from catalog.models import Check, Port, Product, Tag
from tests.conftest import Mesh
from tests.factories import make_product

ODD = ["plain", "it's", 'a "quote"', "{1,2}", "back\\slash", "naïve", "a,b", "NULL", "%s", ""]


@pytest.mark.django_db
def test_texts_of_every_kind_are_found() -> None:
    Tag.objects.bulk_create([Tag(name=name) for name in ODD])
    for name in ODD:
        assert [tag.name for tag in Tag.objects.filter(name__among=[name])] == [name]
    assert Tag.objects.filter(name__among=set(ODD)).count() == len(ODD)
    assert Tag.objects.exclude(name__among=ODD[1:]).get().name == "plain"


@pytest.mark.django_db
def test_nothing_and_none_find_nothing() -> None:
    Tag.objects.create(name="plain")
    assert not Tag.objects.filter(name__among=[]).exists()
    assert not Tag.objects.filter(name__among=[None]).exists()
    assert Tag.objects.filter(name__among=[None, "plain"]).count() == 1


def test_numbers_are_found_through_relations(mesh: Mesh) -> None:
    ids = [make_product(f"p{n}").pk for n in range(3)]
    wanted = {*ids[:2], 2**40}
    found = Product.objects.filter(pk__among=wanted).order_by("pk")
    assert list(found.values_list("pk", flat=True)) == ids[:2]
    ports = Port.objects.filter(product__among=wanted)
    assert set(ports.values_list("pk")) == set(
        Port.objects.filter(product__in=wanted).values_list("pk")
    )


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(TypeError, match=r"1\.5 cannot be looked up .* whole numbers, or texts"):
        Tag.objects.filter(name__among=["plain", 1.5])
    with pytest.raises(TypeError, match="look up its text"):
        Check.objects.filter(params__address__name__among=["plain"])


@pytest.mark.django_db
def test_any_number_of_values_are_one_parameter() -> None:
    wanted = Tag.objects.filter(name__among=[f"t{n}" for n in range(300_000)])
    assert len(wanted.query.sql_with_params()[1]) == 1
    assert not wanted.exists(), "more values than a statement may have parameters"
