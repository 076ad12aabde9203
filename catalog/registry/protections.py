"""Who may lower a protection: a classification, a visibility, the sensitivity of a column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.descriptors import Classification, LayerKind, Sensitivity, Visibility
from catalog.models import DomainSteward, User
from catalog.people.authority import Owner
from catalog.people.policies import Action
from catalog.registry.diff import Change
from catalog.registry.outcomes import Problem
from catalog.registry.paths import Path, item_key
from catalog.registry.preload import BatchContext
from catalog.registry.stages import Author, PendingChange, SubjectKey
from catalog.registry.subject_owner import owner_of

_CLASSIFICATIONS = [None, *Classification]
_VISIBILITIES = [one.value for one in Visibility]
_DECLASSIFY = "only an owner or steward of the team, a steward of the domain or an admin lowers it"
_OVERRULE = "a steward set this; only a steward of the domain or an admin lowers it"
_UNMASK = "only an owner of the team may let the next harvest show values"


class _Restriction(NamedTuple):
    """A value that a person set and that would be lowered."""

    subject: SubjectKey
    change: Change
    owner: Owner
    by: int


def problems(
    decided: Sequence[PendingChange], context: BatchContext, author: Author
) -> dict[SubjectKey, list[Problem]]:
    """Return the problems of changes that lower what their author may not lower: two queries at most."""
    found: dict[SubjectKey, list[Problem]] = {}
    restrictions: list[_Restriction] = []
    for change in decided:
        if not change.moves:
            continue
        owner = _owner(change, context)
        lowered = [c for c in change.changes if _is_lowered(change, c, owner, context)]
        for one in lowered:
            needed, message = _rule(one)
            if needed and not _is_own_harvest(author) and not author.authority.may(needed, owner):
                problem = Problem(one.path, _brief(one.after), message, "forbidden")
                found.setdefault(change.incoming.subject, []).append(problem)
            elif (by := _set_by(change, one, context)) and not _is(author, by):
                restrictions.append(_Restriction(change.incoming.subject, one, owner, by))
    for restriction in _of_stewards(restrictions, context):
        if not author.authority.may(Action.OVERRULE_STEWARD, restriction.owner):
            value = _brief(restriction.change.after)
            problem = Problem(restriction.change.path, value, _OVERRULE, "forbidden")
            found.setdefault(restriction.subject, []).append(problem)
    return found


def _owner(change: PendingChange, context: BatchContext) -> Owner:
    if change.row is not None:
        return owner_of(change.row, context)
    team = context.teams.get(change.merged.fields.get("team") or "")
    key = change.incoming.descriptor.domain or change.merged.fields.get("domain") or ""
    domain = context.domains.get(key)
    return Owner(
        team.pk if team else domain.team_id if domain else None, domain.pk if domain else None
    )


def _is_own_harvest(author: Author) -> bool:
    """Tell whether a source says something else of what it read itself: it masks before it states."""
    return author.layer == LayerKind.HARVESTED and author.authority.continues(author.source)


def _is(author: Author, by: int) -> bool:
    return author.by is not None and author.by.pk == by


def _rule(change: Change) -> tuple[Action | None, str]:
    """Return what lowering a field takes beside the right to edit."""
    if change.path == "classification":
        return Action.DECLASSIFY, _DECLASSIFY
    return (None, "") if change.path == "visibility" else (Action.UNMASK, _UNMASK)


def _is_lowered(
    pending: PendingChange, change: Change, owner: Owner, context: BatchContext
) -> bool:
    if change.path.startswith("columns["):
        return _uncovers(pending, change)
    if pending.row is None:
        return False
    if change.path == "classification":
        return _rank(change.after) < _rank(change.before)
    if change.path == "visibility":
        domain = context.domain_by_id.get(owner.domain or 0)
        usual = domain.visibility if domain else Visibility.EVERYONE.value
        return _VISIBILITIES.index(change.after or usual) < _VISIBILITIES.index(
            change.before or usual
        )
    return False


def _rank(classification: Any) -> int:
    return _CLASSIFICATIONS.index(classification or None)


def _uncovers(pending: PendingChange, change: Change) -> bool:
    """Tell whether values of a column would be shown that were masked."""
    if change.path.endswith("].sensitivity"):
        hidden = change.before not in (None, Sensitivity.NONE.value)
        return hidden and change.after in (None, Sensitivity.NONE.value)
    if change.path.endswith("].unmasked"):
        return bool(change.after)
    is_new_item = change.before is None and isinstance(change.after, Mapping)
    return is_new_item and bool(change.after.get("unmasked")) and _says_unmasked(pending, change)


def _says_unmasked(pending: PendingChange, change: Change) -> bool:
    """Tell whether the statement itself uncovers a new column; what people set earlier comes back with it."""
    item = Path.parse(change.path).item
    return any(
        column.get("unmasked")
        for column in pending.incoming.content.get("columns", ())
        if item_key("columns", column) == item
    )


def _set_by(pending: PendingChange, change: Change, context: BatchContext) -> int | None:
    """Return the person whose edit is the value that would be lowered."""
    key = pending.renamed_from or pending.incoming.key
    for layer in context.layers.get((pending.kind, key), ()):
        if layer.kind == LayerKind.CURATED and _states(layer.content, change):
            by = layer.stamps.get(change.path, {}).get("by") or layer.by_id
            return int(by) if by else None
    return None


def _states(content: Mapping[str, Any], change: Change) -> bool:
    path = Path.parse(change.path)
    if path.item is None:
        return bool(content.get(path.name) == change.before)
    return any(
        item.get(path.field) == change.before
        for item in content.get(path.name, ())
        if item_key(path.name, item) == path.item
    )


def _of_stewards(
    restrictions: Collection[_Restriction], context: BatchContext
) -> Iterator[_Restriction]:
    """Keep what was set by somebody who is steward of the subject's domain, or admin."""
    people = {one.by for one in restrictions}
    if not people:
        return
    admins = set(User.objects.filter(pk__in=people, is_superuser=True).values_list("pk", flat=True))
    tops: dict[int, list[str]] = {}
    stewards = DomainSteward.objects.filter(user__in=people)
    for user, path in stewards.values_list("user_id", "domain__path"):
        tops.setdefault(user, []).append(path)
    for one in restrictions:
        domain = context.domain_by_id.get(one.owner.domain or 0)
        below = domain and any(domain.path.startswith(top) for top in tops.get(one.by, ()))
        if one.by in admins or below:
            yield one


def _brief(value: object) -> object:
    return value if isinstance(value, str | bool | int | None) else str(value)[:200]
