"""Who is named as affected by a change that is only tried."""

from __future__ import annotations

import pytest

from catalog.access.requests import decide, request_access
from catalog.descriptors import PortDescriptor
from catalog.models import Port
from catalog.push.dry_run import affected
from tests.conftest import Mesh
from tests.factories import make_product

pytestmark = pytest.mark.django_db


def test_products_that_read_it_are_named_to_who_may_see_them(mesh: Mesh) -> None:
    product = make_product()
    reads = [PortDescriptor(direction="in", name="claims", upstream="claims/settled-claims")]
    make_product("open-report", domain="policy", team="policy-team", ports=reads)
    make_product(
        "secret-report", domain="policy", team="policy-team", ports=reads, visibility="team"
    )
    told = affected(product, mesh.alice)
    assert [row["readableDataProductKey"] for row in told["products"]] == ["policy/open-report"]
    told = affected(product, mesh.charlie)
    assert len(told["products"]) == 2, "who is in the team reads both"


def test_rights_that_ended_are_not_affected(mesh: Mesh) -> None:
    product = make_product()
    port = Port.objects.get(product=product)
    request = request_access(port, by=mesh.charlie, purpose="To look into late claims")
    grant = decide(request, by=mesh.alice, approve=True).grant
    assert [row["user"] for row in affected(product, mesh.alice)["grants"]] == ["Charlie Lind"]
    type(grant).objects.filter(pk=grant.pk).update(ends_on="2020-01-01")
    assert affected(product, mesh.alice)["grants"] == []
