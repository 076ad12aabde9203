"""Verbs of the catalog: people, domains, tokens, follows."""
