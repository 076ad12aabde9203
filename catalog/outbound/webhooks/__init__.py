"""Signed events to receivers elsewhere, in order, at least once each."""
