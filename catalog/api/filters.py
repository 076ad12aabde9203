"""Filters of lists, for the API and pages alike. An unknown filter is refused, not ignored."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from catalog.api.problems import Invalid
from catalog.models import AccessRequest, Dataset, Domain, Event, Grant, Product, Team
from catalog.registry.outcomes import Problem

ALWAYS = frozenset({"cursor", "pageSize", "format"})


class StrictFilterSet(django_filters.FilterSet):
    """Refuses parameters it does not know."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        sent = data if isinstance(data, QueryDict) else QueryDict()
        unknown = sorted(set(sent) - set(self.filters) - ALWAYS)
        if unknown:
            allowed = ", ".join(sorted({*self.filters, *ALWAYS}))
            said = f"unknown parameter; allowed are {allowed}"
            raise Invalid([Problem(name, sent.get(name), said) for name in unknown])


def in_tree(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    """Keep what belongs to a domain or one below it."""
    domain = Domain.objects.filter(key=value).first()
    if domain is None:
        return rows.none()
    return rows.filter(**{f"{name}__path__startswith": domain.path})


class DomainFilterSet(StrictFilterSet):
    """Domains."""

    parent = django_filters.CharFilter(field_name="parent__key")

    class Meta:
        model = Domain
        fields = ["parent"]


class TeamFilterSet(StrictFilterSet):
    """Teams."""

    domain = django_filters.CharFilter(field_name="domain__key")

    class Meta:
        model = Team
        fields = ["domain"]


class ProductFilterSet(StrictFilterSet):
    """Data products."""

    domain = django_filters.CharFilter(field_name="domain", method=in_tree)
    team = django_filters.CharFilter(field_name="team__key")
    status = django_filters.ChoiceFilter(choices=Product.status.field.choices)
    archetype = django_filters.ChoiceFilter(choices=Product.archetype.field.choices)
    classification = django_filters.ChoiceFilter(choices=Product.classification.field.choices)
    tag = django_filters.CharFilter(field_name="tags__name")
    technology = django_filters.CharFilter(method="filter_technology")
    q = django_filters.CharFilter(method="filter_text")
    qualityMin = django_filters.NumberFilter(field_name="quality_score", lookup_expr="gte")
    qualityMax = django_filters.NumberFilter(field_name="quality_score", lookup_expr="lte")
    updatedAfter = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gt")

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
        """Keep products that serve a dataset of a technology."""
        served = Dataset.objects.filter(technology=value, product__isnull=False)
        return rows.filter(pk__in=served.values("product_id"))


class DatasetFilterSet(StrictFilterSet):
    """Datasets."""

    namespace = django_filters.CharFilter()
    name = django_filters.CharFilter()
    domain = django_filters.CharFilter(field_name="domain", method=in_tree)
    product = django_filters.CharFilter(field_name="product__guid")
    technology = django_filters.CharFilter()
    gone = django_filters.BooleanFilter(field_name="gone_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Dataset
        fields = ["namespace", "name", "domain", "product", "technology"]


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

    after = django_filters.NumberFilter(field_name="id", lookup_expr="gt")
    type = django_filters.CharFilter()

    class Meta:
        model = Event
        fields = ["after", "type"]
