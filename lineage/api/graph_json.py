"""An answer as JSON, written straight from its dataclasses: a serializer is too slow for thousands of nodes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lineage.graph.types import GraphEdge, GraphNode, LineageGraph, Truncated


def answer_json(answer: LineageGraph) -> dict[str, Any]:
    """Return what `LineageGraphSerializer` describes."""
    return {
        "focus": answer.focus,
        "level": answer.level,
        "direction": answer.direction,
        "depth": answer.depth,
        "asOf": moment(answer.as_of),
        "changedSince": moment(answer.changed_since),
        "nodes": [node_json(node) for node in answer.nodes],
        "edges": [edge_json(edge) for edge in answer.edges],
        "truncated": truncated_json(answer.truncated),
    }


def node_json(node: GraphNode) -> dict[str, Any]:
    """Return one node."""
    product, domain, columns = node.product, node.domain, node.columns
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "level": node.level,
        "isFocus": node.is_focus,
        "parent": node.parent,
        "parentName": node.parent_name,
        "product": product and {"id": product.guid, "name": product.name, "url": product.url},
        "domain": domain
        and {"key": domain.key, "name": domain.name, "hue": domain.hue, "url": domain.url},
        "url": node.url,
        "status": node.status,
        "type": node.type,
        "more": {
            "upstream": node.more.upstream,
            "downstream": node.more.downstream,
            "atLeast": node.more.at_least,
        },
        "columns": None
        if columns is None
        else [{"path": column.path, "type": column.type} for column in columns],
    }


def edge_json(edge: GraphEdge) -> dict[str, Any]:
    """Return one edge."""
    job = edge.job
    return {
        "id": edge.id,
        "source": edge.source,
        "target": edge.target,
        "kind": edge.kind,
        "isEnded": edge.is_ended,
        "change": edge.change,
        "firstSeenAt": moment(edge.first_seen_at),
        "lastSeenAt": moment(edge.last_seen_at),
        "endedAt": moment(edge.ended_at),
        "origin": edge.origin,
        "confidence": edge.confidence,
        "job": job and {"id": job.id, "namespace": job.namespace, "name": job.name},
        "run": edge.run,
        "columns": [list(columns) for columns in edge.columns],
    }


def truncated_json(cut: Truncated | None) -> dict[str, Any] | None:
    """Return what was left out."""
    if cut is None:
        return None
    return {"nodes": cut.nodes, "edges": cut.edges, "atLeast": cut.at_least, "said": cut.said}


def moment(at: datetime | None) -> str | None:
    """Return a moment as REST writes it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")
