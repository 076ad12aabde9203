"""Every address, of everything there is: hidden or not, with the questions one may ask at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from django.utils import timezone

from catalog.models import Dataset, Domain, Product
from lineage.models import Edge, Job, JobRun
from tests.lineage.openlineage.events import DB


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    """Yield the name of every address."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern} needs a name"
            yield pattern.name


TABS = {
    "product-tab": "schema sample quality objectives lineage access contracts changes",
    "dataset-tab": "sample quality lineage changes",
}
QUESTIONS = (
    "/search?q=facts",
    "/search?q=own",
    "/search?q=alice",
    "/api/v1/search?q=alice",
    "/search?q=main&kind=dataset",
    "/search.csv?q=facts",
    "/search.csv?kind=dataset",
    "/suggest?q=fa",
    "/api/v1/search?q=facts",
    "/api/v1/search?q=main&kind=dataset",
    "/api/v1/search?q=shop&filter=ALL",
    "/api/v1/suggest?q=ma",
    "/api/v1/events?pageSize=500",
    "/api/v1/dataproducts?format=csv",
    "/api/v1/datasets?format=csv",
    "/api/v1/checks?format=csv",
    "/api/v1/exports/dcat?format=turtle",
    "/map",
    f"/api/v1/namespaces/{quote(DB, safe='')}/datasets",
    "/api/v1/namespaces/airflow/jobs",
    "/api/v1/namespaces/airflow/jobs/make/runs",
    "/api/v1/namespaces/airflow/jobs/child/runs",
)


def rows() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield what addresses are made of: of everything there is, hidden or not."""
    for product in Product.objects.select_related("domain"):
        yield "product", {"domain": product.domain.key, "key": product.key}
        yield "product", {"dataProductGUID": product.guid}
        yield "product", {"productId": product.guid}
    for dataset in Dataset.objects.all():
        yield "dataset", {"pk": dataset.pk}
        yield "dataset", {"id": dataset.pk}
    for key in Domain.objects.values_list("key", flat=True):
        yield "domain", {"key": key}
    for job in Job.objects.all():
        yield "job", {"pk": job.pk}
    for run in JobRun.objects.exclude(job=None):
        yield "job-run", {"pk": run.job_id, "run": run.run_id}
        yield "api-job-run", {"run": run.run_id}
    for edge in Edge.objects.all():
        yield "lineage-edge", {"pk": edge.pk}


#: Addresses of other things, whose numbers are no ids of what `rows` yields.
KINDS = {
    "product": ("product", "product-tab", "request-access", "api-product", "client-product"),
    "dataset": ("dataset", "dataset-tab", "api-dataset"),
    "domain": ("domain", "api-domain"),
    "job": ("job",),
    "job-run": ("job-run",),
    "api-job-run": ("api-job-run",),
    "lineage-edge": ("lineage-edge", "api-lineage-edge"),
}


def addresses() -> list[str]:
    """Return every address of everything, lists, questions and lineage among them."""
    found = dict.fromkeys(QUESTIONS)
    known = sorted(set(names(get_resolver().url_patterns)))
    for name in known:
        found |= dict.fromkeys(_reversed(name, {}))
    for kind, choice in rows():
        for name in known:
            if name == kind or name.startswith(KINDS[kind]):
                for tab in TABS.get(name, "").split() or [""]:
                    found |= dict.fromkeys(
                        _reversed(name, {**choice, **({"tab": tab} if tab else {})})
                    )
    for text in focuses():
        found |= dict.fromkeys(_about(text))
    for guid in Product.objects.values_list("guid", flat=True):
        later = (timezone.now() + timedelta(days=1)).date()
        found[f"/api/v1/dataproducts/{guid}/state?asOf={later}&since=2020-01-01"] = None
        found[f"/api/v1/exports/dcat?product={guid}"] = None
    return [one for one in found if one not in ("/metrics",)]


def _reversed(name: str, choice: Mapping[str, Any]) -> Iterator[str]:
    try:
        yield reverse(name, kwargs=dict(choice))
    except NoReverseMatch:
        return


def focuses() -> Iterator[str]:
    """Yield every focus of the graph that a stranger might try."""
    for guid in Product.objects.values_list("guid", flat=True):
        yield f"product:{guid}"
    for pk in Dataset.objects.values_list("pk", flat=True):
        yield f"dataset:{pk}"
    for pk in Job.objects.values_list("pk", flat=True):
        yield f"job:{pk}"


def _about(focus: str) -> Iterator[str]:
    for path in (
        "/lineage",
        "/lineage/impact",
        "/api/v1/lineage-graph",
        "/api/v1/lineage-impact",
        "/api/v1/lineage-causes",
    ):
        yield f"{path}?focus={focus}"
