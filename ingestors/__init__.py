"""Connectors, sources and runs."""
