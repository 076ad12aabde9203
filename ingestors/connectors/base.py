"""What a connector is: a pure function of its configuration that yields records. Free of Django.

A connector reads one source (a database, a folder of files) and yields `Found` first, then one
`Table` or `Trouble` per item, then what the source itself knows of products (`Offer`), of quality
(`Checked`) and of lineage (`Transforms`), if anything. Everything in a `Table` is fit to be stored:
sensitive values were masked before it was made. The constructor does no I/O; drivers are imported when they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from catalog.descriptors import Archetype, DatasetDescriptor, Observation
from catalog.names import DatasetRef
from catalog.standards.quality.results import CheckResult
from catalog.standards.quality.results import Run as QualityRun
from ingestors.authority.permits import Permit
from ingestors.connectors.secrets import REFERENCE, is_secret_name, scrub
from ingestors.errors import ConfigInvalid, ConfigProblem
from ingestors.profile.limits import NO_OVERRIDES, Limits, Overrides
from lineage.intake.transform import Transform

#: The text of a reference to a secret; pydantic refuses anything else.
SecretReference = Annotated[str, StringConstraints(pattern=REFERENCE.pattern)]

#: Patterns of names, as `claims_*`: how long, and how many of them.
MAX_PATTERN = 200
MAX_PATTERNS = 200
NamePatterns = Annotated[
    tuple[Annotated[str, StringConstraints(max_length=MAX_PATTERN)], ...],
    Field(max_length=MAX_PATTERNS),
]


@dataclass(frozen=True, slots=True)
class Found:
    """How many items the source holds, after include and exclude patterns."""

    count: int


@dataclass(frozen=True, slots=True)
class Table:
    """A dataset as the source describes it, and what was measured of it, masked.

    `trouble` says what of it could not be read or measured as it should.
    """

    descriptor: DatasetDescriptor
    observation: Observation | None
    trouble: str = ""
    #: Whether definition and keys were read from the store itself; edges follow from them.
    is_reflected: bool = True
    #: By what the owning team may be found, the surest first: e-mail addresses, names.
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """An item that could not be read. `name` is its dataset name; it still exists."""

    namespace: str
    name: str
    message: str

    @property
    def ref(self) -> DatasetRef:
        """The identity of the dataset that could not be read."""
        return DatasetRef(self.namespace, self.name)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an offer reads: datasets of another offer of the same source, or of none (`offer` empty)."""

    port: str
    datasets: tuple[DatasetRef, ...]
    offer: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as the source itself tells of it: what it serves and what it reads.

    `fresh` are the hours within which the datasets it serves must have new data.
    """

    key: str
    name: str
    description: str = ""
    archetype: Archetype | None = None
    owners: tuple[str, ...] = ()
    support: str = ""
    tags: tuple[str, ...] = ()
    port: str = "data"
    serves: tuple[DatasetRef, ...] = ()
    reads: tuple[Reading, ...] = ()
    fresh: Mapping[DatasetRef, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks a quality tool has for the datasets, and the last runs it tells of.

    `checks` are all there are among those whose key begins with one of `prefixes`.
    """

    tool: str
    checks: tuple[CheckResult, ...]
    runs: tuple[QualityRun, ...]
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transforms:
    """How datasets are made of each other: all there is of it in the source."""

    transforms: tuple[Transform, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A line for the log of the run. `is_problem`: the harvest is not as good as it should be."""

    text: str
    is_problem: bool = False


Record = Found | Table | Trouble | Offer | Checked | Transforms | Remark


class ConnectorConfig(BaseModel):
    """The fields that every connector's configuration has."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    limits: Limits = Limits()


class Connector(Protocol):
    """Reads one source. Made by `registry.open_connector(name, config)`."""

    def judge(self, permit: Permit) -> None:
        """Refuse what the permit does not open, as far as the configuration tells; no I/O to the source.

        Raises ConfigInvalid. `check` and `read` obey the permit that the process holds, names resolved.
        """
        ...

    def check(self) -> str:
        """Reach the source and say in a sentence what is there.

        Raises ConfigInvalid or SourceUnavailable.
        """
        ...

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield `Found`, then a `Table` or a `Trouble` per item, then the rest, in a stable order.

        `at` dates the observations (default: now). Raises ConfigInvalid or SourceUnavailable,
        never anything for a single item.
        """
        ...

    def close(self) -> None:
        """Let go of connections; may be called twice."""
        ...


class ConnectorType(Protocol):
    """The class of a connector: what a registry entry names."""

    title: str
    summary: str
    config_type: type[ConnectorConfig]

    def __call__(self, config: Mapping[str, object]) -> Connector:
        """Make a connector; raise ConfigInvalid naming each field that cannot be used."""
        ...


ConfigT = TypeVar("ConfigT", bound=BaseModel)


def parse_config(model: type[ConfigT], raw: Mapping[str, object]) -> ConfigT:
    """Validate a configuration; raise ConfigInvalid naming field, value and what is allowed."""
    try:
        return model.model_validate(dict(raw))
    except ValidationError as e:
        problems = [
            _problem(model, raw, error["loc"], error["type"], error["msg"]) for error in e.errors()
        ]
        raise ConfigInvalid(problems) from None


def _problem(
    model: type[BaseModel],
    raw: Mapping[str, object],
    location: tuple[int | str, ...],
    code: str,
    message: str,
) -> ConfigProblem:
    path = ".".join(str(part) for part in location)
    if code == "extra_forbidden":
        return ConfigProblem(path, "", f"unknown field; known are {_known(model, location)}")
    if code == "missing":
        return ConfigProblem(path, "", "must be given")
    return ConfigProblem(path, _shown(raw, location), message.removeprefix("Value error, "))


def _known(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    fields = model.model_fields
    for part in location[:-1]:
        field = fields.get(str(part))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            fields = inner.model_fields
    return ", ".join(sorted(fields))


def _shown(raw: Mapping[str, object], location: tuple[int | str, ...]) -> str:
    value: object = raw
    for part in location:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
    if any(is_secret_name(str(part)) for part in location):
        return "•••"
    return scrub(repr(value))[:200]
