"""Sources: added, changed, paused, checked, removed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from catalog.events.log import NewEvent, record
from catalog.models import Domain, Team, User
from catalog.names import KEY, KEY_RULE, slugify
from catalog.people import policies
from catalog.people.policies import Action
from ingestors.connectors import registry
from ingestors.connectors.secrets import (
    REFERENCE_RULE,
    is_reference,
    is_secret_name,
    references_in,
    scrub,
)
from ingestors.errors import ConfigInvalid, ConfigProblem, IngestError
from ingestors.models import Secret, Source
from ingestors.scheduling.schedule import ScheduleInvalid, next_run
from ingestors.services.authority import check_references, permit_for
from ingestors.services.reading import isolated, patience
from ingestors.services.rules import RuleInvalid, parse_rules

#: How long somebody who looks at a page waits for a store.
CHECK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """One field of a source that cannot be used."""

    path: str
    message: str


class SourceInvalid(ValueError):
    """A source cannot be saved as described; `problems` names each field."""

    def __init__(self, problems: Sequence[SourceProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))


def create_source(
    *,
    name: str,
    connector: str,
    config: Mapping[str, Any],
    domain: Domain,
    by: User | None,
    key: str = "",
    team: Team | None = None,
    schedule: str = "",
    rules: Sequence[Mapping[str, str]] = (),
) -> Source:
    """Add a source. Raises SourceInvalid."""
    source = Source(key=key or slugify(name))
    if not KEY.match(source.key):
        raise SourceInvalid([SourceProblem("key", f"{source.key!r}: allowed are {KEY_RULE}")])
    if Source.objects.filter(key=source.key).exists():
        raise SourceInvalid([SourceProblem("key", f"{source.key!r} is taken; choose another")])
    values = {"connector": connector, "config": config, "schedule": schedule, "rules": list(rules)}
    return _save(source, by, name=name, domain=domain, team=team, **values)


def update_source(
    source: Source,
    *,
    by: User | None,
    name: str,
    connector: str,
    config: Mapping[str, Any],
    domain: Domain,
    team: Team | None,
    schedule: str,
    rules: Sequence[Mapping[str, str]],
) -> Source:
    """Change a source. Raises SourceInvalid."""
    values = {"connector": connector, "config": config, "schedule": schedule, "rules": list(rules)}
    return _save(source, by, name=name, domain=domain, team=team, **values)


def _save(source: Source, by: User | None, **said: Any) -> Source:
    problems = [*_misplaced(source, said["team"], said["domain"], by)]
    problems += _problems(source.key, said, by)
    if problems:
        raise SourceInvalid(problems)
    for name, value in said.items():
        setattr(source, name, value)
    source.next_run_at = next_run(source.schedule, timezone.now())
    verb = "source.changed" if source.pk else "source.added"
    with transaction.atomic():
        source.save()
        record([_event(verb, source, by)])
    return source


def _require(source: Source, by: User | None) -> None:
    """Refuse whoever may not change a source; a command on the server has no person. Raises PermissionDenied."""
    if by is not None and not policies.may(by, Action.MANAGE_SOURCE, source):
        raise PermissionDenied(
            "an owner or engineer of its team, or a steward of its domain, is needed"
        )


def _misplaced(
    source: Source, team: Team | None, domain: Domain, by: User | None
) -> Iterator[SourceProblem]:
    """Yield why a person may not let a source speak for a team in a domain, or no longer as it did.

    A source without a team speaks for all of its domain: that takes who manages the sources of the team that
    leads it. A team's own source stays in its home domain and below, unless who leads the other domain puts it there.
    """
    if by is None:  # on the server itself
        return
    if source.pk:
        stored = Source.objects.get(pk=source.pk)
        if not policies.may(by, Action.MANAGE_SOURCE, stored):
            yield SourceProblem("team", "is managed by an owner or engineer of its team")
    leads = policies.may(by, Action.MANAGE_SOURCE, domain)
    if team is None:
        if not leads:
            message = "name your team; only who leads the domain adds a source for all of it"
            yield SourceProblem("team", message)
        return
    if not policies.may(by, Action.MANAGE_SOURCE, team):
        yield SourceProblem("team", f"an owner or engineer of {team} is needed")
    is_home = team.domain is not None and domain.path.startswith(team.domain.path)
    if not is_home and not leads:
        yield SourceProblem("domain", "is not a domain of this team; who leads it is needed")


def _problems(key: str, values: Mapping[str, Any], by: User | None) -> list[SourceProblem]:
    problems = []
    try:
        connector = registry.open_connector(values["connector"], values["config"])
        owner = values["team"] or values["domain"].team
        permit = permit_for(connector=values["connector"], team=owner, key=key)
        connector.judge(permit)
        check_references(values["config"], permit)
        _check_vault(values["config"], owner, by)
    except ConfigInvalid as error:
        for one in error.problems:
            path = "connector" if one.field == "connector" else f"config.{one.field}".rstrip(".")
            problems.append(SourceProblem(path, str(one)))
    problems += _open_secrets(values["config"], "config")
    try:
        next_run(values["schedule"], timezone.now())
    except ScheduleInvalid as error:
        problems.append(SourceProblem("schedule", str(error)))
    try:
        parse_rules(values["rules"])
    except RuleInvalid as error:
        problems.append(SourceProblem(error.path, str(error)))
    return problems


def _check_vault(config: Mapping[str, Any], owner: Team | None, by: User | None) -> None:
    """Refuse secrets that the owning team does not have, or whose user does not manage them."""
    problems = []
    for path, reference in references_in(config):
        kind, _, name = reference.partition(":")
        if kind != "vault":
            continue
        if by is not None and (owner is None or not policies.may(by, Action.MANAGE_SOURCE, owner)):
            message = "secrets of a team are used by its engineers and owners"
            problems.append(ConfigProblem(path, reference, message))
        elif not Secret.objects.filter(team=owner, name=name).exists():
            names = Secret.objects.filter(team=owner).values_list("name", flat=True)
            message = f"the team's secrets are {', '.join(names[:20]) or 'none yet'}"
            problems.append(ConfigProblem(path, reference, message))
    if problems:
        raise ConfigInvalid(problems)


def _open_secrets(value: object, path: str) -> list[SourceProblem]:
    """Find secrets written out where a reference belongs."""
    if isinstance(value, Mapping):
        return [p for name, inner in value.items() for p in _open_secrets(inner, f"{path}.{name}")]
    if not isinstance(value, str) or is_reference(value):
        return []
    if is_secret_name(path.rpartition(".")[2]) or scrub(value) != value:
        message = f"a secret is written out; {REFERENCE_RULE}"
        return [SourceProblem(path, message)]
    return []


def shown_config(source: Source) -> str:
    """Return the configuration as people may see it: secrets hidden."""
    return scrub(json.dumps(_hidden(source.config), indent=2, ensure_ascii=False))


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: "•••" if is_secret_name(name) and not is_reference(str(inner)) else _hidden(inner)
            for name, inner in value.items()
        }
    return [_hidden(inner) for inner in value] if isinstance(value, list) else value


def limited_config(source: Source) -> dict[str, Any]:
    """Return the configuration with this installation's limits, where the source has none of its own."""
    limits = {
        "max_rows": settings.PROFILE_MAX_ROWS,
        "max_seconds": settings.PROFILE_MAX_SECONDS,
        "sample_rows": settings.SAMPLE_ROWS,
    }
    return {**source.config, "limits": {**limits, **source.config.get("limits", {})}}


