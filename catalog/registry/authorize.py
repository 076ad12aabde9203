"""Second stage, authority: may whoever speaks change this, as the door resolved it?

Asked twice for each item. `refuse_subject` looks at the stored products that the item is about, found by key
and by GUID, before any message could name what they hold. `refuse_changes` looks at what would change once all
layers are merged: owner and domain on both sides, what is certified, lowered, uncovered. So taking a statement
back needs what making it needs. Whose names are spoken of and served is asked in `ownership`. Queries are made
for the batch, not for the item.

What is hidden from whoever speaks is refused with the words for a name that may not be used (`RESERVED`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.descriptors import LayerKind, ProductDescriptor
from catalog.models import Dataset, Domain, Product, Team
from catalog.people.authority import Authority, Owner
from catalog.people.policies import Action
from catalog.registry import protections
from catalog.registry.outcomes import Problem
from catalog.registry.preload import BatchContext
from catalog.registry.stages import Author, Incoming, Kind, PendingChange
from catalog.registry.subject_owner import owner_of

Row = Product | Dataset
RESERVED = "is reserved; choose another name"
_CERTIFY = "only a steward of the domain or an admin certifies, or takes it back"


def visible_domains(context: BatchContext, authority: Authority) -> frozenset[str]:
    """Return the keys of the domains that may be named to whoever speaks."""
    return frozenset(
        domain.key
        for domain in context.domains.values()
        if authority.sees(domain.audience)
        or authority.may_hand_to(Action.CREATE_IN_DOMAIN, Owner(domain.team_id, domain.pk))
    )


def refuse_subject(
    one: Incoming, row: Row | None, context: BatchContext, author: Author
) -> tuple[Problem, ...]:
    """Return why the stored products that an item is about may not be changed; empty where they may.

    Datasets are judged by the owner of their name, in `ownership`.
    """
    if author.authority.is_unlimited or not isinstance(one.descriptor, ProductDescriptor):
        return ()
    for stored in _resolved(one.descriptor, row, context):
        if not _may_change(stored, context, author):
            return (_refusal(one.descriptor, stored, context, author.authority),)
    return ()


def refuse_changes(
    decided: Sequence[PendingChange], context: BatchContext, author: Author
) -> list[PendingChange]:
    """Return the changes, with problems instead of a layer for those that may not be made."""
    if author.authority.is_unlimited:
        return list(decided)
    lowered = protections.problems(decided, context, author)
    reviewed = []
    for change in decided:
        problems = (
            *change.problems,
            *_owner_problems(change, context, author),
            *_certified_problems(change, context, author),
            *lowered.get(change.incoming.subject, ()),
        )
        reviewed.append(
            PendingChange(change.incoming, change.row, problems) if problems else change
        )
    return reviewed


def action_on(kind: Kind, layer: LayerKind) -> Action:
    """Return what somebody does who states something in a layer."""
    if kind == "dataset":
        return Action.EDIT_DATASET
    return Action.EDIT_PRODUCT if layer == LayerKind.CURATED else Action.PUBLISH_PRODUCT


def _resolved(
    descriptor: ProductDescriptor, row: Row | None, context: BatchContext
) -> Iterator[Product]:
    if isinstance(row, Product):
        yield row
    holder = context.by_guid.get(descriptor.guid) if descriptor.guid else None
    if holder is not None and holder is not row:
        yield holder


def _may_change(product: Product, context: BatchContext, author: Author) -> bool:
    authority = author.authority
    if authority.may(action_on("product", author.layer), owner_of(product, context)):
        return True
    return authority.continues(author.source) and any(
        layer.kind == author.layer and layer.source == author.source
        for layer in context.layers.get(("product", str(product.ref)), ())
    )


def _refusal(
    descriptor: ProductDescriptor, stored: Product, context: BatchContext, authority: Authority
) -> Problem:
    is_key = str(stored.ref) == str(descriptor.ref)
    path, value = ("key", str(descriptor.ref)) if is_key else ("guid", descriptor.guid)
    if not authority.sees(stored.audience):
        return Problem(path, value, RESERVED, "reserved")
    team = _team(owner_of(stored, context).team, context)
    return Problem(path, value, f"is another team's; {needed(team)}", "forbidden")


def needed(team: Team | None) -> str:
    """Say who may act for a team."""
    whose = team.name if team else "the owning team"
    return f"an owner or engineer of {whose}, or an admin, is needed"


def _team(pk: int | None, context: BatchContext) -> Team | None:
    return next((team for team in context.teams.values() if team.pk == pk), None)


def _owner_problems(
    change: PendingChange, context: BatchContext, author: Author
) -> Iterator[Problem]:
    """Yield why a new, moved or handed-over subject may not come to its new owner or domain."""
    if not change.moves or not (
        change.is_new or change.renamed_from or change.touches("team") or change.touches("domain")
    ):
        return
    fields = change.merged.fields
    team = context.teams.get(fields.get("team") or "")
    domain = context.domains.get(_domain_after(change) or "")
    after = Owner(
        team.pk if team else domain.team_id if domain else None, domain.pk if domain else None
    )
    if after.is_nobody:
        return
    action = action_on(change.kind, author.layer)
    before = owner_of(change.row, context) if change.row else None
    if after != before and not author.authority.may_hand_to(action, after):
        yield Problem("team", team.key if team else None, needed(team), "forbidden")
    is_moved = before is None or before.domain != after.domain
    if domain and is_moved and not _may_place(domain, team, context, author.authority):
        message = (
            "may not be used by this team; an owner or engineer of the team that leads the domain,"
            " or a steward of it, is needed"
        )
        yield Problem("domain", domain.key, message, "forbidden")


def _domain_after(change: PendingChange) -> str | None:
    if change.kind == "product":
        return change.incoming.descriptor.domain
    return change.merged.fields.get("domain")


def _may_place(
    domain: Domain, team: Team | None, context: BatchContext, authority: Authority
) -> bool:
    """Tell whether things of a team may be put into a domain: its own, one below it, or by who leads it."""
    home = context.domain_by_id.get(team.domain_id or 0) if team else None
    if home is not None and domain.path.startswith(home.path):
        return True
    return authority.may_hand_to(Action.CREATE_IN_DOMAIN, Owner(domain.team_id, domain.pk))


def _certified_problems(
    change: PendingChange, context: BatchContext, author: Author
) -> Iterator[Problem]:
    """Yield a problem where a certificate is given or taken; what comes back with a product keeps its own."""
    if change.kind != "product" or not change.moves or not change.touches("certified"):
        return
    stated = change.incoming.content.get("certified")
    if change.row is None:
        domain = context.domains.get(change.incoming.descriptor.domain or "")
        owner = Owner(domain.team_id, domain.pk) if domain else Owner(None, None)
        if not stated:
            return
    else:
        owner = owner_of(change.row, context)
    if not author.authority.may(Action.CERTIFY, owner):
        yield Problem("certified", stated, _CERTIFY, "forbidden")
