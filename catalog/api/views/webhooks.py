"""The caller's own webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import Throttled
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.pagination import Cursor
from catalog.api.problems import Invalid
from catalog.api.query import StrictView
from catalog.api.serializers import webhooks as serializers
from catalog.models import User, Webhook
from catalog.outbound.webhooks import subscriptions as service
from catalog.outbound.webhooks.calls import Call
from catalog.registry.outcomes import Problem


class NewestFirst:
    """The order of calls."""

    orderings = {"id": "pk"}
    default_ordering = "-id"


class WebhookViewSet(
    StrictView,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Webhook],
):
    """The caller's own webhooks: events they may see are sent, signed, in order, at least once each."""

    serializer_class = serializers.WebhookSerializer
    queryset = Webhook.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    paged_actions = ("attempts", "letters")

    def get_queryset(self) -> QuerySet[Webhook]:
        """Return own webhooks."""
        user = self.request.user
        rows = user.webhooks.all() if isinstance(user, User) else Webhook.objects.none()
        return rows.select_related("domain", "owner")

    @extend_schema(
        request=serializers.NewWebhookSerializer,
        responses={201: serializers.MadeWebhookSerializer},
    )
    def create(self, request: Request) -> Response:
        """Make a webhook that begins with the next event; `secret` is in this answer alone."""
        form = serializers.NewWebhookSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with refusals():
            webhook, secret = service.make_webhook(person(request), **form.validated_data)
        body = {**self.get_serializer(webhook).data, "secret": secret}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=serializers.ChangedWebhookSerializer, responses=serializers.WebhookSerializer
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change a webhook; `isEnabled` pauses or resumes it. A new address is asked for its agreement again."""
        webhook, by = self.get_object(), person(request)
        form = serializers.ChangedWebhookSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = dict(form.validated_data)
        enabled = data.pop("isEnabled", None)
        with refusals():
            if data:
                service.change_webhook(webhook, by=by, **data)
        if enabled is not None and enabled != webhook.is_enabled:
            (service.resume_webhook if enabled else service.pause_webhook)(webhook, by=by)
        return self._said(webhook)

    def destroy(self, request: Request, pk: str) -> Response:
        """Delete a webhook with its log and dead letters."""
        service.remove_webhook(self.get_object(), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=serializers.SecretSerializer)
    @action(detail=True, methods=["post"], url_path="secret")
    def secret(self, request: Request, pk: str) -> Response:
        """Replace the secret; for 24 hours messages carry a signature of the old one too."""
        new = service.rotate_secret(self.get_object(), by=person(request))
        return Response({"secret": new})

    @extend_schema(request=None, responses=serializers.CallSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="test", pagination_class=None)
    def test(self, request: Request, pk: str) -> Response:
        """Call the receiver now with an event of the type `io.gazetteer.webhook.test`; say how it went."""
        with refusals():
            return Response(said_of(service.send_test(self.get_object())))

    @extend_schema(request=serializers.ReplaySerializer, responses=serializers.WebhookSerializer)
    @action(detail=True, methods=["post"], url_path="replay")
    def replay(self, request: Request, pk: str) -> Response:
        """Go on after an event of the log, an earlier one to have events again; 0: everything."""
        webhook = self.get_object()
        form = serializers.ReplaySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with refusals():
            service.replay(webhook, after=form.validated_data["after"], by=person(request))
        return self._said(webhook)

    @extend_schema(responses=serializers.AttemptSerializer(many=True))
    @action(detail=True, url_path="attempts")
    def attempts(self, request: Request, pk: str) -> Response:
        """List the last calls of the receiver, newest first."""
        cursor = Cursor()
        rows = cursor.paginate_queryset(self.get_object().attempts.all(), request, NewestFirst)
        return cursor.get_paginated_response(serializers.AttemptSerializer(rows, many=True).data)

    @extend_schema(responses=serializers.LetterSerializer(many=True))
    @action(detail=True, url_path="letters")
    def letters(self, request: Request, pk: str) -> Response:
        """List the events that no try delivered, oldest first."""
        cursor = Cursor()
        rows = service.letters_of(self.get_object())
        page = cursor.paginate_queryset(rows, request, self)
        return cursor.get_paginated_response(serializers.LetterSerializer(page, many=True).data)

    @extend_schema(request=None, responses={204: None}, operation_id="webhooks_letters_destroy_all")
    @letters.mapping.delete
    def dismiss_all(self, request: Request, pk: str) -> Response:
        """Forget every dead letter."""
        self.get_object().letters.all().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=serializers.CallSerializer(many=True))
    @action(
        detail=True,
        methods=["post"],
        url_path="letters/(?P<letter>[0-9]{1,18})",
        pagination_class=None,
    )
    def letter(self, request: Request, pk: str, letter: str) -> Response:
        """Send the event of a dead letter now; it is forgotten when the receiver takes it."""
        row = get_object_or_404(service.letters_of(self.get_object()), pk=letter)
        with refusals():
            return Response(said_of(service.retry_letter(row)))

    @extend_schema(request=None, responses={204: None})
    @letter.mapping.delete
    def dismiss(self, request: Request, pk: str, letter: str) -> Response:
        """Forget a dead letter."""
        get_object_or_404(service.letters_of(self.get_object()), pk=letter).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _said(self, webhook: Webhook) -> Response:
        webhook.refresh_from_db()
        return Response(self.get_serializer(webhook).data)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the service refuses into problems."""
    try:
        yield
    except service.WebhookInvalid as error:
        raise Invalid([Problem(error.field, error.value, error.message)]) from error
    except service.TooSoon as error:
        raise Throttled(service.TEST_PAUSE.seconds, str(error)) from error


def said_of(calls: Sequence[Call]) -> list[dict[str, Any]]:
    """Return calls just made as they are answered."""
    return [
        {
            "kind": one.kind,
            "status": one.answer.status if one.answer else None,
            "tookMs": int(one.took * 1000),
            "problem": one.problem,
        }
        for one in calls
    ]
