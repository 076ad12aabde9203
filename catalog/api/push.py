"""What a pusher says of a product, and the descriptor it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from rest_framework import serializers

from catalog.api.bodies import Body, MomentField, texts
from catalog.api.problems import Invalid
from catalog.descriptors import ProductDescriptor
from catalog.models import Product, Team, User
from catalog.models.domains import VISIBILITY_CHOICES
from catalog.models.products import ARCHETYPE_CHOICES, CLASSIFICATION_CHOICES, STATUS_CHOICES
from catalog.names import GUID, GUID_RULE
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.forms import NAMES, address_fields
from catalog.registry.outcomes import Problem

#: What else a problem may be about, by its name in a descriptor.
_OURS = {
    "guid": "dataProductGUID",
    "key": "readableDataProductKey",
    "domain": "readableDataProductKey",
    "team": "owner",
    "sunset_on": "sunsetOn",
    "display_name": "displayName",
    **{ours: theirs for theirs, ours in NAMES.items()},
}


def as_sent(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of the door under the names of the API."""
    found = []
    for problem in problems:
        name = problem.path.split(".")[0]
        rest = problem.path[len(name) :]
        found.append(
            Problem(
                f"{_OURS.get(name, name)}{rest}", problem.value, problem.message, problem.refusal
            )
        )
    return found


class PushSerializer(Body[Product]):
    """The body of a PUT: the eight names that consumers rely on, and some more."""

    dataProductGUID = serializers.CharField(max_length=64)
    createDate = MomentField(required=False, allow_null=True)
    owner = serializers.CharField(max_length=200)
    displayname = serializers.CharField(max_length=200)
    sourceCodeLocation = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    readableDataProductKey = serializers.CharField(max_length=130)
    requiredSecurityGroup = serializers.CharField(required=False, allow_blank=True, max_length=500)
    archetype = serializers.ChoiceField(choices=ARCHETYPE_CHOICES, required=False)
    status = serializers.ChoiceField(choices=STATUS_CHOICES, required=False)
    classification = serializers.ChoiceField(choices=CLASSIFICATION_CHOICES, required=False)
    visibility = serializers.ChoiceField(choices=VISIBILITY_CHOICES, required=False)
    version = serializers.CharField(required=False, allow_blank=True, max_length=40)
    support = serializers.CharField(required=False, allow_blank=True, max_length=500)
    tags = texts(required=False)

    def validate_dataProductGUID(self, value: str) -> str:
        """Check the form of the GUID, and that it is the one of the address."""
        if not GUID.match(value):
            raise serializers.ValidationError(f"allowed are {GUID_RULE}")
        expected = self.context.get("guid")
        if expected is not None and value != expected:
            raise serializers.ValidationError(f"the address names {expected}")
        return value


def owning_team(owner: str, user: User) -> Team:
    """Find the team an owner's name or key means; raise Invalid listing the teams one may push for."""
    team = (
        Team.objects.select_related("domain").filter(key=owner).first()
        or Team.objects.select_related("domain").filter(name__iexact=owner).first()
    )
    if team is not None:
        return team
    allowed = policies.teams_where(user, Action.PUBLISH_PRODUCT)
    teams = Team.objects.order_by("key")
    if allowed is not None:
        teams = teams.filter(pk__in=allowed)
    names = ", ".join(teams.values_list("key", flat=True)[:20]) or "none"
    said = f"no team has this name or key; yours: {names}"
    raise Invalid([Problem("owner", owner, said)])


def descriptor_of(said: dict[str, Any], team: Team) -> ProductDescriptor:
    """Turn a checked body into a descriptor. Raises Invalid."""
    readable = said["readableDataProductKey"]
    try:
        address = address_fields(readable, team.domain.key if team.domain else "")
    except ValueError as error:
        raise Invalid([Problem("readableDataProductKey", readable, str(error))]) from error
    fields: dict[str, Any] = {
        **address,
        "guid": said["dataProductGUID"],
        "team": team.key,
    }
    fields |= {ours: said[theirs] for theirs, ours in NAMES.items() if theirs in said}
    try:
        return ProductDescriptor.model_validate(fields)
    except ValidationError as error:
        found = (
            Problem(".".join(map(str, e["loc"])), str(e.get("input"))[:200], e["msg"])
            for e in error.errors()
        )
        raise Invalid(as_sent(found)) from error
