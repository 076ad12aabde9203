"""Find the datasets that results of quality tools are about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q

from catalog.models import Contract, Dataset, PortDataset, Product, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.standards.quality.results import Asset
from catalog.standards.versions import current


@dataclass(slots=True)
class AssetResolver:
    """What a person may record results of; each question is answered once."""

    by: User
    product: Product | None = None
    _served: dict[int, list[Dataset]] = field(default_factory=dict)
    _contracts: dict[str, Contract | None] = field(default_factory=dict)
    _found: dict[Asset, Dataset | Product | str] = field(default_factory=dict)

    def find(self, asset: Asset) -> Dataset | Product | str:
        """Return the dataset, else the product it is about; a text says why there is none."""
        if asset not in self._found:
            self._found[asset] = self._look(asset)
        return self._found[asset]

    def _look(self, asset: Asset) -> Dataset | Product | str:
        product, names = self.product, {asset.name, *asset.names}
        if asset.contract:
            contract = self._contract(asset.contract)
            if contract is None:
                return "no contract of this id belongs to a product you may publish for"
            product = contract.product
            names |= _physical(contract, asset.name)
        if product is not None:
            return _of(self._datasets(product), names) or product
        return self._anywhere(asset, names)

    def _contract(self, key: str) -> Contract | None:
        if key not in self._contracts:
            mine = policies.where(Product.objects.order_by(), self.by, Action.PUBLISH_PRODUCT)
            rows = Contract.objects.filter(key=key, product__in=mine.values("pk"))
            self._contracts[key] = current(list(rows.select_related("product__domain")))
        return self._contracts[key]

    def _datasets(self, product: Product) -> list[Dataset]:
        if product.pk not in self._served:
            links = PortDataset.objects.filter(port__product=product, port__direction="out")
            rows = Dataset.objects.filter(pk__in=links.values("dataset"))
            self._served[product.pk] = list(rows.order_by("pk"))
        return self._served[product.pk]

    def _anywhere(self, asset: Asset, names: Collection[str]) -> Dataset | str:
        if not asset.name:
            return "names no table; say ?product="
        mine = policies.where(
            Dataset.objects.visible_to(self.by).filter(gone_at__isnull=True),
            self.by,
            Action.EDIT_DATASET,
        )
        if asset.namespace:
            exact = mine.filter(namespace=asset.namespace, name=asset.name).first()
            return exact or "no dataset of this namespace and name that you may edit"
        wanted = Q(name__in=list(names)) | Q(display_name__iexact=asset.name)
        wanted |= Q(name__iendswith=f".{asset.name}")
        rows = list(mine.filter(wanted).order_by("pk")[:50])
        if found := _of(rows, names):
            return found
        if rows:
            return f"{len(rows)} datasets are called so; say ?product= or ?namespace="
        return "no dataset of this name that you may edit"


def _of(rows: list[Dataset], names: Collection[str]) -> Dataset | None:
    """Return the one dataset of a name, the longest name first; None for none or several."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        low = name.lower()
        exact = [row for row in rows if row.name.lower() == low]
        short = [row for row in rows if low in {row.display_name.lower(), _last(row)}]
        for found in (exact, short):
            if len(found) == 1:
                return found[0]
    return None


def _last(row: Dataset) -> str:
    return row.name.lower().rpartition(".")[2]


def _physical(contract: Contract, model: str) -> set[str]:
    """Return what the contract calls a table in its store."""
    tables = contract.document.get("schema") or contract.document.get("dataset") or ()
    return {
        str(table["physicalName"])
        for table in tables
        if isinstance(table, dict)
        and model in {table.get("name"), table.get("table")}
        and table.get("physicalName")
    }
