"""Questions about the graph of lineage, answered for the person who asks."""
