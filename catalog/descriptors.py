"""The typed documents that every source of metadata produces. Free of Django.

A descriptor is a *statement*: what is set was said, what is not set was not said (pydantic's
`model_fields_set`). `dump()` gives just what was said; the door merges those statements field by field.
List items are matched by their key (see `ITEM_KEYS`). Measurements (`Observation`) are not statements:
they are recorded with their time and never merged. Empty lists come from factories: pydantic copies other
defaults deeply, at thirty times the cost.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from catalog.literals import mask_literals
from catalog.moments import day_of
from catalog.names import GUID, KEY, DatasetRef, ProductRef
from catalog.sensitivity import Sensitivity as Sensitivity

Key = Annotated[str, StringConstraints(pattern=KEY.pattern)]
Guid = Annotated[str, StringConstraints(pattern=GUID.pattern)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Text = Annotated[str, StringConstraints(max_length=100_000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
JsonValue = str | int | float | bool | None


def _as_written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _is_moment(text: str) -> str:
    day_of(text)
    return text


#: A day or a moment that keeps its spelling: what was sent is what is given back.
Moment = Annotated[str, BeforeValidator(_as_written), AfterValidator(_is_moment)]


class LayerKind(StrEnum):
    """Who speaks; a later member wins over an earlier one."""

    HARVESTED = "harvested"
    DECLARED = "declared"
    CURATED = "curated"


class Archetype(StrEnum):
    """The place of a product between sources and consumers."""

    SOURCE_ALIGNED = "source-aligned"
    AGGREGATE = "aggregate"
    CONSUMER_ALIGNED = "consumer-aligned"


class Status(StrEnum):
    """The lifecycle of a product."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Classification(StrEnum):
    """How sensitive a product or dataset is; a later member is more sensitive."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class Visibility(StrEnum):
    """Who may know that something exists; a later member is narrower."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed-in"
    DOMAIN = "domain"
    TEAM = "team"


class Dimension(StrEnum):
    """The quality dimensions that checks belong to (ODCS 3.2 names them; `validity` is its conformity)."""

    COMPLETENESS = "completeness"
    UNIQUENESS = "uniqueness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"
    COVERAGE = "coverage"


class Indicator(StrEnum):
    """What an objective measures."""

    FRESHNESS = "freshness"  # age of the newest row, hours
    COMPLETENESS = "completeness"  # filled share of required columns, percent
    UNIQUENESS = "uniqueness"  # distinct share of keys, percent
    AVAILABILITY = "availability"  # share of harvests that reached the store, percent
    VOLUME = "volume"  # rows
    SCHEMA_STABILITY = (
        "schema-stability"  # columns removed or retyped since the last harvest, count
    )
    CUSTOM = "custom"  # pushed from outside


Comparison = Literal["<=", ">=", "<", ">", "="]


class _Statement(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=True)

    def dump(self) -> dict[str, Any]:
        """Return just what was said, as JSON values."""
        return self.model_dump(mode="json", exclude_unset=True)


class DatasetAddress(_Statement):
    """The physical identity of a dataset, as data."""

    namespace: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class PortDescriptor(_Statement):
    """A way in or out of a product. Key: (direction, name, major)."""

    direction: Literal["in", "out"]
    name: Key
    major: int = 1
    version: str = ""
    display_name: str = ""
    description: Text = ""
    technology: str = ""
    location: str = ""  # address people connect to, without secrets
    datasets: list[DatasetAddress] = Field(
        default_factory=list
    )  # out: what it serves; in: what it reads
    upstream: str = ""  # in: `domain/key` of the product it reads
    contract: str = ""  # out: id of the contract it keeps
    sunset_on: date | None = None


class ObjectiveDescriptor(_Statement):
    """A service level objective. Key: `key`."""

    key: Key
    name: str = ""
    port: str = ""  # output port; empty for the whole product
    indicator: Indicator
    comparison: Comparison
    target: Decimal
    unit: str = ""
    window_days: int = Field(default=30, ge=1, le=400)
    element: str = ""  # dataset name or `dataset.column` it looks at; empty for all
    description: str = ""


class CheckDescriptor(_Statement):
    """A declared quality rule. Key: `key`."""

    key: Key
    name: str = ""
    dimension: Dimension
    rule: Literal[
        "not-null",
        "unique",
        "enum",
        "pattern",
        "range",
        "row-count",
        "foreign-key",
        "fresh",
        "custom",
    ]
    dataset: DatasetAddress | None = None
    column: str = ""
    params: dict[str, JsonValue | list[JsonValue]] = Field(default_factory=dict)
    severity: Literal["error", "warning"] = "error"
    description: str = ""


class PromisedColumn(_Statement):
    """A column as a contract promises it. Key: (`object`, `path`)."""

    object: str = ""  # the table, topic or file of the contract it stands in
    path: str
    type: str = ""
    required: bool = False
    unique: bool = False
    description: str = ""


