"""The graph of lineage in memory: compressed adjacency, kept in step with the log of changes."""
