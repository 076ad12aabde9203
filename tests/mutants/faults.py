"""The faults: what is replaced by what, and who must notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """What is replaced by what, and who must notice."""

    file: str
    before: str
    after: str
    tests: str

    def plant(self, folder: Path) -> None:
        """Change the file. Raises ValueError unless the text stands there once."""
        path = folder / self.file
        text = path.read_text()
        if text.count(self.before) != 1:
            raise ValueError(
                f"{self.file}: {self.before!r} stands there {text.count(self.before)} times, not once"
            )
        path.write_text(text.replace(self.before, self.after))

    def __str__(self) -> str:
        return f"{self.file}: {self.before.strip()!r} → {self.after.strip()!r}"


_GRANTS = "tests/catalog/access/test_grants.py"
_REQUESTS = "tests/catalog/access/test_requests.py"
_POLICIES = "tests/catalog/people/test_policies.py"
_VIEWERS = "tests/catalog/people/test_viewers.py"
_TIME = "tests/guards/test_visibility_over_time.py"
_FALLBACK = "tests/catalog/search/test_fallback.py"
_SCORES = "tests/catalog/trust/test_scores.py"
_PROMISES = "tests/catalog/trust/test_objectives.py"
_MERGE = "tests/catalog/registry/test_merge.py"
_MISSING = "tests/catalog/registry/test_missing_datasets.py"
_ADDRESSES = "tests/catalog/outbound/webhooks/test_addresses.py"
_FAILURES = "tests/catalog/outbound/webhooks/test_failures.py"
_DELIVER = "tests/catalog/outbound/webhooks/test_deliver.py"
_TOKENS = "tests/catalog/people/test_services.py"
_VERDICTS = "tests/catalog/standards/test_verdicts.py"

FAULTS: tuple[Fault, ...] = (
    # access
    Fault("catalog/models/access.py", "ends_on__gte=day", "ends_on__gt=day", _GRANTS),
    Fault("catalog/models/access.py", "models.Q(ends_on__isnull=True) | ", "", _GRANTS),
    Fault(
        "catalog/models/access.py", ", state=GrantState.ACTIVE\n        )", "\n        )", _GRANTS
    ),
    Fault("catalog/access/grants.py", "ends_on__lt=timezone", "ends_on__lte=timezone", _GRANTS),
    Fault("catalog/access/grants.py", "if left <= n", "if left < n", _GRANTS),
    Fault(
        "catalog/access/grants.py",
        "if not may(by, Action.REVOKE_GRANT, fresh):",
        "if False:",
        _GRANTS,
    ),
    Fault("catalog/access/requests.py", "if not approve and not comment:", "if False:", _REQUESTS),
    Fault("catalog/access/requests.py", "if fresh.requester_id != by.pk:", "if False:", _REQUESTS),
    Fault(
        "catalog/access/requests.py",
        "return request.requester_id != user.pk or owning_team(request) in sole_teams(user)",
        "return True",
        _REQUESTS,
    ),
    # rights
    Fault(
        "catalog/people/policies.py",
        "Action.UNMASK: frozenset({_O})",
        "Action.UNMASK: frozenset({_O, _E})",
        _POLICIES,
    ),
    Fault(
        "catalog/people/policies.py",
        "Action.DECIDE_ACCESS: frozenset({_O, _S})",
        "Action.DECIDE_ACCESS: frozenset({_O, _S, _E})",
        _POLICIES,
    ),
    Fault(
        "catalog/people/policies.py",
        "Action.DELETE_PRODUCT: frozenset({_O, _A})",
        "Action.DELETE_PRODUCT: frozenset({_O, _E, _A})",
        _POLICIES,
    ),
    Fault(
        "catalog/people/policies.py",
        "Action.MANAGE_SOURCE: frozenset({_E, _O, _D, _A})",
        "Action.MANAGE_SOURCE: frozenset({_R, _E, _O, _D, _A})",
        _POLICIES,
    ),
    Fault(
        "catalog/people/policies.py",
        "return frozenset(own) - shared",
        "return frozenset(own)",
        _POLICIES,
    ),
    # who sees what
    Fault(
        "catalog/people/viewers.py",
        "if not isinstance(user, User) or not user.is_active:",
        "if not isinstance(user, User):",
        _VIEWERS,
    ),
    Fault(
        "catalog/people/viewers.py",
        "tokens.update(team_token(team) for team, _ in own)",
        "pass",
        _VIEWERS,
    ),
    Fault(
        "catalog/visibility.py",
        "if width(second) > width(first)",
        "if width(second) < width(first)",
        _VIEWERS,
    ),
    Fault(
        "catalog/visibility.py",
        'if visibility == "signed-in":',
        'if visibility == "signed":',
        _VIEWERS,
    ),
    Fault(
        "catalog/models/events.py",
        "self.about_visible(user).filter(audience__in=tokens)",
        "self.about_visible(user)",
        _TIME,
    ),
    Fault(
        "catalog/models/events.py", '~Exists(_narrower_once_gone("product_id", tokens)),', "", _TIME
    ),
    Fault(
        "catalog/models/events.py", '~Exists(_hidden(Product, "product_id", tokens)),', "", _TIME
    ),
    Fault("catalog/models/events.py", '    "domain": (Domain, "audience"),\n', "", _TIME),
    Fault(
        "catalog/access/redaction.py",
        '"upstream", "successor", "address"',
        '"upstream", "successor"',
        _TIME,
    ),
    Fault("catalog/access/redaction.py", 'frozenset({"view_definition"})', "frozenset()", _TIME),
    Fault(
        "catalog/access/redaction.py",
        "if product not in self.closed or not value:",
        "if True:",
        "tests/catalog/access/test_redaction.py",
    ),
    Fault(
        "catalog/outbound/webhooks/matching.py",
        "audiences <= tokens",
        "bool(audiences & tokens)",
        _TIME,
    ),
    Fault(
        "catalog/push/dry_run.py",
        "Product.objects.visible_to(by).filter(pk__in=reading)",
        "Product.objects.filter(pk__in=reading)",
        "tests/catalog/push/test_dry_run.py",
    ),
    Fault(
        "portal/views/product.py",
        "if grant.team_id is not None",
        "if grant.pk is not None",
        "tests/portal/test_product_page.py",
    ),
    Fault(
        "catalog/search/find.py",
        "viewers=viewer_tokens(by),",
        "viewers=None,",
        "tests/guards/test_visibility_matrix.py",
    ),
    # search
    Fault(
        "catalog/search/fallback.py",
        "                self._shut_until = now + self._rest\n",
        "",
        _FALLBACK,
    ),
    Fault(
        "catalog/search/fallback.py",
        "if now < self._shut_until:",
        "if now <= self._shut_until:",
        _FALLBACK,
    ),
    Fault(
        "catalog/search/fallback.py",
        "self._has_failed = not is_good",
        "self._has_failed = False",
        _FALLBACK,
    ),
    Fault(
        "catalog/search/fallback.py",
        "now - since > self._slow",
        "now - since < self._slow",
        _FALLBACK,
    ),
    # trust
    Fault(
        "catalog/trust/scores.py",
        "99.9 if value >= 100 and did < could else value",
        "value",
        _SCORES,
    ),
    Fault(
        "catalog/trust/scores.py",
        "measured = [d for d in dimensions if d.score is not None]",
        "measured = list(dimensions)",
        _SCORES,
    ),
    Fault("catalog/trust/promises.py", "(at - max(times))", "(at - min(times))", _PROMISES),
    Fault("catalog/trust/promises.py", "max(point.at, start)", "point.at", _PROMISES),
    Fault(
        "catalog/trust/promises.py",
        "round(max(0.0, 1 - used / allowed), 4)",
        "round(1 - used / allowed, 4)",
        _PROMISES,
    ),
    # the door
    Fault(
        "catalog/registry/merge.py", "items[key].update(item)", "items[key] = dict(item)", _MERGE
    ),
    Fault(
        "catalog/registry/merge.py",
        "key=lambda statement: statement.rank)",
        "key=lambda statement: statement.stated_at)",
        _MERGE,
    ),
    Fault(
        "catalog/registry/merge.py",
        "if not is_curated or statement.introduces(item_path(name, key)):",
        "if True:",
        _MERGE,
    ),
    Fault(
        "catalog/registry/missing_datasets.py",
        "len(rows) > known * BRAKE and not confirm",
        "len(rows) > known * BRAKE",
        _MISSING,
    ),
    Fault(
        "catalog/registry/missing_datasets.py",
        "BRAKE = 0.3",
        "BRAKE = 0.9",
        _MISSING,
    ),
    # out
    Fault(
        "catalog/outbound/webhooks/addresses.py",
        "if parts.username is not None or parts.password is not None:",
        "if False:",
        _ADDRESSES,
    ),
    Fault(
        "catalog/hosts.py",
        '_NAT64 = ip_network("64:ff9b::/96")',
        '_NAT64 = ip_network("2002::/96")',
        _ADDRESSES,
    ),
    Fault(
        "catalog/outbound/webhooks/schedule.py",
        "return 200 <= status < 300",
        "return 200 <= status < 400",
        f"{_FAILURES} {_DELIVER}",
    ),
    Fault(
        "catalog/outbound/webhooks/schedule.py",
        "if tries > len(PAUSES) or",
        "if tries > 1000 or",
        f"{_FAILURES} {_DELIVER}",
    ),
    Fault(
        "catalog/outbound/webhooks/signing.py",
        'f"{number}.{timestamp}.".encode() + body',
        'f"{number}.{timestamp}".encode() + body',
        f"{_FAILURES} {_DELIVER}",
    ),
    Fault(
        "catalog/exports/table.py",
        "if text.startswith(FORMULA) and not _is_number(text)",
        "if False",
        "tests/catalog/api/test_tables.py",
    ),
    Fault(
        "catalog/people/tokens.py",
        "if not 1 <= days <= MAX_DAYS:",
        "if not 0 <= days <= MAX_DAYS:",
        f"{_TOKENS} tests/catalog/api/test_tokens.py",
    ),
    Fault(
        "catalog/models/people.py",
        "self.expires_at > now and ",
        "",
        f"{_TOKENS} tests/catalog/api/test_tokens.py",
    ),
    Fault(
        "catalog/standards/odcs/verdicts.py",
        "new[:2] > old[:2] if old[0] == 0 else new[0] > old[0]",
        "new[0] > old[0]",
        f"{_VERDICTS} tests/catalog/contracts/test_changes.py",
    ),
    Fault(
        "catalog/standards/odcs/verdicts.py",
        'return self.consumer == "error"',
        'return self.consumer != "none"',
        f"{_VERDICTS} tests/catalog/contracts/test_changes.py",
    ),
    # harvests
    Fault(
        "ingestors/services/rules.py", "fnmatchcase(short, rule.match) or ", "", "tests/ingestors"
    ),
    Fault(
        "ingestors/scheduling/chores.py",
        "chore.next_at <= now or is_ahead",
        "chore.next_at <= now",
        "tests/ingestors/scheduling/test_chores.py",
    ),
)
