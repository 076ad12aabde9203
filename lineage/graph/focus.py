"""What a question to the graph is about: read from a text, found for the person who asks, moved to a level."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from catalog.models import Column, Dataset, Product
from lineage.graph.node_visibility import Viewer
from lineage.models import ColumnEdge, Job, JobDataset

FORMS = "dataset:<id>, product:<guid>, column:<dataset id>:<path> or job:<id>"


class InvalidFocus(ValueError):
    """A text has none of the forms of a focus."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(f"allowed are {FORMS}")


@dataclass(frozen=True, slots=True)
class Focus:
    """What is asked about: ids of datasets or products, columns as (dataset, path), perhaps a job."""

    name: str
    datasets: tuple[int, ...] = ()
    products: tuple[int, ...] = ()
    columns: tuple[tuple[int, str], ...] = ()
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class FocusRow:
    """The one row a focus names; a column is its dataset with a `path`."""

    name: str
    product: Product | None = None
    dataset: Dataset | None = None
    path: str = ""
    job: Job | None = None

    def focus(self) -> Focus:
        """Return it as the focus of a question."""
        if self.job is not None:
            return Focus(self.name, job=self.job)
        if self.product is not None:
            return Focus(self.name, products=(self.product.pk,))
        assert self.dataset is not None  # it is a job, a product or a dataset
        if self.path:
            return Focus(self.name, columns=((self.dataset.pk, self.path),))
        return Focus(self.name, datasets=(self.dataset.pk,))


def find_focus(text: str, user: Viewer, *, with_domain: bool = False) -> FocusRow | None:
    """Return what a text like `dataset:12` names, None where it is unknown or hidden. Raises InvalidFocus.

    A product is found by its GUID or its id, a column where the catalog or an edge knows it. Pages and REST
    both read a focus here, so that what one shows the other answers. `with_domain` loads the
    domain of a product or dataset with it.
    """
    kind, _, rest = text.partition(":")
    if kind == "product" and rest:
        return _find_product(rest, user, with_domain)
    number, _, path = rest.partition(":")
    if not _is_number(number) or (kind == "column") != bool(path):
        raise InvalidFocus(text)
    if kind == "job" and number == rest:
        job = Job.objects.visible_to(user).filter(pk=int(number)).first()
        return None if job is None else FocusRow(f"job:{job.pk}", job=job)
    if kind == "column" or (kind == "dataset" and number == rest):
        return _find_dataset(int(number), path, user, with_domain)
    raise InvalidFocus(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _find_dataset(pk: int, path: str, user: Viewer, with_domain: bool) -> FocusRow | None:
    rows = Dataset.objects.visible_to(user)
    row = (rows.select_related("domain") if with_domain else rows).filter(pk=pk).first()
    if row is None or (path and not _is_known(row, path)):
        return None
    name = f"column:{row.pk}:{path}" if path else f"dataset:{row.pk}"
    return FocusRow(name, dataset=row, path=path)


def _find_product(rest: str, user: Viewer, with_domain: bool) -> FocusRow | None:
    rows = Product.objects.visible_to(user)
    if with_domain:
        rows = rows.select_related("domain")
    row = rows.filter(guid=rest).first()
    if row is None and _is_number(rest):
        row = rows.filter(pk=int(rest)).first()
    return None if row is None else FocusRow(f"product:{row.guid}", product=row)


def _is_known(dataset: Dataset, path: str) -> bool:
    flows = Q(edge__upstream=dataset, upstream_path=path)
    flows |= Q(edge__downstream=dataset, downstream_path=path)
    known = Column.objects.filter(dataset=dataset, path=path).exists()
    return known or ColumnEdge.objects.filter(flows).exists()


def focus_on_datasets(focus: Focus, user: Viewer) -> Focus:
    """Return the focus as datasets (or columns): of a product what it serves, of a job what it writes."""
    if focus.job is not None:
        written = JobDataset.objects.filter(job=focus.job, direction="out").values("dataset_id")
        rows = Dataset.objects.visible_to(user).filter(pk__in=written).order_by("pk")
        return Focus(focus.name, datasets=tuple(rows.values_list("pk", flat=True)))
    if focus.products:
        rows = Dataset.objects.visible_to(user).filter(product__in=focus.products).order_by("pk")
        ids = tuple(rows.values_list("pk", flat=True))
        return Focus(focus.name, datasets=ids, products=focus.products)
    return focus
