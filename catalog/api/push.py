"""What a pusher says of a product, and the descriptor it becomes."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from rest_framework import serializers

from catalog import policies
from catalog.api.problems import Invalid
from catalog.descriptors import Archetype, Classification, ProductDescriptor, Status, Visibility
from catalog.models import Product, Team, User
from catalog.names import GUID, GUID_RULE, KEY, KEY_RULE
from catalog.policies import Action
from catalog.registry.outcomes import Problem

#: Optional fields beside the eight, and what they are called in a descriptor.
MORE = {
    "archetype": "archetype",
    "status": "status",
    "classification": "classification",
    "visibility": "visibility",
    "version": "version",
    "support": "support",
    "tags": "tags",
}


class PushSerializer(serializers.Serializer[Product]):
    """The body of a PUT: the eight names that consumers rely on, and some more."""

    dataProductGUID = serializers.CharField(max_length=64)
    createDate = serializers.DateField(required=False, allow_null=True)
    owner = serializers.CharField(max_length=200)
    displayname = serializers.CharField(max_length=200)
    sourceCodeLocation = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    readableDataProductKey = serializers.CharField(max_length=130)
    requiredSecurityGroup = serializers.CharField(required=False, allow_blank=True, max_length=200)
    archetype = serializers.ChoiceField(choices=[a.value for a in Archetype], required=False)
    status = serializers.ChoiceField(choices=[s.value for s in Status], required=False)
    classification = serializers.ChoiceField(
        choices=[c.value for c in Classification], required=False
    )
    visibility = serializers.ChoiceField(choices=[v.value for v in Visibility], required=False)
    version = serializers.CharField(required=False, allow_blank=True, max_length=40)
    support = serializers.CharField(required=False, allow_blank=True, max_length=500)
    tags = serializers.ListField(child=serializers.CharField(max_length=64), required=False)

    def to_internal_value(self, data: Any) -> Any:
        """Refuse fields that are not known."""
        if isinstance(data, dict):
            unknown = sorted(set(data) - set(self.fields))
            if unknown:
                allowed = ", ".join(self.fields)
                said = f"unknown field; allowed are {allowed}"
                raise serializers.ValidationError({name: [said] for name in unknown})
        return super().to_internal_value(data)

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


def address_of(readable: str, team: Team) -> tuple[str, str]:
    """Read `domain/key`, `domain.key`, `domain:key` or a plain key of the team's domain."""
    parts = readable.replace(":", "/").replace(".", "/").split("/")
    if len(parts) == 1 and team.domain is not None:
        parts = [team.domain.key, *parts]
    if len(parts) != 2 or not all(KEY.match(part) for part in parts):
        said = f"write <domain>/<product>; each part is {KEY_RULE}"
        raise Invalid([Problem("readableDataProductKey", readable, said)])
    return parts[0], parts[1]


def descriptor_of(said: dict[str, Any], team: Team) -> ProductDescriptor:
    """Turn a checked body into a descriptor. Raises Invalid."""
    domain, key = address_of(said["readableDataProductKey"], team)
    fields: dict[str, Any] = {
        "domain": domain,
        "key": key,
        "guid": said["dataProductGUID"],
        "name": said["displayname"],
        "team": team.key,
    }
    names = {
        "createDate": "created_on",
        "sourceCodeLocation": "source_code_location",
        "description": "description",
        "requiredSecurityGroup": "required_security_group",
        **MORE,
    }
    fields |= {ours: said[theirs] for theirs, ours in names.items() if theirs in said}
    try:
        return ProductDescriptor.model_validate(fields)
    except ValidationError as error:
        raise Invalid(
            [
                Problem(".".join(map(str, e["loc"])), str(e.get("input"))[:200], e["msg"])
                for e in error.errors()
            ]
        ) from error
