"""Verbs that write lineage."""
