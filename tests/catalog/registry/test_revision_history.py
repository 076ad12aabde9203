"""What was stated at any time is today's state with the later revisions taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.descriptors import ContractDescriptor, PortDescriptor
from catalog.models import Product
from catalog.people.tokens import make_token
from catalog.registry.diff import diff
from catalog.registry.edit import edit, take_back
from catalog.registry.merge import Merged, merge
from catalog.registry.origins import layers_of
from catalog.registry.preload import statement_of
from catalog.registry.revision_history import states_at, taken_back
from tests.conftest import Mesh
from tests.factories import declare, product_descriptor

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def now(product: Product) -> Merged:
    return merge(map(statement_of, layers_of(product)))


def tell(mesh: Mesh) -> tuple[Product, list[Merged]]:
    """Let a product change on five days; return what was stated after each."""
    sql = PortDescriptor(direction="out", name="sql", location="postgres://one")
    api = PortDescriptor(direction="out", name="api", technology="http")
    terms = ContractDescriptor(key="terms", version="1.0.0", purpose="Bill")
    product = declare(product_descriptor(ports=[sql], description="First"), START)
    seen = [now(product)]
    declare(product_descriptor(ports=[sql, api], contracts=[terms]), START + DAY)
    seen.append(now(product))
    edit(product, changes={"description": "By hand"}, by=mesh.alice, at=START + 2 * DAY)
    seen.append(now(product))
    moved = sql.model_copy(update={"location": "postgres://two", "major": 1})
    declare(product_descriptor(ports=[moved], tags=["late"]), START + 3 * DAY)
    seen.append(now(product))
    take_back(product, paths=["description"], by=mesh.alice, at=START + 4 * DAY)
    seen.append(now(product))
    return product, seen


def test_each_day_is_as_it_was(mesh: Mesh) -> None:
    product, seen = tell(mesh)
    before, *found = states_at(product, START - DAY, *(START + n * DAY for n in range(5)))
    assert before is None
    assert [state.revision for state in found if state] == [1, 2, 3, 4, 5]
    for was, state in zip(seen, found, strict=True):
        assert state is not None
        assert diff("product", was, state.merged) == ()


FIELD = st.one_of(st.none(), st.text(max_size=3), st.lists(st.text(max_size=2), max_size=2))


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(["name", "description", "tags"]), FIELD),
            st.dictionaries(
                st.sampled_from([("out", "a", "1"), ("out", "b", "2"), ("in", "a", "1")]),
                st.dictionaries(st.sampled_from(["location", "version"]), st.text(max_size=2)),
            ),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_taking_back_what_differs_gives_what_was_before(
    said: list[tuple[dict[str, object], dict[tuple[str, ...], dict[str, object]]]],
) -> None:
    states = [Merged(dict(fields), {"ports": dict(ports)}) for fields, ports in said]
    for before, after in pairwise(states):
        changes = [change.as_data() for change in diff("product", before, after)]
        assert diff("product", taken_back(after, changes), before) == ()


def test_the_page_shows_a_day_and_what_changed_since(client: Client, mesh: Mesh) -> None:
    tell(mesh)
    address = "/products/claims/settled-claims/changes"
    then = client.get(f"{address}?as_of=2026-03-03").content.decode().split('id="then"')[1]
    assert "By hand" in then.split("</table>")[0]
    both = client.get(f"{address}?since=2026-03-01&as_of=2026-03-02").content.decode()
    assert "ports[out,api,1]" in both.split('id="then"')[1]
    for query, said in (
        ("as_of=2026-02-01", "was not registered then"),
        ("as_of=tomorrow", "Write a day as"),
        ("since=2026-03-09&as_of=2026-03-01", "lies after the second"),
    ):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 200
        assert said in answer.content.decode()


def test_rest_tells_a_moment_and_withholds_as_the_page_does(client: Client, mesh: Mesh) -> None:
    product, _ = tell(mesh)
    address = f"/api/v1/dataproducts/{product.guid}/state"
    told = client.get(f"{address}?asOf=2026-03-02&since=2026-03-01").json()
    assert told["revision"] == 2
    assert told["state"]["description"] == ""
    assert "contracts[terms,1.0.0]" in [change["path"] for change in told["changes"]]
    assert client.get(f"{address}?asOf=2026-02-01").status_code == 404
    for query in ("asOf=x", "since=2026-03-03&asOf=2026-03-01", "nope=1"):
        assert client.get(f"{address}?{query}").status_code == 400
    Product.objects.update(classification="confidential")
    head = {"x-api-key": make_token(mesh.charlie, name="t", scope="read", days=1)[1]}
    closed = Client().get(f"{address}?asOf=2026-03-02&since=2026-02-01", headers=head)
    assert b"postgres://" not in closed.content
    owner = {"x-api-key": make_token(mesh.alice, name="t", scope="read", days=1)[1]}
    assert b"postgres://one" in Client().get(f"{address}?asOf=2026-03-02", headers=owner).content
