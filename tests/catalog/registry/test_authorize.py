"""The door asks who speaks, of what it resolves: no statement changes what is another's."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.descriptors import (
    CheckDescriptor,
    ContractDescriptor,
    DatasetAddress,
    Descriptor,
    LayerKind,
    PortDescriptor,
)
from catalog.models import Check, Contract, Dataset, Layer, Product, Role, User
from catalog.people.authority import PersonAuthority, SourceAuthority, system
from catalog.people.domains import save_domain
from catalog.people.namespaces import NameRights
from catalog.people.teams import save_team, set_member
from catalog.registry.apply import apply
from catalog.registry.authorize import RESERVED
from catalog.registry.edit import edit, take_back
from catalog.registry.outcomes import Outcome
from catalog.registry.remove import remove_product
from tests.conftest import Mesh
from tests.factories import (
    NAMESPACE,
    column,
    dataset_descriptor,
    declare,
    make_dataset,
    make_product,
    product_descriptor,
)


@pytest.fixture
def eve(mesh: Mesh) -> User:
    """An engineer of the other team."""
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)
    return mesh.charlie


def push(by: User, *descriptors: Descriptor) -> list[Outcome]:
    done = apply(
        descriptors,
        layer=LayerKind.DECLARED,
        source="push:policy-team",
        authority=PersonAuthority(by),
        by=by,
    )
    return list(done.outcomes)


def why(outcome: Outcome) -> list[tuple[str, str]]:
    return [(problem.path, problem.refusal) for problem in outcome.problems]


def unchanged(product: Product) -> bool:
    now = Product.objects.get(pk=product.pk)
    return (now.guid, now.team_id, now.key, now.domain_id, now.revision_number) == (
        product.guid,
        product.team_id,
        product.key,
        product.domain_id,
        product.revision_number,
    )


def test_the_key_of_another_teams_product_takes_nothing_over(mesh: Mesh, eve: User) -> None:
    product = make_product()
    [done] = push(eve, product_descriptor(guid="g-fresh", team="policy-team", ports=[]))
    assert why(done) == [("key", "forbidden")]
    assert "Claims Analytics" in done.problems[0].message
    assert unchanged(product)
    assert not Layer.objects.filter(source="push:policy-team").exists()


def test_the_guid_of_another_teams_product_moves_nothing(mesh: Mesh, eve: User) -> None:
    product = make_product()
    said = product_descriptor("mine", domain="policy", team="policy-team", guid=product.guid)
    [done] = push(eve, said)
    assert why(done) == [("guid", "forbidden")]
    assert unchanged(product)


def test_a_hidden_product_is_a_reserved_name_and_nothing_more(mesh: Mesh, eve: User) -> None:
    hidden = make_product(visibility="team")
    held = make_product("held", domain="policy", visibility="team")
    by_key, by_guid = push(
        eve,
        product_descriptor("held", domain="policy", guid="g-fresh", team="policy-team"),
        product_descriptor("mine", domain="policy", team="policy-team", guid=hidden.guid),
    )
    assert why(by_key) == [("key", "reserved")]
    assert why(by_guid) == [("guid", "reserved")]
    for done in (by_key, by_guid):
        assert done.problems[0].message == "is reserved; choose another name"
        assert done.id is None
    assert unchanged(hidden)
    assert unchanged(held)


def test_a_key_one_may_not_take_says_nothing_of_who_holds_it(mesh: Mesh, eve: User) -> None:
    hidden = make_product(visibility="team")
    held, free = push(
        eve,
        product_descriptor(guid="g-fresh", team="policy-team"),
        product_descriptor("other", guid="g-other", team="policy-team"),
    )
    assert why(held) == why(free) == [("domain", "forbidden")]
    assert unchanged(hidden)


def test_repeating_word_for_word_what_another_said_is_refused_too(mesh: Mesh, eve: User) -> None:
    product = make_product()
    done = apply(
        [product_descriptor()],
        layer=LayerKind.DECLARED,
        source="git:tests",
        authority=PersonAuthority(eve),
        by=eve,
    )
    assert why(done.outcomes[0]) == [("key", "forbidden")]
    assert Layer.objects.get(subject_kind="product").by is None
    assert unchanged(product)


def test_a_team_creates_products_at_home_and_nowhere_else(mesh: Mesh, eve: User) -> None:
    save_domain("policy-renewals", name="Renewals", parent=mesh.policy, by=None)
    at_home, below, abroad, for_others = push(
        eve,
        product_descriptor("a", domain="policy", team="policy-team"),
        product_descriptor("b", domain="policy-renewals", team="policy-team"),
        product_descriptor("c", domain="claims", team="policy-team"),
        product_descriptor("d", domain="policy", team="claims-team"),
    )
    assert (at_home.status, below.status) == ("created", "created")
    assert why(abroad) == [("domain", "forbidden")]
    assert why(for_others) == [("team", "forbidden"), ("domain", "forbidden")]
    assert set(Product.objects.values_list("key", flat=True)) == {"a", "b"}


def test_a_hidden_domain_is_like_one_that_is_not_there(mesh: Mesh, eve: User) -> None:
    save_domain("board", name="Board", by=None, visibility="team", team=mesh.team)
    hidden, missing = push(
        eve,
        product_descriptor("a", domain="board", team="policy-team"),
        product_descriptor("a", domain="boord", team="policy-team"),
    )
    assert [p.message.replace("boord", "board") for p in missing.problems] == [
        p.message for p in hidden.problems
    ]
    assert (
        "near it" not in hidden.problems[0].message
        or "board" not in (hidden.problems[0].message.partition("near it")[2])
    )


def test_handing_a_product_to_another_team_takes_the_right_on_both_sides(
    mesh: Mesh, eve: User
) -> None:
    own = declare(product_descriptor("own", domain="policy", team="policy-team", ports=[]))
    [given] = push(eve, product_descriptor("own", domain="policy", team="claims-team", ports=[]))
    assert why(given) == [("team", "forbidden")]
    set_member(mesh.team, eve, role=Role.ENGINEER, by=None)
    eve.__dict__.pop("_standing", None)
    [given] = push(eve, product_descriptor("own", domain="policy", team="claims-team", ports=[]))
    assert given.status == "changed"
    own.refresh_from_db()
    assert own.team == mesh.team


def test_moving_a_product_takes_the_right_to_create_where_it_goes(mesh: Mesh, eve: User) -> None:
    own = declare(product_descriptor("own", domain="policy", team="policy-team", ports=[]))
    [moved] = push(eve, product_descriptor("own", guid=own.guid, team="policy-team", ports=[]))
    assert why(moved) == [("domain", "forbidden")]
    assert unchanged(own)


def test_only_stewards_certify_and_take_it_back(mesh: Mesh) -> None:
    product = make_product()
    assert why(edit(product, changes={"certified": True}, by=mesh.alice)) == [
        ("certified", "forbidden")
    ]
    assert edit(product, changes={"certified": True}, by=mesh.dana).status == "changed"
    assert why(take_back(product, paths=["certified"], by=mesh.alice)) == [
        ("certified", "forbidden")
    ]
    assert Product.objects.get().certified
    assert take_back(product, paths=["certified"], by=mesh.dana).status == "changed"


def test_taking_back_a_sensitivity_is_uncovering_the_column(mesh: Mesh) -> None:
    row = make_dataset()
    path = "columns[note].sensitivity"
    edit(row, changes={path: "free-text"}, by=mesh.bob)
    assert why(take_back(row, paths=[path], by=mesh.bob)) == [(path, "forbidden")]
    assert row.columns.get(path="note").sensitivity == "free-text"
    assert take_back(row, paths=[path], by=mesh.alice).status == "changed"


def test_lowering_a_classification_takes_more_than_raising_it(mesh: Mesh) -> None:
    product = make_product(classification="internal")
    raised = edit(product, changes={"classification": "restricted"}, by=mesh.bob)
    assert raised.status == "changed"
    for lower in ("internal", "public", None):
        refused = edit(product, changes={"classification": lower}, by=mesh.bob)
        assert why(refused) == [("classification", "forbidden")]
    assert why(take_back(product, paths=["classification"], by=mesh.bob)) == [
        ("classification", "forbidden")
    ]
    assert edit(product, changes={"classification": "internal"}, by=mesh.alice).status == "changed"


@pytest.mark.parametrize(
    ("field", "narrow", "wide"),
    [("classification", "restricted", "internal"), ("visibility", "team", "everyone")],
)
def test_what_a_steward_restricted_its_owner_does_not_open(
    mesh: Mesh, field: str, narrow: str, wide: str
) -> None:
    product = make_product()
    edit(product, changes={field: narrow}, by=mesh.dana)
    product.refresh_from_db()
    assert why(edit(product, changes={field: wide}, by=mesh.alice)) == [(field, "forbidden")]
    assert why(take_back(product, paths=[field], by=mesh.alice)) == [(field, "forbidden")]
    assert edit(product, changes={field: wide}, by=mesh.dana).status == "changed"


def test_an_edit_is_asked_whatever_the_page_asked_before(mesh: Mesh, eve: User) -> None:
    product, row = make_product(), make_dataset()
    assert why(edit(product, changes={"description": "x"}, by=eve)) == [("key", "forbidden")]
    assert edit(row, changes={"description": "x"}, by=eve).status == "refused"
    with pytest.raises(PermissionDenied):
        remove_product(product, by=eve)
    assert unchanged(product)


def test_who_may_not_sign_in_any_more_changes_nothing(mesh: Mesh) -> None:
    product = make_product()
    mesh.alice.is_active = False
    assert edit(product, changes={"description": "x"}, by=mesh.alice).status == "refused"


def source_of(mesh: Mesh, **said: Any) -> SourceAuthority:
    fields: dict[str, Any] = {
        "name": "source:theirs",
        "domain": mesh.policy.pk,
        "team": mesh.other_team.pk,
        "leads_domain": False,
        "names": NameRights(frozenset({mesh.other_team.pk})),
    }
    return SourceAuthority(**(fields | said))


def harvest(authority: SourceAuthority, *descriptors: Descriptor) -> list[Outcome]:
    done = apply(descriptors, layer=LayerKind.HARVESTED, source=authority.name, authority=authority)
    return list(done.outcomes)


def test_a_source_speaks_with_the_rights_of_its_team(mesh: Mesh) -> None:
    product, row = make_product(), make_dataset()
    theirs = product_descriptor(description="ours now")
    table = dataset_descriptor(domain="policy", team="policy-team")
    outcomes = harvest(source_of(mesh), theirs, table)
    assert [one.status for one in outcomes] == ["refused", "refused"]
    assert unchanged(product)
    assert Dataset.objects.get(pk=row.pk).team == mesh.team


def test_a_source_goes_on_describing_what_it_described_first(mesh: Mesh) -> None:
    said = product_descriptor("own", domain="policy", team="policy-team", ports=[])
    [made] = harvest(source_of(mesh), said)
    assert made.status == "created"
    product = Product.objects.get()
    edit(product, changes={"team": "claims-team"}, by=mesh.admin)
    again = said.model_copy(update={"description": "new words"})
    assert harvest(source_of(mesh), again)[0].status == "changed"
    assert Product.objects.get().team == mesh.team


def test_an_output_port_serves_nothing_of_another_team(mesh: Mesh, eve: User) -> None:
    make_dataset("main.ledger")
    port = PortDescriptor(
        direction="out",
        name="sql",
        datasets=[DatasetAddress(namespace=NAMESPACE, name="main.ledger")],
    )
    [done] = push(eve, product_descriptor("x", domain="policy", team="policy-team", ports=[port]))
    assert why(done) == [("ports[out,sql,1].datasets", "forbidden")]


def test_an_engineer_pushes_no_unmasked_column(mesh: Mesh) -> None:
    said = dataset_descriptor(
        domain="claims", team="claims-team", columns=[column("note", unmasked=True)]
    )
    assert why(push(mesh.bob, said)[0]) == [("columns[note]", "forbidden")]


def test_the_number_of_queries_does_not_grow_with_the_batch(mesh: Mesh, eve: User) -> None:
    counts = []
    for size in (2, 30):
        batch = [
            product_descriptor(f"p{size}-{n}", domain="policy", team="policy-team")
            for n in range(size)
        ]
        eve = User.objects.get(pk=eve.pk)
        with CaptureQueriesContext(connection) as asked:
            assert {one.status for one in push(eve, *batch)} == {"created"}
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_only_named_parts_of_the_program_speak_as_the_system() -> None:
    with pytest.raises(ValueError, match="may not speak as the system"):
        system("whoever")


def test_a_team_without_a_home_creates_where_its_people_lead(mesh: Mesh) -> None:
    platform = save_team("platform", name="Platform", by=None)
    set_member(platform, mesh.charlie, role=Role.OWNER, by=None)
    [done] = push(mesh.charlie, product_descriptor("a", domain="policy", team="platform"))
    assert why(done) == [("domain", "forbidden")]
    save_domain("policy", name="Policy", parent=mesh.claims.parent, team=platform, by=None)
    [done] = push(
        User.objects.get(pk=mesh.charlie.pk),
        product_descriptor("a", domain="policy", team="platform"),
    )
    assert done.status == "created"


def heir_of(ref: str, by: User) -> Outcome:
    said = product_descriptor("mine", domain="policy", team="policy-team", successor=ref)
    return push(by, said)[0]


def test_a_successor_that_is_hidden_is_not_there(mesh: Mesh, eve: User) -> None:
    make_product("heir", visibility="team")
    hidden, missing = heir_of("claims/heir", eve), heir_of("claims/none", eve)
    assert hidden.status == missing.status == "refused"
    told = [(p.path, p.message.replace("heir", "none"), p.refusal) for p in hidden.problems]
    assert told == [(p.path, p.message, p.refusal) for p in missing.problems]
    make_product("heir", visibility="everyone")
    assert heir_of("claims/heir", eve).status == "created"


def test_a_successor_that_became_hidden_may_stay(mesh: Mesh, eve: User) -> None:
    make_product("heir")
    assert heir_of("claims/heir", eve).status == "created"
    make_product("heir", visibility="team")
    said = {"domain": "policy", "team": "policy-team", "successor": "claims/heir"}
    [again] = push(eve, product_descriptor("mine", description="Told anew", **said))
    assert again.status == "changed", again


def test_a_check_says_nothing_of_a_dataset_of_another_team(mesh: Mesh, eve: User) -> None:
    theirs = make_dataset("main.ledger", domain="claims", team="claims-team")
    rule = CheckDescriptor(
        key="rows",
        dimension="completeness",
        rule="row-count",
        dataset=DatasetAddress(namespace=NAMESPACE, name="main.ledger"),
    )
    waits = rule.model_copy(
        update={"key": "later", "dataset": DatasetAddress(namespace=NAMESPACE, name="main.later")}
    )
    said = product_descriptor("spy", domain="policy", team="policy-team", checks=[rule, waits])
    [done] = push(eve, said)
    assert done.status == "created"
    make_dataset("main.later", domain="claims", team="claims-team")
    assert not theirs.checks.filter(origin="declared").exists()
    assert set(Check.objects.filter(origin="declared").values_list("dataset", flat=True)) == {None}


def test_the_id_of_another_teams_contract_is_not_used(mesh: Mesh, eve: User) -> None:
    promise = ContractDescriptor(key="ledger-contract", version="1.0.0")
    make_product("ledger", visibility="team", contracts=[promise])
    newer = promise.model_copy(update={"version": "9.0.0"})
    [done] = push(
        eve, product_descriptor("copy", domain="policy", team="policy-team", contracts=[newer])
    )
    assert [(p.message, p.refusal) for p in done.problems] == [(RESERVED, "reserved")]
    assert Contract.objects.count() == 1
    own = promise.model_copy(update={"version": "2.0.0"})
    [done] = push(mesh.bob, product_descriptor("ledger", contracts=[promise, own]))
    assert done.status == "changed"
