"""What the caller follows, and what they were told."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import filters
from catalog.api.caller import person
from catalog.api.query import StrictView
from catalog.api.serializers.following import (
    FollowSerializer,
    NotificationSerializer,
    ReadCountSerializer,
    ReadNotificationsSerializer,
)
from catalog.models import Follow, Notification, Product, User
from catalog.outbound.follows import follow, unfollow
from catalog.outbound.notifications import mark_read, notifications_of


class NotificationViewSet(StrictView, mixins.ListModelMixin, viewsets.GenericViewSet[Notification]):
    """What the caller should know, newest first."""

    serializer_class = NotificationSerializer
    filterset_class = filters.NotificationFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    queryset = Notification.objects.none()
    orderings = {"createdAt": "created_at"}
    default_ordering = "-createdAt"

    def get_queryset(self) -> QuerySet[Notification]:
        """Return own notifications, without those of products that are hidden by now."""
        user = self.request.user
        if not isinstance(user, User):
            return Notification.objects.none()
        return notifications_of(user)

    @extend_schema(request=ReadNotificationsSerializer, responses=ReadCountSerializer)
    @action(detail=False, methods=["post"], url_path="read")
    def read(self, request: Request) -> Response:
        """Mark own notifications as read: those of `ids`, or all."""
        form = ReadNotificationsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        count = mark_read(person(request), form.validated_data["ids"])
        return Response({"read": count})


_GUID = OpenApiParameter("dataProductGUID", str, OpenApiParameter.PATH)


class FollowViewSet(
    StrictView, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Follow]
):
    """The products whose changes the caller is told."""

    serializer_class = FollowSerializer
    queryset = Follow.objects.none()
    lookup_field = "product__guid"
    lookup_url_kwarg = "dataProductGUID"
    lookup_value_regex = "[^/\\x00]{1,200}"
    orderings = {"since": "since"}
    default_ordering = "-since"

    def get_queryset(self) -> QuerySet[Follow]:
        """Return what the caller follows and may see."""
        user = self.request.user
        if not isinstance(user, User):
            return Follow.objects.none()
        seen = Product.objects.visible_to(user).values("pk")
        return user.follows.filter(product__in=seen).select_related("product")

    @extend_schema(parameters=[_GUID])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Tell since when the caller follows a product; 404 when they do not."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(parameters=[_GUID], request=None, responses=FollowSerializer)
    def update(self, request: Request, dataProductGUID: str) -> Response:
        """Follow a product; twice is once."""
        user = person(request)
        follow(self._product(user, dataProductGUID), by=user)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(parameters=[_GUID])
    def destroy(self, request: Request, dataProductGUID: str) -> Response:
        """Follow a product no longer."""
        user = person(request)
        unfollow(self._product(user, dataProductGUID), by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _product(self, user: User, guid: str) -> Product:
        rows = Product.objects.visible_to(user).select_related("domain")
        product = rows.filter(guid=guid).first()
        if product is None:
            raise Http404
        return product
