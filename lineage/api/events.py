"""OpenLineage events in, one or many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.query import StrictView
from catalog.registry.outcomes import Problem
from lineage.api.parsers import EventParser
from lineage.models import LineageEvent
from lineage.openlineage.ingest import EventResult, take_events

MAX_BATCH = 20_000


class Busy(APIException):
    """The database is busy with other writers; the same call will work in a moment."""

    status_code = 503
    default_detail = "The catalog is busy; send it again."


class EventRemarkSerializer(serializers.Serializer[LineageEvent]):
    """Something odd in an event that was taken all the same."""

    path = serializers.CharField(help_text="Where in the event, or the dataset concerned.")
    message = serializers.CharField()


class EventResultSerializer(serializers.Serializer[LineageEvent]):
    """What became of an event."""

    status = serializers.ChoiceField(choices=[("accepted", "Accepted"), ("duplicate", "Known")])
    hash = serializers.CharField(help_text="SHA-256 of its canonical JSON.")
    problems = EventRemarkSerializer(many=True)


class EventFailureSerializer(serializers.Serializer[LineageEvent]):
    """An event of a batch that was refused."""

    index = serializers.IntegerField()
    reason = serializers.CharField()
    retriable = serializers.BooleanField()


class EventSummarySerializer(serializers.Serializer[LineageEvent]):
    """How a batch went."""

    received = serializers.IntegerField()
    successful = serializers.IntegerField()
    failed = serializers.IntegerField()
    retriable = serializers.IntegerField()
    non_retriable = serializers.IntegerField()


class EventFlagSerializer(serializers.Serializer[LineageEvent]):
    """An event of a batch that was taken though something in it is odd."""

    index = serializers.IntegerField()
    problems = EventRemarkSerializer(many=True)


class EventBatchSerializer(serializers.Serializer[LineageEvent]):
    """What became of a batch, as OpenLineage 2-0-2 words it."""

    status = serializers.ChoiceField(
        choices=[("success", "Success"), ("partial_success", "Partial")]
    )
    summary = EventSummarySerializer()
    failed_events = EventFailureSerializer(many=True)
    flagged_events = EventFlagSerializer(many=True)


EVENT: dict[str, Any] = {
    "type": "object",
    "description": "A run, job or dataset event of OpenLineage 2-0-2.",
    "additionalProperties": True,
}


class EventView(StrictView):
    """Take one OpenLineage event."""

    parser_classes = (EventParser,)

    @extend_schema(
        operation_id="lineage_record",
        request={"application/json": EVENT},
        responses={201: EventResultSerializer, 413: OpenApiResponse(description="Too large")},
    )
    def post(self, request: Request) -> Response:
        """Take a run, job or dataset event, plain or gzip; the same event again changes nothing."""
        person(request)
        [taken] = _take(request, [request.data])
        if taken.status == "refused":
            raise Invalid([Problem(r.path, None, r.message) for r in taken.remarks])
        problems = [remark.dump() for remark in taken.remarks]
        body = {"status": taken.status, "hash": taken.hash, "problems": problems}
        return Response(body, status=201)


class BatchView(StrictView):
    """Take many OpenLineage events."""

    parser_classes = (EventParser,)

    @extend_schema(
        operation_id="lineage_record_batch",
        request={"application/json": {"type": "array", "items": EVENT}},
        responses={200: EventBatchSerializer, 413: OpenApiResponse(description="Too large")},
    )
    def post(self, request: Request) -> Response:
        """Take events in whatever order; what is wrong with one does not keep the others out."""
        person(request)
        bodies = request.data
        if not isinstance(bodies, list):
            raise Invalid([Problem("", None, "write an array of events")])
        if len(bodies) > MAX_BATCH:
            message = f"has {len(bodies)} events; at most {MAX_BATCH} are allowed"
            raise Invalid([Problem("", None, message)])
        return Response(_summary(_take(request, bodies)))


def _take(request: Request, bodies: Sequence[object]) -> list[EventResult]:
    try:
        return take_events(bodies, by=person(request))
    except OperationalError as error:
        raise Busy from error


def _summary(taken: Sequence[EventResult]) -> dict[str, Any]:
    failed = [
        {
            "index": place,
            "reason": "; ".join(f"{r.path}: {r.message}".strip(": ") for r in one.remarks),
            "retriable": False,
        }
        for place, one in enumerate(taken)
        if one.status == "refused"
    ]
    flagged = [
        {"index": place, "problems": [remark.dump() for remark in one.remarks]}
        for place, one in enumerate(taken)
        if one.status != "refused" and one.remarks
    ]
    return {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": len(taken),
            "successful": len(taken) - len(failed),
            "failed": len(failed),
            "retriable": 0,
            "non_retriable": len(failed),
        },
        "failed_events": failed,
        "flagged_events": flagged,
    }
