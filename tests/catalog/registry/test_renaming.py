"""Domains and teams get other keys: what was said and linked under the old ones goes on counting."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from catalog.access.redaction import withhold
from catalog.descriptors import Descriptor, LayerKind, PortDescriptor
from catalog.models import Domain, Event, FormerKey, Layer, Port, Product, Revision
from catalog.people.domains import save_domain
from catalog.people.refusals import ChangeRefused, KeyTaken
from catalog.people.teams import save_team
from catalog.registry.apply import apply
from catalog.registry.edit import edit
from catalog.registry.renaming import rename_domain, rename_team
from catalog.search.find import find
from catalog.search.follow import follow
from tests.conftest import Mesh
from tests.factories import SYSTEM, make_dataset, make_product, product_descriptor

READS = PortDescriptor(direction="in", name="claims", upstream="claims/settled-claims")


def push(*said: Descriptor) -> list[str]:
    applied = apply(said, layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM)
    return [outcome.status for outcome in applied.outcomes]


def premiums(*ports: PortDescriptor, description: str = "") -> Descriptor:
    return product_descriptor(
        "premiums",
        domain="policy",
        team="policy-team",
        ports=list(ports),
        description=description,
    )


def test_what_is_pushed_again_under_the_old_keys_changes_nothing(mesh: Mesh) -> None:
    old = product_descriptor(successor="claims/heir", status="deprecated")
    batch = (product_descriptor("heir"), old, premiums(READS))
    assert push(*batch) == ["created"] * 3
    make_dataset()
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    rename_team(mesh.team, "loss-team", by=mesh.dana)
    revisions = Revision.objects.count()
    assert push(*batch) == ["unchanged"] * 3
    make_dataset()
    assert Revision.objects.count() == revisions
    product = Product.objects.get(key="settled-claims")
    assert str(product.ref) == "losses/settled-claims"
    assert product.team == mesh.team
    assert product.successor == Product.objects.get(key="heir")
    assert Port.objects.get(name="claims").upstream == product


def test_a_reader_that_is_described_anew_keeps_its_upstream(mesh: Mesh) -> None:
    product = make_product()
    push(premiums(READS))
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    assert Port.objects.get(name="claims").upstream_ref == "losses/settled-claims"
    by_urn = READS.model_copy(update={"upstream": "urn:gazetteer:claims:settled-claims"})
    for port in (READS, by_urn):
        assert push(premiums(port, description=port.upstream)) == ["changed"]
        assert Port.objects.get(name="claims").upstream == product


def test_an_edit_of_a_reader_keeps_its_upstream(mesh: Mesh) -> None:
    product = make_product()
    push(premiums(READS))
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    edit(Product.objects.get(key="premiums"), changes={"description": "By hand."}, by=mesh.dana)
    assert Port.objects.get(name="claims").upstream == product


def test_what_people_wrote_stays_with_the_product(mesh: Mesh) -> None:
    product = make_product()
    edit(product, changes={"description": "Checked by hand."}, by=mesh.alice)
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    push(product_descriptor(description="Pushed."))
    product.refresh_from_db()
    assert product.description == "Checked by hand."
    assert not Layer.objects.filter(subject_key__startswith="claims/").exists()


def test_the_paths_of_domains_below_follow(mesh: Mesh) -> None:
    save_domain("auto", name="Auto", parent=mesh.claims, by=None)
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    assert Domain.objects.get(key="auto").path == "insurance/losses/auto/"
    assert Domain.objects.get(key="losses").path == "insurance/losses/"


def test_search_counts_it_under_the_new_keys(mesh: Mesh) -> None:
    make_product()
    follow()
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    rename_team(mesh.team, "loss-team", by=mesh.dana)
    follow()
    for facet, key in (("domain", "losses"), ("team", "loss-team")):
        found = find("settled", by=AnonymousUser(), filters={facet: frozenset({key})})
        assert found.total == 1, facet


def test_a_team_goes_on_pushing_under_its_new_key(mesh: Mesh) -> None:
    said = product_descriptor(description="Pushed.")
    apply([said], layer=LayerKind.DECLARED, source="push:claims-team", authority=SYSTEM)
    rename_team(mesh.team, "loss-team", by=mesh.dana)
    assert Layer.objects.get().source == "push:loss-team"


def test_a_former_key_is_given_to_nobody_else(mesh: Mesh) -> None:
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    rename_team(mesh.team, "loss-team", by=mesh.dana)
    with pytest.raises(KeyTaken):
        save_domain("claims", name="Mine", by=mesh.admin)
    with pytest.raises(KeyTaken):
        save_team("claims-team", name="Mine", by=mesh.admin)
    with pytest.raises(KeyTaken):
        rename_domain(mesh.policy, "claims", by=mesh.admin)
    with pytest.raises(KeyTaken):
        rename_domain(mesh.policy, "losses", by=mesh.admin)


def test_a_domain_takes_its_own_key_back(mesh: Mesh) -> None:
    make_product()
    rename_domain(mesh.claims, "losses", by=mesh.dana)
    rename_domain(mesh.claims, "claims", by=mesh.dana)
    assert list(FormerKey.objects.values_list("key", flat=True)) == ["losses"]
    assert push(product_descriptor()) == ["unchanged"]


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_nobody_else_renames(mesh: Mesh, who: str) -> None:
    with pytest.raises(PermissionDenied):
        rename_domain(mesh.claims, "losses", by=getattr(mesh, who))
    with pytest.raises(PermissionDenied):
        rename_team(mesh.team, "loss-team", by=getattr(mesh, who))
    with pytest.raises(ChangeRefused, match="write 1 to 64"):
        rename_team(mesh.team, "Loss Team", by=mesh.dana)
    assert not Event.objects.filter(actor__isnull=False).exists()


def test_the_former_key_of_what_is_hidden_is_told_to_nobody(mesh: Mesh) -> None:
    vault = save_domain("vault", name="Vault", by=None)
    push(premiums(PortDescriptor(direction="in", name="gold", upstream="vault/gold")))
    told = list(Event.objects.filter(type="product.created"))
    assert "vault/gold" in str([row.data for row in withhold(told, mesh.charlie)])
    rename_domain(vault, "safe", by=mesh.admin)
    save_domain("safe", name="Safe", visibility="team", by=mesh.admin)
    assert "vault" not in str([row.data for row in withhold(told, mesh.charlie)])
