"""Bring in what a source itself knows beyond its datasets: lineage, checks and how they ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import Dataset, Product
from catalog.people.namespaces import NameRights, tell
from catalog.standards.quality.results import Asset
from catalog.trust.tool_runs import record_found, state_found
from ingestors.connectors.base import Checked, Offer, Transforms
from lineage.intake.transform_edges import state_transforms
from lineage.models import EdgeKind

#: A clock may be ahead by so much.
AHEAD = timedelta(days=1)


@dataclass(slots=True)
class SourceExtras:
    """What a source told of itself, kept until everything of it was read."""

    offers: list[Offer] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    transforms: list[Transforms] = field(default_factory=list)

    def add(self, record: Offer | Checked | Transforms) -> None:
        """Keep a record."""
        if isinstance(record, Offer):
            self.offers.append(record)
        elif isinstance(record, Checked):
            self.checked.append(record)
        else:
            self.transforms.append(record)

    def state_edges(self, *, source: str, at: datetime, names: NameRights) -> tuple[str, ...]:
        """Bring the edges into its datasets up to date; return what was not understood.

        What is made of names that belong to others is left out.
        """
        if not self.transforms:
            return ()
        every = [one for said in self.transforms for one in said.transforms]
        made = tell({(one.makes.namespace, one.makes.name) for one in every}, names)
        foreign = {address for address, said in made.items() if said.standing == "foreign"}
        own = [one for one in every if (one.makes.namespace, one.makes.name) not in foreign]
        return state_transforms(own, kind=EdgeKind.DBT, source=source, at=at).problems

    def state_checks(self, datasets: Collection[int], *, at: datetime) -> list[str]:
        """Bring the checks of its datasets up to date, then record how they ended; return what could not be."""
        problems: list[str] = []
        places = Own(datasets if self.checked else ())
        for checked in self.checked:
            state_found(
                checked.tool,
                checked.checks,
                at=at,
                places=places,
                datasets=datasets,
                prefixes=checked.prefixes,
            )
            late = [run for run in checked.runs if run.at > timezone.now() + AHEAD]
            problems += [f"run {run.run_id} lies in the future: {run.at:%Y-%m-%d}" for run in late]
            record_found([run for run in checked.runs if run not in late], places=places)
        return problems


class Own:
    """The datasets of one source by their address: what its checks may be about."""

    def __init__(self, datasets: Collection[int]) -> None:
        rows = Dataset.objects.filter(pk__in=datasets)
        self._known = {(row.namespace, row.name): row for row in rows}

    def find(self, asset: Asset) -> Dataset | Product | str:
        """Return the dataset of an address."""
        found = self._known.get((asset.namespace, asset.name))
        return found or "the source has no such dataset"
