"""Domains and teams end: empty ones, or others with a successor, to which everything comes that they had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models, transaction
from django.db.models import Q, QuerySet

from catalog.access.grants import give_to_team
from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import (
    Dataset,
    Domain,
    DomainSteward,
    Event,
    FormerKey,
    Invitation,
    Layer,
    Membership,
    Product,
    Team,
    User,
)
from catalog.people import audience
from catalog.people.domains import move_below, refresh_tree
from catalog.people.keys import keep_key
from catalog.people.refusals import ChangeRefused, need_domain
from catalog.people.teams import group_event
from catalog.registry.renaming import follow_domain, follow_team
from catalog.visibility import domain_token, team_token

#: What ends with a domain or team, and keeps nobody from ending it.
LIGHT: tuple[type[models.Model], ...] = (DomainSteward, FormerKey, Invitation, Membership)
MOST_NAMED = 5


def retire_team(team: Team, *, successor: Team | None, by: User | None) -> None:
    """End a team. What it has goes to the successor, people included; an empty one needs none.

    Stewards of its domain may, for a successor those of its domain, too. Raises PermissionDenied, and
    ChangeRefused where something is left without a successor, or both have something of one name.
    """
    with transaction.atomic():
        event_log.lock()
        team.refresh_from_db()
        need_domain(by, team.domain, *([successor.domain] if successor else []))
        _check(team, successor)
        event = _retired(team, successor, by)
        if successor is not None:
            give_to_team(team, successor, by=by)
            _join(Membership.objects.filter(team=team), "team", successor)
            touched = _owned_by(team)
            _give(team, successor)
            follow_team(team.key, successor.key)
            _give_tokens(team_token(team.pk), team_token(successor.pk))
            audience.refresh_of(*touched)
            keep_key(team.key, successor)
        team.delete()
        event_log.record([event, *_told(successor, by)])


def retire_domain(domain: Domain, *, successor: Domain | None, by: User | None) -> None:
    """End a domain. What is in it goes to the successor, stewards and domains below included; see `retire_team`."""
    with transaction.atomic():
        event_log.lock()
        domain.refresh_from_db()
        need_domain(by, domain, domain.parent, *([successor] if successor else []))
        _check(domain, successor)
        event = _retired(domain, successor, by)
        if successor is not None:
            _refuse_clashes(domain, successor)
            _join(DomainSteward.objects.filter(domain=domain), "domain", successor)
            _drop_leftovers(domain, successor)
            move_below(domain.path, successor.path)
            _give(domain, successor)
            follow_domain(domain.key, successor.key)
            _give_tokens(domain_token(domain.pk), domain_token(successor.pk))
            keep_key(domain.key, successor)
        domain.delete()
        if successor is not None:
            refresh_tree(successor)
        event_log.record([event, *_told(successor, by)])


def holdings(subject: Domain | Team) -> str:
    """Say how many of what hang on a domain or team, without what ends with it: `2 products, 1 source`."""
    found: Counter[type[models.Model]] = Counter()
    for model, field in _hanging(subject):
        if model not in LIGHT:
            found[model] += _rows(model, field, subject).count()
    names = {
        model: model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural
        for model, count in found.items()
    }
    return ", ".join(f"{count} {names[model]}" for model, count in found.items() if count)


def _check(subject: Domain | Team, successor: Domain | Team | None) -> None:
    if successor is None:
        if has := holdings(subject):
            raise ChangeRefused("successor", None, f"it still has {has}; name who gets them")
        return
    is_below = (
        isinstance(subject, Domain)
        and isinstance(successor, Domain)
        and successor.path.startswith(subject.path)
    )
    if successor.pk == subject.pk or is_below:
        said = "cannot succeed it: choose one that is neither itself nor below it"
        raise ChangeRefused("successor", successor.key, said)


def _refuse_clashes(domain: Domain, successor: Domain) -> None:
    keys = Product.objects.filter(domain=successor).values("key")
    rows = Product.objects.filter(domain=domain, key__in=keys).order_by("key")
    if both := list(rows.values_list("key", flat=True)[: MOST_NAMED + 1]):
        named = ", ".join(both[:MOST_NAMED]) + (" and more" if len(both) > MOST_NAMED else "")
        said = f"both have products of the key {named}; give one of each another key first"
        raise ChangeRefused("successor", successor.key, said)


def _drop_leftovers(domain: Domain, successor: Domain) -> None:
    """Forget statements of products that were deleted where the other domain has one of the same key."""
    for gone, kept in ((domain, successor), (successor, domain)):
        there = Product.objects.filter(domain=kept).values_list("key", flat=True)
        here = set(Product.objects.filter(domain=gone).values_list("key", flat=True))
        keys = [f"{gone.key}/{key}" for key in there if key not in here]
        Layer.objects.filter(subject_kind="product", subject_key__among=keys).delete()
    old, new = (_stated_keys(one) for one in (domain, successor))
    keys = [f"{domain.key}/{key}" for key in old & new]
    Layer.objects.filter(subject_kind="product", subject_key__among=keys).delete()


def _stated_keys(domain: Domain) -> set[str]:
    head = f"{domain.key}/"
    rows = Layer.objects.filter(subject_kind="product", subject_key__startswith=head)
    return {key.removeprefix(head) for key in rows.values_list("subject_key", flat=True)}


def _join(rows: QuerySet[Any], field: str, successor: Domain | Team) -> None:
    """Let people come along who are not there yet."""
    there = rows.model._default_manager.filter(**{field: successor}).values("user")
    rows.exclude(user__in=there).update(**{field: successor})
    rows.delete()


def _give(subject: Domain | Team, successor: Domain | Team) -> None:
    """Let everything that hangs on a subject, on whatever floor, hang on its successor."""
    for model, field in _hanging(subject):
        if model in (Membership, DomainSteward):
            continue
        rows = _rows(model, field, subject)
        _refuse_doubles(rows, model, field, successor)
        rows.update(**{field: successor.pk})


def _refuse_doubles(
    rows: QuerySet[Any], model: type[models.Model], field: str, successor: Domain | Team
) -> None:
    """Refuse where a rule of the table lets only one of both have something."""
    for rule in model._meta.constraints:
        if not isinstance(rule, models.UniqueConstraint) or field not in rule.fields:
            continue
        others = [name for name in rule.fields if name != field]
        only = rule.condition or Q()
        known = set(_rows(model, field, successor).filter(only).values_list(*others))
        mine = rows.filter(only).values_list(*others)
        if both := sorted({str(row[0]) for row in mine if row in known}):
            what = f"{model._meta.verbose_name_plural} of the same {others[0]}"
            said = f"both have {what} ({', '.join(both[:MOST_NAMED])}); change one of each first"
            raise ChangeRefused("successor", successor.key, said)


def _give_tokens(old: str, new: str) -> None:
    """Let those see it who see the successor, whatever was kept for the people of a subject."""
    for model in apps.get_models():
        for field in ("audience", "kept_for"):
            if model is not Event and _has(model, field):
                model._base_manager.filter(**{field: old}).update(**{field: new})


def _has(model: type[models.Model], field: str) -> bool:
    try:
        model._meta.get_field(field)
    except FieldDoesNotExist:
        return False
    return True


def _hanging(subject: Domain | Team) -> Iterator[tuple[type[models.Model], str]]:
    """Yield each table that refers to domains or teams, and by which field."""
    for relation in subject._meta.related_objects:
        if relation.one_to_many and isinstance(relation.field, models.ForeignKey):
            yield relation.related_model, relation.field.name


def _rows(model: type[models.Model], field: str, subject: Domain | Team) -> QuerySet[Any]:
    return model._base_manager.filter(**{field: subject})


def _owned_by(team: Team) -> tuple[QuerySet[Product], QuerySet[Dataset]]:
    """Return what follows who is in a team, also where its domain is what it owns; as ids, since owners change."""
    led = Q(team=team) | Q(team__isnull=True, domain__team=team)
    products = list(Product.objects.filter(led).values_list("pk", flat=True))
    datasets = list(Dataset.objects.filter(led).values_list("pk", flat=True))
    return (
        Product.objects.filter(pk__among=products),
        Dataset.objects.filter(pk__among=datasets),
    )


def _retired(subject: Domain | Team, successor: Domain | Team | None, by: User | None) -> NewEvent:
    kind = "domain" if isinstance(subject, Domain) else "team"
    data = {"name": subject.name, "isMerged": successor is not None}
    return group_event(f"{kind}.retired", subject, by, data)


def _told(successor: Domain | Team | None, by: User | None) -> Iterator[NewEvent]:
    """Yield what tells that a successor got more, for whoever follows it: its products changed hands."""
    if successor is not None:
        kind = "domain" if isinstance(successor, Domain) else "team"
        data = {"name": successor.name, "fields": ["holdings"]}
        yield group_event(f"{kind}.saved", successor, by, data)
