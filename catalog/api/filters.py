"""Filters of lists. A filter that is unknown, or says nothing that can be, is refused, not ignored."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from catalog.api.problems import BadQuery
from catalog.models import (
    AccessRequest,
    Check,
    Contract,
    Dataset,
    Domain,
    Event,
    Grant,
    Notification,
    Objective,
    Port,
    Product,
    Team,
)
from catalog.models.events import EventQuerySet
from catalog.registry.outcomes import Problem
from catalog.standards.cloudevents import plain_type

BIGGEST_ID = 2**63 - 1


class ListFilter(DjangoFilterBackend):
    """Filters lists alone: a single row is found by its address."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> Any:
        """Return the rows that the filters of a list keep."""
        if getattr(view, "action", "list") != "list":
            return queryset
        return super().filter_queryset(request, queryset, view)


class _YesNoField(forms.Field):
    def clean(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if value not in ("true", "false"):
            raise forms.ValidationError("allowed are true, false")
        return bool(value == "true")


@extend_schema_field(OpenApiTypes.BOOL)
class YesNoFilter(django_filters.Filter):
    """Takes `true` or `false`, and nothing else."""

    field_class = _YesNoField


@extend_schema_field(OpenApiTypes.INT64)
class NumberFilter(django_filters.Filter):
    """Takes a whole number from 0 up to what an id can be."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        message = f"allowed are whole numbers 0 to {BIGGEST_ID}"
        words = dict.fromkeys(("invalid", "min_value", "max_value"), message)
        bounds = {"min_value": 0, "max_value": BIGGEST_ID, "error_messages": words}
        super().__init__(*args, **{**bounds, **kwargs})


@extend_schema_field(OpenApiTypes.DOUBLE)
class ScoreFilter(django_filters.Filter):
    """Takes a number from 0 to 100."""

    field_class = forms.FloatField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        words = dict.fromkeys(("invalid", "min_value", "max_value"), "allowed are 0 to 100")
        super().__init__(*args, min_value=0, max_value=100, error_messages=words, **kwargs)


class TimeFilter(django_filters.IsoDateTimeFilter):
    """Takes a moment of ISO 8601."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        message = "allowed is a time of ISO 8601, as 2026-05-31T08:30:00Z"
        super().__init__(*args, error_messages={"invalid": message}, **kwargs)


class StrictFilterSet(django_filters.FilterSet):
    """Refuses values that its filters cannot use. Unknown names are refused by the view."""

    def is_valid(self) -> bool:
        """Return true, or raise BadQuery naming what is allowed."""
        for field in self.form.fields.values():
            if isinstance(field, forms.ChoiceField):
                pairs = field.widget.choices
                known = ", ".join(str(pair[0]) for pair in pairs if pair[0])
                field.error_messages["invalid_choice"] = f"allowed are {known}"
        problems = [
            Problem(name, self.form.data.get(name), str(messages[0]))
            for name, messages in self.form.errors.items()
        ]
        empty = "is empty; leave the parameter out or give it a value"
        problems += [Problem(name, "", empty) for name in self.filters if self.data.get(name) == ""]
        if problems:
            raise BadQuery(problems)
        return True


class TreeFilterSet(StrictFilterSet):
    """Takes `domain`: what belongs to a domain that the caller may see, or to one below it."""

    domain = django_filters.CharFilter(method="filter_tree")

    def filter_tree(self, rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Keep what belongs to a domain or one below it."""
        seen = Domain.objects.visible_to(self.request.user)
        domain = seen.filter(Q(key=value) | Q(former_keys__key=value)).first()
        return rows.none() if domain is None else rows.filter(domain__path__startswith=domain.path)


class DomainFilterSet(StrictFilterSet):
    """Domains."""

    parent = django_filters.CharFilter(method="filter_parent")

    class Meta:
        model = Domain
        fields = ["parent"]

    def filter_parent(self, rows: QuerySet[Domain], name: str, value: str) -> QuerySet[Domain]:
        """Keep the domains directly below one that the caller may see."""
        seen = Domain.objects.visible_to(self.request.user).filter(key=value)
        return rows.filter(parent__in=seen)


class TeamFilterSet(StrictFilterSet):
    """Teams."""

    domain = django_filters.CharFilter(method="filter_domain")

    class Meta:
        model = Team
        fields = ["domain"]

    def filter_domain(self, rows: QuerySet[Team], name: str, value: str) -> QuerySet[Team]:
        """Keep the teams at home in a domain that the caller may see."""
        seen = Domain.objects.visible_to(self.request.user).filter(key=value)
        return rows.filter(domain__in=seen)


class ProductFilterSet(TreeFilterSet):
    """Data products."""

    team = django_filters.CharFilter(field_name="team__key")
    status = django_filters.ChoiceFilter(choices=Product.status.field.choices)
    archetype = django_filters.ChoiceFilter(choices=Product.archetype.field.choices)
    classification = django_filters.ChoiceFilter(choices=Product.classification.field.choices)
    tag = django_filters.CharFilter(field_name="tags__name")
    technology = django_filters.CharFilter(method="filter_technology")
    q = django_filters.CharFilter(method="filter_text")
    qualityMin = ScoreFilter(field_name="quality_score", lookup_expr="gte")
    qualityMax = ScoreFilter(field_name="quality_score", lookup_expr="lte")
    updatedAfter = TimeFilter(field_name="updated_at", lookup_expr="gt")

    class Meta:
        model = Product
        fields = ["domain", "team", "status", "archetype", "classification", "tag"]

    def filter_text(self, rows: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        """Keep products whose name, key or description has a text."""
        wanted = (
            Q(name__icontains=value) | Q(key__icontains=value) | Q(description__icontains=value)
        )
        return rows.filter(wanted)

    def filter_technology(
        self, rows: QuerySet[Product], name: str, value: str
    ) -> QuerySet[Product]:
        """Keep products that serve a dataset of a technology, among those the caller may see."""
        served = Dataset.objects.visible_to(self.request.user)
        served = served.filter(technology=value, product__isnull=False)
        return rows.filter(pk__in=served.values("product_id"))


class DatasetFilterSet(TreeFilterSet):
    """Datasets; gone ones are those that the last harvest no longer found."""

    namespace = django_filters.CharFilter()
    name = django_filters.CharFilter()
    product = django_filters.CharFilter(method="filter_product")
    technology = django_filters.CharFilter()
    gone = YesNoFilter(field_name="gone_at", lookup_expr="isnull", exclude=True)
    unclaimed = YesNoFilter(method="filter_unclaimed")

    class Meta:
        model = Dataset
        fields = ["namespace", "name", "domain", "product", "technology"]

    def filter_unclaimed(
        self, rows: QuerySet[Dataset], name: str, value: bool
    ) -> QuerySet[Dataset]:
        """Keep, or leave out, those whose name nobody owns: only their sender and platform admins see them."""
        return rows.exclude(kept_for="") if value else rows.filter(kept_for="")

    def filter_product(self, rows: QuerySet[Dataset], name: str, value: str) -> QuerySet[Dataset]:
        """Keep what the output ports of a product serve."""
        return rows.filter(pk__in=served_by(self.request, value))


def served_by(request: Request, guid: str) -> QuerySet[Any, Any]:
    """Return the ids of the datasets that a product serves, none when it is hidden."""
    product = Product.objects.visible_to(request.user).filter(guid=guid)
    ports = Port.objects.filter(product__in=product, direction="out")
    return ports.filter(datasets__isnull=False).values("datasets")


class AccessRequestFilterSet(StrictFilterSet):
    """Access requests."""

    product = django_filters.CharFilter(field_name="port__product__guid")

    class Meta:
        model = AccessRequest
        fields = ["state", "product"]


class GrantFilterSet(StrictFilterSet):
    """Grants."""

    product = django_filters.CharFilter(field_name="port__product__guid")

    class Meta:
        model = Grant
        fields = ["state", "product"]


class EventFilterSet(StrictFilterSet):
    """Events; `after` is the number of the last one read."""

    after = NumberFilter(field_name="id", lookup_expr="gt")
    type = django_filters.CharFilter(
        method="filter_type", help_text="Types with commas between; `contract.*` for a family."
    )
    domain = django_filters.CharFilter(
        method="filter_domain", help_text="Key of a domain; those below it belong to it."
    )
    product = django_filters.CharFilter(method="filter_product")

    class Meta:
        model = Event
        fields = ["after"]

    def filter_type(self, rows: EventQuerySet, name: str, value: str) -> QuerySet[Event]:
        """Keep the events of some types."""
        return rows.of_types([plain_type(word) for word in value.split(",")])

    def filter_domain(self, rows: EventQuerySet, name: str, value: str) -> QuerySet[Event]:
        """Keep what happened in a domain the caller may see."""
        domain = Domain.objects.visible_to(self.request.user).filter(key=value).first()
        return rows.none() if domain is None else rows.in_domain(domain)

    def filter_product(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Keep the events of one product."""
        product = Product.objects.visible_to(self.request.user).filter(guid=value)
        return rows.filter(product_id__in=product.values("pk"))


class NotificationFilterSet(StrictFilterSet):
    """Notifications."""

    unread = YesNoFilter(field_name="read_at", lookup_expr="isnull")
    kind = django_filters.CharFilter()

    class Meta:
        model = Notification
        fields = ["kind"]


class CheckFilterSet(StrictFilterSet):
    """Checks of quality; `product` also takes the checks of the datasets it serves."""

    product = django_filters.CharFilter(method="filter_product")
    dataset = NumberFilter(field_name="dataset_id")
    outcome = django_filters.ChoiceFilter(
        field_name="last_outcome", choices=Check.last_outcome.field.choices
    )
    dimension = django_filters.ChoiceFilter(choices=Check.dimension.field.choices)
    rule = django_filters.CharFilter()

    class Meta:
        model = Check
        fields = ["dimension", "rule"]

    def filter_product(self, rows: QuerySet[Check], name: str, value: str) -> QuerySet[Check]:
        """Keep the checks of a product and of what it serves."""
        own = Q(product__guid=value)
        return rows.filter(own | Q(dataset__in=served_by(self.request, value)))


class ObjectiveFilterSet(StrictFilterSet):
    """Promises."""

    product = django_filters.CharFilter(field_name="product__guid")
    kept = YesNoFilter(field_name="is_kept")
    indicator = django_filters.ChoiceFilter(choices=Objective.indicator.field.choices)

    class Meta:
        model = Objective
        fields = ["product", "indicator"]


class ContractFilterSet(StrictFilterSet):
    """Contracts."""

    product = django_filters.CharFilter(field_name="product__guid")
    port = django_filters.CharFilter(field_name="port_name")
    status = django_filters.CharFilter()
    contractId = django_filters.CharFilter(field_name="key")

    class Meta:
        model = Contract
        fields = ["product", "port", "status"]
