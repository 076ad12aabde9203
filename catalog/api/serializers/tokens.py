"""Tokens in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import ApiToken, TokenScope


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token, never its secret."""

    createdAt = serializers.DateTimeField(source="created_at")
    expiresAt = serializers.DateTimeField(source="expires_at")
    lastUsedAt = serializers.DateTimeField(source="last_used_at", allow_null=True)
    revokedAt = serializers.DateTimeField(source="revoked_at", allow_null=True)

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "prefix",
            "scope",
            "createdAt",
            "expiresAt",
            "lastUsedAt",
            "revokedAt",
        ]


class NewTokenSerializer(Body[ApiToken]):
    """What one says when making a token."""

    name = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(choices=TokenScope.choices, default=TokenScope.READ)
    days = serializers.IntegerField(min_value=1, max_value=3660, default=90)


class MadeTokenSerializer(TokenSerializer):
    """A token just made, with its secret."""

    secret = serializers.CharField(help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "secret"]


class EndTokensSerializer(Body[ApiToken]):
    """Whose tokens end."""

    user = serializers.CharField(
        required=False, default=None, allow_null=True, help_text="A user name, for platform admins."
    )


class EndedTokensSerializer(serializers.Serializer[ApiToken]):
    """How many tokens ended."""

    ended = serializers.IntegerField()
