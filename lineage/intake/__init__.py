"""What harvests, transforms and pushes state of lineage."""
