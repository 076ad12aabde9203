"""What an operator says in files, said for the demo: which stores sources may read, and the key of the vault."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings

POLICY = """# What the sources of the demo may reach: its own made-up stores, and nothing else.
[[allow]]
connectors = ["sql", "files"]
schemes = ["sqlite", "file"]
folders = ["{stores}"]
"""


def open_sources(folder: Path) -> None:
    """Write what is not set, and let the processes of the demo inherit it."""
    if not settings.SOURCE_POLICY:
        policy = folder / "sources.toml"
        policy.write_text(POLICY.format(stores=folder / "stores"), encoding="utf-8")
        settings.SOURCE_POLICY = str(policy)
        os.environ.update(GAZETTEER_SOURCE_POLICY=str(policy))
    if not settings.VAULT_KEYS:
        keys = folder / "vault-keys"
        if not keys.exists():
            with os.fdopen(os.open(keys, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
                file.write(Fernet.generate_key() + b"\n")
        settings.VAULT_KEYS = keys.read_text(encoding="ascii").strip()
        os.environ.update(GAZETTEER_VAULT_KEYS_FILE=str(keys))
