"""Contracts and product descriptors of the standards: where they belong, and how they are published."""
