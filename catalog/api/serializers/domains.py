"""Domains and teams in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.api.serializers.rows import Rows
from catalog.models import Domain, Team
from catalog.models.domains import BREAKING_CHOICES


class DomainSerializer(serializers.ModelSerializer[Domain]):
    """A business area."""

    breakingChanges = serializers.CharField(
        source="breaking_changes",
        read_only=True,
        help_text="What becomes of a contract that breaks without a new major version: flag, refuse.",
    )

    class Meta:
        model = Domain
        list_serializer_class = Rows
        fields = ["key", "name", "description", "parent", "visibility", "breakingChanges"]

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Name the parent by its key."""
        fields = super().get_fields()
        fields["parent"] = serializers.SerializerMethodField(method_name="parent_key")
        return fields

    def look(self, rows: list[Domain]) -> None:
        """Read which parents the caller may see."""
        above = {row.parent_id for row in rows if row.parent_id}
        seen = Domain.objects.visible_to(self.context["request"].user).filter(pk__in=above)
        self._parents = dict(seen.values_list("pk", "key")) if above else {}

    def parent_key(self, row: Domain) -> str | None:
        """Return the key of the domain above, where the caller may see it."""
        if not hasattr(self, "_parents"):
            self.look([row])
        return self._parents.get(row.parent_id or 0)


class DomainEditSerializer(Body[Domain]):
    """What the stewards of a domain decide."""

    breakingChanges = serializers.ChoiceField(choices=BREAKING_CHOICES)


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team."""

    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)

    class Meta:
        model = Team
        fields = ["key", "name", "description", "domain"]
