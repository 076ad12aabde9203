"""OpenLineage."""
