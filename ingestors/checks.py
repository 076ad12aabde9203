"""What `manage.py check` says of what sources may reach: mistakes always, dangers with `--deploy`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from ingestors.authority.rules import Policy, PolicyInvalid, Rule
from ingestors.services.authority import policy
from ingestors.services.vault import VaultClosed, cipher

HOW = "See docs/how-to/open-sources.md."
KEEP = "See docs/how-to/keep-secrets.md."


@register(Tags.compatibility)
def a_policy_that_cannot_be_used(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell what is wrong with the file; until it is mended nothing is open."""
    try:
        policy()
    except PolicyInvalid as error:
        yield Error(
            f"GAZETTEER_SOURCE_POLICY cannot be used: {error}.", hint=HOW, id="gazetteer.E004"
        )


@register(Tags.compatibility)
def keys_that_cannot_be_used(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell when the vault has keys, but none that work."""
    if not settings.VAULT_KEYS:
        return
    try:
        cipher()
    except VaultClosed as error:
        yield Error(f"{error}.".capitalize(), hint=KEEP, id="gazetteer.E005")


@register(Tags.security, deploy=True)
def a_vault_without_a_key(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell that teams can keep no secrets."""
    if not settings.VAULT_KEYS:
        yield Info(
            "GAZETTEER_VAULT_KEYS is not set: teams can keep no secrets in Gazetteer.",
            hint=f"Make a key with manage.py vault key. {KEEP}",
            id="gazetteer.I002",
        )


@register(Tags.security, deploy=True)
def what_sources_may_reach(app_configs: object, **_: Any) -> Iterable[CheckMessage]:
    """Tell of rules that open nearly everything, and of what is not set."""
    if not settings.SOURCE_POLICY:
        yield Info(
            "GAZETTEER_SOURCE_POLICY is not set: no source can be read.",
            hint=f"Write which stores each team may read. {HOW}",
            id="gazetteer.I001",
        )
        return
    try:
        found = policy()
    except PolicyInvalid:
        return
    yield from _wide(found)


def _wide(found: Policy) -> Iterator[CheckMessage]:
    for place, rule in enumerate(found.allow):
        if what := _what(rule):
            yield Warning(
                f"Rule {place + 1} of GAZETTEER_SOURCE_POLICY is wide open: {what}.",
                hint=f"Name the hosts, networks, folders and secrets that are needed, and the teams. {HOW}",
                id="gazetteer.W011",
            )


def _what(rule: Rule) -> str:
    if rule.wide:
        return ", ".join(rule.wide)
    if rule.is_for_everyone and (rule.secrets or "*" in rule.connectors):
        opened = "all connectors" if "*" in rule.connectors else ", ".join(rule.secrets)
        return f"{opened} for every team"
    return ""
