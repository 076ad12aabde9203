"""Jobs, runs and edges."""
