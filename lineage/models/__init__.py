"""Jobs, runs, edges, and the events that tell of them."""

from lineage.models.claims import AliasStatement, ClaimBody, RunClaim
from lineage.models.datasets import DatasetAlias, DatasetFacet, DatasetLifecycle, FacetWay
from lineage.models.edges import ColumnEdge, Confidence, Edge, EdgeKind, LineageChange
from lineage.models.events import EventKind, LineageEvent
from lineage.models.jobs import Direction, Job, JobDataset, JobRun, JobType, RunDataset, RunState

__all__ = [
    "AliasStatement",
    "ClaimBody",
    "ColumnEdge",
    "Confidence",
    "DatasetAlias",
    "DatasetFacet",
    "DatasetLifecycle",
    "Direction",
    "Edge",
    "EdgeKind",
    "EventKind",
    "FacetWay",
    "Job",
    "JobDataset",
    "JobRun",
    "JobType",
    "LineageChange",
    "LineageEvent",
    "RunClaim",
    "RunDataset",
    "RunState",
]
