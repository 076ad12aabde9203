"""What a question about the graph is answered with: the same for pages, REST and exports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Level = Literal["dataset", "product", "column"]
Direction = Literal["both", "upstream", "downstream"]
NodeKind = Literal["dataset", "product", "column", "job", "domain", "restricted"]
Change = Literal["added", "removed"]


@dataclass(frozen=True, slots=True)
class ProductName:
    """A product, to name and link to."""

    guid: str
    name: str
    url: str
    id: int = 0


@dataclass(frozen=True, slots=True)
class DomainName:
    """A domain, to name and colour."""

    key: str
    name: str
    hue: int
    url: str


@dataclass(frozen=True, slots=True)
class JobName:
    """A job, to name and link to."""

    id: int
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class MoreNeighbours:
    """How many neighbours are not in the answer; `at_least`: there were too many to count them all."""

    upstream: int = 0
    downstream: int = 0
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class NodeColumn:
    """A column of a dataset in the answer."""

    path: str
    type: str


@dataclass(frozen=True, slots=True)
class GraphNode:
    """A node. `level` is its distance from the focus, negative upstream; `parent` the id of its group."""

    id: str
    kind: NodeKind
    name: str
    level: int
    is_focus: bool = False
    parent: str | None = None
    product: ProductName | None = None
    domain: DomainName | None = None
    url: str = ""
    status: str = "ok"
    type: str = ""
    more: MoreNeighbours = field(default_factory=MoreNeighbours)
    columns: tuple[NodeColumn, ...] | None = None
    parent_name: str = ""


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """A flow from `source` to `target`; kind `foreign-key` is a relation. Nothing is said of hidden ones."""

    id: str
    source: str
    target: str
    kind: str
    is_ended: bool = False
    change: Change | None = None
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    ended_at: datetime | None = None
    origin: str = ""
    confidence: str = ""
    job: JobName | None = None
    run: str | None = None
    columns: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Truncated:
    """What was left out, of what the asker may see, and in words why; `at_least`: there may be more."""

    nodes: int
    edges: int
    at_least: bool
    said: str


@dataclass(frozen=True, slots=True)
class LineageGraph:
    """Nodes from the uppermost down, and the flows between them."""

    focus: str
    level: Level
    direction: Direction
    depth: int
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    as_of: datetime | None = None
    changed_since: datetime | None = None
    truncated: Truncated | None = None

    @property
    def upstream_count(self) -> int:
        """How many nodes stand before the focus."""
        return sum(node.level < 0 for node in self.nodes)

    @property
    def downstream_count(self) -> int:
        """How many nodes stand after the focus."""
        return sum(node.level > 0 for node in self.nodes)
