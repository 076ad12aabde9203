"""Two callers at once: one of them is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client

from catalog.models import Product
from catalog.people.tokens import make_token
from tests.conftest import Mesh
from tests.factories import make_product


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the test database in memory has one connection"
)
def test_of_two_edits_with_one_tag_one_is_taken(mesh: Mesh) -> None:
    product: Product = make_product()
    address = f"/api/v1/dataproducts/{product.guid}"
    secret = make_token(mesh.alice, name="t", scope="write", days=1)[1]
    tag = Client().get(address, headers={"x-api-key": secret})["ETag"]
    start = Barrier(4)

    def run(version: int) -> int:
        start.wait()
        try:
            return int(
                Client()
                .patch(
                    address,
                    {"version": str(version)},
                    content_type="application/json",
                    headers={"x-api-key": secret, "If-Match": tag},
                )
                .status_code
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        codes = sorted(pool.map(run, range(4)))
    assert codes == [200, 412, 412, 412]
    fresh = Product.objects.get()
    assert fresh.revision_number == product.revision_number + 1
