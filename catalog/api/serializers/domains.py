"""Domains in JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.api.serializers.rows import Rows
from catalog.models import Domain, DomainSteward, Team
from catalog.models.domains import BREAKING_CHOICES, VISIBILITY_CHOICES

_KEY = {"type": ["string", "null"]}


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A business area."""

    breakingChanges = serializers.CharField(
        source="breaking_changes",
        read_only=True,
        help_text="What becomes of a contract that breaks without a new major version: flag, refuse.",
    )
    team = serializers.SerializerMethodField()
    hue = serializers.IntegerField(
        min_value=0,
        max_value=11,
        help_text="Which colour of the categorical set (0 to 11) marks the domain.",
    )

    class Meta:
        model = Domain
        list_serializer_class = Rows
        fields = [
            "key",
            "name",
            "description",
            "parent",
            "visibility",
            "team",
            "hue",
            "breakingChanges",
        ]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name the parent by its key."""
        fields = super().get_fields()
        fields["parent"] = serializers.SerializerMethodField(method_name="parent_key")
        return fields

    def look(self, rows: list[Domain]) -> None:
        """Read which parents and teams the caller may see."""
        user = self.context["request"].user
        above = {row.parent_id for row in rows if row.parent_id}
        leads = {row.team_id for row in rows if row.team_id}
        seen = Domain.objects.visible_to(user).filter(pk__in=above)
        teams = Team.objects.visible_to(user).filter(pk__in=leads)
        self._parents = dict(seen.values_list("pk", "key")) if above else {}
        self._teams = dict(teams.values_list("pk", "key")) if leads else {}

    @extend_schema_field(_KEY)
    def parent_key(self, row: Domain) -> str | None:
        """Return the key of the domain above, where the caller may see it."""
        if not hasattr(self, "_parents"):
            self.look([row])
        return self._parents.get(row.parent_id or 0)

    @extend_schema_field(_KEY)
    def get_team(self, row: Domain) -> str | None:
        """Return the key of the team that leads it, where the caller may see it."""
        if not hasattr(self, "_teams"):
            self.look([row])
        return self._teams.get(row.team_id or 0)


class DomainBody(Body[Domain]):
    """A domain as stewards state it."""

    key = serializers.CharField(
        required=False, max_length=64, help_text="Made from the name when it is left out."
    )
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    visibility = serializers.ChoiceField(choices=VISIBILITY_CHOICES, required=False)
    team = serializers.CharField(
        required=False, allow_null=True, max_length=64, help_text="Key of the team that leads it."
    )
    hue = serializers.IntegerField(required=False, min_value=0, max_value=11)
    breakingChanges = serializers.ChoiceField(choices=BREAKING_CHOICES, required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Take the domain above by its key."""
        message = "Key of the domain above; null at the top."
        above = serializers.CharField(
            required=False, allow_null=True, max_length=64, help_text=message
        )
        return {**super().get_fields(), "parent": above}


class DomainEditBody(DomainBody):
    """What changes of a domain."""

    name = serializers.CharField(max_length=200, required=False)


class StewardSerializer(serializers.ModelSerializer[DomainSteward]):
    """A person who stewards a domain and everything below it."""

    person = serializers.CharField(source="user.username", read_only=True)
    name = serializers.SerializerMethodField()

    class Meta:
        model = DomainSteward
        fields = ["person", "name"]

    def get_name(self, row: DomainSteward) -> str:
        """Return what the person is called."""
        return str(row.user)
