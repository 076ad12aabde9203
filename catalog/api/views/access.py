"""Access requests and grants."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access.grants import grants_of, renew, revoke
from catalog.access.requests import decide, request_access, withdraw
from catalog.api import filters
from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.serializers import access as serializers
from catalog.api.tables import Tabled
from catalog.models import AccessRequest, Grant, Port, Product, Team, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem


class AccessRequestViewSet(
    Tabled,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[AccessRequest],
):
    """Requests of the caller, and those the caller decides."""

    serializer_class = serializers.AccessRequestSerializer
    filterset_class = filters.AccessRequestFilterSet
    queryset = AccessRequest.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": "pk", "createdAt": "created_at"}

    def get_queryset(self) -> QuerySet[AccessRequest]:
        """Return requests the caller made, shares by a team, or may decide."""
        user = self.request.user
        if not isinstance(user, User):
            return AccessRequest.objects.none()
        decided = policies.where(Product.objects.all(), user, Action.DECIDE_ACCESS)
        mine = Q(requester=user) | Q(grantee_team__memberships__user=user)
        seen = Product.objects.visible_to(user).values("pk")
        rows = AccessRequest.objects.filter(
            mine | Q(port__product__in=decided.values("pk")), port__product__in=seen
        )
        return rows.select_related("port__product", "requester", "grantee_team").distinct()

    @extend_schema(
        request=serializers.NewAccessRequestSerializer,
        responses={201: serializers.AccessRequestSerializer},
    )
    def create(self, request: Request) -> Response:
        """Ask for an output port."""
        user = person(request)
        form = serializers.NewAccessRequestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        port = self._port(user, data["product"], data["port"])
        team = None
        if data["team"]:
            team = Team.objects.filter(key=data["team"], memberships__user=user).first()
            if team is None:
                raise Invalid([Problem("team", data["team"], "you are in no team of this key")])
        made = request_access(
            port,
            by=user,
            team=team,
            purpose=data["purpose"],
            note=data["note"],
            ends_on=data["endsOn"],
        )
        body = self.get_serializer(made).data
        return Response(body, status=status.HTTP_201_CREATED)

    def _port(self, user: User, guid: str, name: str) -> Port:
        product = Product.objects.visible_to(user).filter(guid=guid).first()
        if product is None:
            raise Invalid([Problem("product", guid, "no product you may see has this GUID")])
        ports = product.ports.filter(direction="out")
        port = ports.filter(name=name).order_by("-major").first()
        if port is None:
            known = ", ".join(ports.values_list("name", flat=True)) or "none"
            raise Invalid([Problem("port", name, f"no such output port; there is {known}")])
        return port

    @extend_schema(request=serializers.DecisionSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Give what was asked for."""
        return self._decide(request, True)

    @extend_schema(request=serializers.DecisionSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Refuse what was asked for."""
        return self._decide(request, False)

    def _decide(self, request: Request, approve: bool) -> Response:
        form = serializers.DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        comment = form.validated_data["comment"]
        decide(self.get_object(), by=person(request), approve=approve, comment=comment)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take back an own request."""
        withdraw(self.get_object(), by=person(request))
        return Response(self.get_serializer(self.get_object()).data)


class GrantViewSet(
    Tabled, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Grant]
):
    """Rights the caller holds, and those on products whose rights the caller may end."""

    serializer_class = serializers.GrantSerializer
    filterset_class = filters.GrantFilterSet
    queryset = Grant.objects.none()
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": "pk", "startsAt": "starts_at", "endsOn": "ends_on"}

    def get_queryset(self) -> QuerySet[Grant]:
        """Return own grants and those of managed products."""
        user = self.request.user
        if not isinstance(user, User):
            return Grant.objects.none()
        managed = policies.where(Product.objects.all(), user, Action.REVOKE_GRANT)
        mine = grants_of(user).values("pk")
        rows = Grant.objects.filter(
            Q(pk__in=mine) | Q(port__product__in=managed.values("pk")),
            port__product__in=Product.objects.visible_to(user).values("pk"),
        )
        return rows.select_related("port__product__domain", "port__product__team", "user", "team")

    @extend_schema(request=serializers.DecisionSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """End a right early."""
        form = serializers.DecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        revoke(self.get_object(), by=person(request), comment=form.validated_data["comment"])
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses={201: serializers.AccessRequestSerializer})
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str) -> Response:
        """Ask for an own right to go on."""
        made = renew(self.get_object(), by=person(request))
        body = serializers.AccessRequestSerializer(made).data
        return Response(body, status=status.HTTP_201_CREATED)