class ContractDescriptor(_Statement):
    """What an output port promises. Key: (`key`, `version`)."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    port: str = ""
    status: str = "active"
    purpose: Text = ""
    usage: Text = ""
    limitations: Text = ""
    terms: Text = ""
    columns: list[PromisedColumn] = Field(default_factory=list)
    document: dict[str, Any] = Field(
        default_factory=dict
    )  # the whole standard document, unknown parts kept


class ProductDescriptor(_Statement):
    """A data product, in whole or in part. `domain` and `key` always say which one."""

    domain: Key
    key: Key
    guid: Guid | None = None
    name: Name = ""
    description: Text = ""
    team: Key | None = None  # key of the owning team
    archetype: Archetype | None = None
    status: Status = Status.ACTIVE
    successor: str = ""  # `domain/key`
    sunset_on: date | None = None
    version: str = ""
    source_code_location: Annotated[str, StringConstraints(max_length=1000)] = ""
    classification: Classification | None = None
    required_security_group: Annotated[str, StringConstraints(max_length=500)] = ""
    visibility: Visibility | None = None  # None: as its domain
    support: Annotated[str, StringConstraints(max_length=500)] = ""
    certified: bool = False
    created_on: Moment | None = None
    readable_key: Annotated[str, StringConstraints(max_length=130)] = ""  # where not `domain/key`
    tags: list[Label] = Field(default_factory=list)
    ports: list[PortDescriptor] = Field(default_factory=list)
    contracts: list[ContractDescriptor] = Field(default_factory=list)
    objectives: list[ObjectiveDescriptor] = Field(default_factory=list)
    checks: list[CheckDescriptor] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict)

    @property
    def ref(self) -> ProductRef:
        """The product's readable address."""
        return ProductRef(self.domain, self.key)


class ColumnDescriptor(_Statement):
    """A column. Key: `path` (nested fields by dotted path)."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    ordinal: int = 0
    type: str = ""  # logical: string integer number boolean date timestamp time binary object array
    native_type: str = ""  # as the store calls it
    nullable: bool = True
    primary_key: bool = False
    unique: bool = False
    description: Text = ""
    sensitivity: Sensitivity = Sensitivity.NONE
    sensitivity_reason: str = ""
    unmasked: bool = False  # an owner allowed raw values; takes effect at the next harvest
    tags: list[Label] = Field(default_factory=list)


class ForeignKey(_Statement):
    """A reference from columns here to columns of another dataset."""

    columns: list[str]
    namespace: str
    name: str
    references: list[str]


class DatasetDescriptor(_Statement):
    """A physical dataset, in whole or in part. `namespace` and `name` always say which one."""

    namespace: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    display_name: str = ""  # short: the table or file stem
    description: Text = ""
    kind: Literal["table", "view", "file", "topic"] = "table"
    technology: str = ""  # sqlite postgresql parquet csv ndjson json
    domain: Key | None = None
    team: Key | None = None
    tags: list[Label] = Field(default_factory=list)
    columns: list[ColumnDescriptor] = Field(default_factory=list)
    primary_key: list[str] = Field(default_factory=list)
    foreign_keys: list[ForeignKey] = Field(default_factory=list)
    indexes: list[dict[str, Any]] = Field(default_factory=list)  # {name, columns, unique}
    view_definition: str = ""  # its literals are hidden: they are data
    extra: dict[str, Any] = Field(default_factory=dict)

    @field_validator("view_definition")
    @classmethod
    def hide_literals(cls, value: str, info: ValidationInfo) -> str:
        """Keep what a view reads and does, not the values it names."""
        return mask_literals(value, str(info.data.get("technology") or ""))

    @property
    def ref(self) -> DatasetRef:
        """The dataset's physical identity."""
        return DatasetRef(self.namespace, self.name)


Descriptor = ProductDescriptor | DatasetDescriptor

#: How the items of each list are told apart; lists not named here are replaced as a whole.
ITEM_KEYS: dict[str, tuple[str, ...]] = {
    "ports": ("direction", "name", "major"),
    "contracts": ("key", "version"),
    "objectives": ("key",),
    "checks": ("key",),
    "columns": ("path",),
}


class FrequentValue(_Statement):
    """One of the most frequent values and how often it was seen."""

    value: str
    count: int


class ColumnProfile(_Statement):
    """What a profile found of one column. Numbers describe the rows looked at (`Observation.rows_profiled`)."""

    path: str
    rows: int
    nulls: int
    distinct: int | None = None
    distinct_is_approximate: bool = False
    minimum: str | None = None
    maximum: str | None = None
    mean: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    histogram: list[tuple[str, str, int]] = Field(
        default_factory=list
    )  # (from, to, count), numbers and dates
    frequent: list[FrequentValue] = Field(default_factory=list)
    masked: str = ""  # why statistics were dropped, e.g. "e-mail"


class KeyFinding(_Statement):
    """How a declared key or foreign key held in the data."""

    kind: Literal["unique", "foreign-key"]
    columns: list[str]
    references: str = ""  # name of the referenced dataset
    rows: int
    violations: int


class Observation(_Statement):
    """What was measured of one dataset at one time."""

    namespace: str
    name: str
    observed_at: datetime
    row_count: int | None = None
    row_count_is_estimate: bool = False
    byte_size: int | None = None
    data_updated_at: datetime | None = None  # newest timestamp in the data, else the file's own
    rows_profiled: int | None = None
    columns: list[ColumnProfile] = Field(default_factory=list)
    keys: list[KeyFinding] = Field(default_factory=list)
    sample_columns: list[str] = Field(default_factory=list)
    sample_rows: list[list[JsonValue]] = Field(default_factory=list)  # masked
    sample_masked: dict[str, str] = Field(default_factory=dict)  # column path -> reason
    notes: list[str] = Field(default_factory=list)  # what was cut short, and why

    @property
    def ref(self) -> DatasetRef:
        """The dataset's physical identity."""
        return DatasetRef(self.namespace, self.name)
