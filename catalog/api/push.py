"""What a pusher says of a product, and the descriptor it becomes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError
from rest_framework import serializers

from catalog.api.bodies import DocumentBody
from catalog.api.problems import Invalid
from catalog.descriptors import ProductDescriptor
from catalog.fields import DATASET_FIELDS, PRODUCT_FIELDS, names_by
from catalog.models import Product, Team, User
from catalog.names import GUID, GUID_RULE
from catalog.people import policies
from catalog.people.policies import Action
from catalog.push.forms import address_fields
from catalog.registry.outcomes import Problem

#: What a problem may be about: the names of the API by those of a descriptor.
_SENT = {field.name: field.rest for field in (*DATASET_FIELDS, *PRODUCT_FIELDS)}


def as_sent(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems of the door under the names of the API."""
    found = []
    for problem in problems:
        name = problem.path.split(".")[0]
        rest = problem.path[len(name) :]
        found.append(
            Problem(
                f"{_SENT.get(name, name)}{rest}", problem.value, problem.message, problem.refusal
            )
        )
    return found


class PushSerializer(DocumentBody[Product]):
    """The body of a PUT: the eight names that consumers rely on, and some more."""

    document, way, model = PRODUCT_FIELDS, "put", Product

    dataProductGUID = serializers.CharField(max_length=64)
    owner = serializers.CharField(max_length=200)
    displayname = serializers.CharField(max_length=200)
    readableDataProductKey = serializers.CharField(max_length=130)

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
    teams = Team.objects.visible_to(user).select_related("domain")
    team = (
        teams.filter(key=owner).first()
        or teams.filter(former_keys__key=owner).first()
        or teams.filter(name__iexact=owner).first()
    )
    if team is not None:
        return team
    allowed = policies.teams_where(user, Action.PUBLISH_PRODUCT)
    teams = Team.objects.order_by("key")
    if allowed is not None:
        teams = teams.filter(pk__in=allowed)
    names = ", ".join(teams.values_list("key", flat=True)[:20]) or "none"
    message = f"no team has this name or key; yours: {names}"
    raise Invalid([Problem("owner", owner, message)])


def descriptor_of(said: dict[str, Any], team: Team) -> ProductDescriptor:
    """Turn a checked body into a descriptor. Raises Invalid."""
    readable = said["readableDataProductKey"]
    try:
        address = address_fields(readable, team.domain.key if team.domain else "")
    except ValueError as error:
        raise Invalid([Problem("readableDataProductKey", readable, str(error))]) from error
    names = names_by("put", PRODUCT_FIELDS)
    fields: dict[str, Any] = {names[name]: said[name] for name in said}
    fields |= {**address, "team": team.key}
    try:
        return ProductDescriptor.model_validate(fields)
    except ValidationError as error:
        found = (
            Problem(".".join(map(str, e["loc"])), str(e.get("input"))[:200], e["msg"])
            for e in error.errors()
        )
        raise Invalid(as_sent(found)) from error
