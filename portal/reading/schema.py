"""The columns of a dataset: what is stated, what was measured, what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.descriptors import ColumnProfile, PromisedColumn
from catalog.models import Column, Contract, Dataset, Profile
from catalog.registry.origins import Claim, origins
from portal.rendering.formats import number, short


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One line of the schema table. `column` is empty for what was promised and not found."""

    path: str
    column: Column | None
    profile: ColumnProfile | None
    refers_to: str
    promised: PromisedColumn | None
    difference: str
    said: tuple[Claim, ...] = ()

    @property
    def focus(self) -> str:
        """The column as the lineage explorer names it."""
        return f"column:{self.column.dataset_id}:{self.path}" if self.column else ""

    @property
    def type(self) -> str:
        """The type found, else the type promised."""
        if self.column is not None:
            return self.column.type
        return self.promised.type if self.promised else ""

    @property
    def text(self) -> str:
        """The description found, else the one promised."""
        found = self.column.description if self.column else ""
        return found or (self.promised.description if self.promised else "")

    @property
    def null_share(self) -> float | None:
        """The share of nulls, 0 to 1."""
        if self.profile is None or not self.profile.rows:
            return None
        return self.profile.nulls / self.profile.rows

    @property
    def distinct(self) -> str:
        """How many different values there are, in short."""
        if self.profile is None or self.profile.distinct is None:
            return ""
        return ("≈ " if self.profile.distinct_is_approximate else "") + short(self.profile.distinct)

    @property
    def top(self) -> str:
        """The most frequent values in one line."""
        if self.profile is None:
            return ""
        return ", ".join(one.value for one in self.profile.frequent[:3])

    @property
    def figures(self) -> list[tuple[str, str]]:
        """Everything measured, as pairs of label and text."""
        found = self.profile
        if found is None:
            return []
        lengths = ""
        if found.min_length is not None:
            lengths = f"{found.min_length} to {found.max_length}"
        pairs = [
            ("Rows looked at", short(found.rows)),
            ("Empty", short(found.nulls)),
            ("Different values", self.distinct),
            ("Least", found.minimum or ""),
            ("Greatest", found.maximum or ""),
            ("Mean", "" if found.mean is None else number(found.mean)),
            ("Length", lengths),
        ]
        return [(label, text) for label, text in pairs if text]


@dataclass(frozen=True, slots=True)
class Schema:
    """The table of one dataset."""

    dataset: Dataset
    rows: tuple[ColumnRow, ...]
    profile: Profile | None
    has_promises: bool

    @property
    def differences(self) -> int:
        """How many columns are not as promised."""
        return sum(1 for row in self.rows if row.difference)

    @property
    def sensitive(self) -> int:
        """How many columns hold personal or secret content."""
        return sum(1 for row in self.rows if row.column and row.column.sensitivity != "none")


def read_schema(
    dataset: Dataset, contracts: Iterable[Contract] = (), *, with_origins: bool = False
) -> Schema:
    """Read the columns of a dataset with its profile, beside what the contracts promise."""
    claims = origins(dataset) if with_origins else {}
    profile = Profile.objects.filter(dataset=dataset).first()
    measured = {one.path: one for one in _profiles(profile)}
    promised = {one.path: one for contract in contracts for one in promises_for(dataset, contract)}
    targets = _targets(dataset)
    columns = list(dataset.columns.all())
    rows = [
        ColumnRow(
            path=column.path,
            column=column,
            profile=measured.get(column.path),
            refers_to=targets.get(column.path, ""),
            promised=promised.get(column.path),
            difference=difference(column, promised),
            said=claims.get(f"columns[{column.path}].description", ()),
        )
        for column in columns
    ]
    found = {column.path for column in columns}
    rows += [
        ColumnRow(path, None, None, "", promise, "promised, not found")
        for path, promise in promised.items()
        if path not in found
    ]
    return Schema(dataset, tuple(rows), profile, bool(promised))


def _profiles(profile: Profile | None) -> list[ColumnProfile]:
    return [] if profile is None else [ColumnProfile.model_validate(one) for one in profile.columns]


def names_of(dataset: Dataset) -> frozenset[str]:
    """Return what a contract may call a dataset: its whole name, its last part, its short name."""
    whole = dataset.name.lower()
    return frozenset({whole, dataset.display_name.lower(), whole.rpartition(".")[2]})


def promises_for(dataset: Dataset, contract: Contract) -> list[PromisedColumn]:
    """Return what a contract promises of one dataset: the table of its name, or the only one there is."""
    columns = [PromisedColumn.model_validate(one) for one in contract.columns]
    names = names_of(dataset)
    own = [one for one in columns if not one.object or one.object.lower() in names]
    is_only = len({one.object for one in columns}) == 1
    return columns if is_only else own


def difference(column: Column, promised: Mapping[str, PromisedColumn]) -> str:
    """Say how a column differs from what is promised; empty: it does not."""
    promise = promised.get(column.path)
    if promise is None:
        return "not promised" if promised else ""
    if (
        promise.type
        and column.type
        and promise.type.lower() not in {column.type, column.native_type.lower()}
    ):
        return f"promised {promise.type}"
    if promise.required and column.nullable:
        return "promised never empty"
    return ""


def _targets(dataset: Dataset) -> dict[str, str]:
    return {
        column: f"{key.get('name', '')}.{target}"
        for key in dataset.foreign_keys
        for column, target in zip(key.get("columns", []), key.get("references", []), strict=False)
    }
