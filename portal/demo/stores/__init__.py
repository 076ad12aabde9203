"""The physical stores of the demo: two companies' databases and files, made up and evolving."""

from portal.demo.stores.story import advance, generate

__all__ = ["advance", "generate"]
