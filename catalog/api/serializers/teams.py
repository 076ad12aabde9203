"""Teams and who is in them, in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.api.serializers.rows import Rows
from catalog.models import Domain, Membership, Role, Team


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team."""

    domain = serializers.SerializerMethodField(
        help_text="Key of its domain; null where you may not see it."
    )
    contact = serializers.SerializerMethodField(help_text="For callers who say who they are.")

    class Meta:
        model = Team
        list_serializer_class = Rows
        fields = ["key", "name", "description", "domain", "contact"]

    def look(self, rows: list[Team]) -> None:
        """Read which domains the caller may see."""
        homes = {row.domain_id for row in rows if row.domain_id}
        seen = Domain.objects.visible_to(self.context["request"].user).filter(pk__in=homes)
        self._domains = dict(seen.order_by().values_list("pk", "key")) if homes else {}

    def get_domain(self, row: Team) -> str | None:
        """Return the key of its domain, where the caller may see it."""
        if not hasattr(self, "_domains"):
            self.look([row])
        return self._domains.get(row.domain_id or 0)

    def get_contact(self, row: Team) -> str:
        """Return how to reach the team, to people with an account."""
        return row.contact if self.context["request"].user.is_authenticated else ""


class TeamBody(Body[Team]):
    """A team as stewards state it."""

    key = serializers.CharField(
        required=False, max_length=64, help_text="Made from the name when it is left out."
    )
    name = serializers.CharField(max_length=200)
    description = serializers.CharField(required=False, allow_blank=True, max_length=100_000)
    domain = serializers.CharField(
        required=False, allow_null=True, max_length=64, help_text="Key of its domain."
    )
    contact = serializers.CharField(required=False, allow_blank=True, max_length=300)


class TeamEditBody(TeamBody):
    """What changes of a team."""

    name = serializers.CharField(max_length=200, required=False)


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person in a team."""

    person = serializers.CharField(source="user.username", read_only=True)
    name = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ["person", "name", "role", "since"]

    def get_name(self, row: Membership) -> str:
        """Return what the person is called."""
        return str(row.user)


class MemberBody(Body[Membership]):
    """The role of a person in a team."""

    role = serializers.ChoiceField(choices=Role.choices)
