"""Teams and who is in them, in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import Domain, Membership, Role, Team


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team."""

    domain = serializers.SlugRelatedField[Domain](slug_field="key", read_only=True)
    contact = serializers.SerializerMethodField(help_text="For callers who say who they are.")

    class Meta:
        model = Team
        fields = ["key", "name", "description", "domain", "contact"]

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
