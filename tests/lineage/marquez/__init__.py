"""The facade of Marquez."""
