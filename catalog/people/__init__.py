"""Domains, teams, members, tokens; who may do what, and who sees what."""