def reach_source(source: Source) -> str:
    """Reach the store and say in a sentence what is there. Raises IngestError."""
    return isolated(source, source.config, tick=patience(CHECK_SECONDS)).check()


def check_source(source: Source) -> str:
    """Try to reach the store; return what is wrong, or nothing."""
    try:
        reach_source(source)
    except IngestError as error:
        return str(error)
    return ""


def pause_source(source: Source, *, by: User | None) -> None:
    """Keep a source from running by its schedule."""
    _set_paused(source, True, by)


def resume_source(source: Source, *, by: User | None) -> None:
    """Let a source run by its schedule again."""
    _set_paused(source, False, by)


def _set_paused(source: Source, paused: bool, by: User | None) -> None:
    _require(source, by)
    with transaction.atomic():
        source.is_paused = paused
        source.next_run_at = next_run(source.schedule, timezone.now())
        source.save(update_fields=["is_paused", "next_run_at", "updated_at"])
        record([_event("source.paused" if paused else "source.resumed", source, by)])


def delete_source(source: Source, *, by: User | None) -> None:
    """Remove a source and its runs; what it found stays in the catalog. Raises PermissionDenied."""
    _require(source, by)
    with transaction.atomic():
        record([_event("source.removed", source, by)])
        source.delete()


def _event(kind: str, source: Source, by: User | None) -> NewEvent:
    return NewEvent(
        type=kind,
        actor=by,
        subject_kind="source",
        subject_key=source.key,
        subject_id=source.pk,
        audience=source.domain.audience,
        data={"name": source.name},
    )
