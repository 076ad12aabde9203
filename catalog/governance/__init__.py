"""Standards of the mesh: who owns which names."""
