"""What became of a push, in JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.api.serializers.contracts import ComparisonSerializer
from catalog.push.results import ENDINGS


class PushCountsSerializer(serializers.Serializer[Any]):
    """How many lines ended in each way."""

    created = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()


class PushPruneSerializer(serializers.Serializer[Any]):
    """What a complete push does not say any more."""

    marked = serializers.IntegerField()
    known = serializers.IntegerField(help_text="How much the source had said.")
    held = serializers.CharField(help_text="Why nothing was marked; empty: it was.")
    subjects = serializers.ListField(child=serializers.CharField(), help_text="At most 100.")


class PushSummarySerializer(PushCountsSerializer):
    """A whole push."""

    lines = serializers.IntegerField()
    markedGone = serializers.IntegerField()
    dryRun = serializers.BooleanField()
    atomic = serializers.BooleanField()
    applied = serializers.BooleanField(help_text="False: nothing was written.")
    kinds = serializers.DictField(child=PushCountsSerializer())
    stopped = serializers.CharField(allow_null=True, help_text="Why the rest was not read.")
    gone = PushPruneSerializer(allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        """Add who spoke, whose name means something else in a class of serializers."""
        return {**super().get_fields(), "source": serializers.CharField()}


class PushProblemSerializer(serializers.Serializer[Any]):
    """A field of a line."""

    path = serializers.CharField(help_text="In the document; empty for the whole line.")
    value = serializers.JSONField()
    message = serializers.CharField(help_text="What is allowed.")


class PushChangeSerializer(serializers.Serializer[Any]):
    """One field before and after."""

    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class PushGrantSerializer(serializers.Serializer[Any]):
    """Who may use the product."""

    user = serializers.CharField(allow_null=True)
    team = serializers.CharField(allow_null=True)
    port = serializers.CharField()


class PushReaderSerializer(serializers.Serializer[Any]):
    """A product that reads this one."""

    dataProductGUID = serializers.CharField()
    readableDataProductKey = serializers.CharField()
    displayname = serializers.CharField()
    owner = serializers.CharField()


class PushAffectedSerializer(serializers.Serializer[Any]):
    """Whom a change concerns."""

    followers = serializers.IntegerField()
    grants = PushGrantSerializer(many=True)
    products = PushReaderSerializer(many=True)
    peopleTold = serializers.IntegerField()


class PushedLineSerializer(serializers.Serializer[Any]):
    """What became of a line; the last three of a dry run alone."""

    line = serializers.IntegerField(help_text="From 1; blank lines count.")
    kind = serializers.CharField(help_text="Empty where it could not be read.")
    subject = serializers.CharField()
    guid = serializers.CharField(allow_null=True, help_text="Of the product concerned.")
    outcome = serializers.ChoiceField(choices=ENDINGS)
    problems = PushProblemSerializer(many=True)
    warnings = PushProblemSerializer(many=True)
    changes = PushChangeSerializer(many=True, required=False)
    comparison = ComparisonSerializer(required=False, allow_null=True)
    affected = PushAffectedSerializer(required=False, allow_null=True)


class PushedSerializer(serializers.Serializer[Any]):
    """The counts, refused lines, and of a dry run the lines that would change something."""

    summary = PushSummarySerializer()
    lines = PushedLineSerializer(many=True)
    linesLeftOff = serializers.IntegerField(help_text="For lack of room; NDJSON has every line.")
