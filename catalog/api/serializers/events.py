"""Events in JSON."""

from __future__ import annotations

from rest_framework import serializers

from catalog.models import Event


class EventSerializer(serializers.ModelSerializer[Event]):
    """Something that happened."""

    actor = serializers.CharField(source="actor_name")
    subjectKind = serializers.CharField(source="subject_kind")
    subject = serializers.CharField(source="subject_key")

    class Meta:
        model = Event
        fields = ["id", "type", "at", "actor", "subjectKind", "subject", "data"]


_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
CLOUD_EVENTS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"type": "string", "enum": ["1.0"]},
            "id": {
                **_TEXT,
                "description": "Number of the event; with `source` it is unique for ever.",
            },
            "source": {"type": "string", "format": "uri"},
            "type": {**_TEXT, "description": "As `io.gazetteer.contract.published`."},
            "subject": {**_TEXT, "description": "The product's GUID, else the key of the subject."},
            "time": {**_MOMENT, "description": "When it happened in the world."},
            "recordedtime": {**_MOMENT, "description": "When it was recorded."},
            "sequence": {**_TEXT, "description": "The number, sortable as text."},
            "datacontenttype": _TEXT,
            "actor": _TEXT,
            "subjectkind": _TEXT,
            "subjectkey": _TEXT,
            "domain": {**_TEXT, "description": "Key of the domain of the product."},
            "data": {"type": "object", "additionalProperties": True},
        },
    },
}
