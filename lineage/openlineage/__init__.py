"""OpenLineage events: read, folded in whatever order they come, and brought into the tables."""
