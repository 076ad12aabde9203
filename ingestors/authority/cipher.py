"""Secrets as they are kept: encrypted with a key that the database does not hold. Free of Django.

Fernet (AES-128-CBC with HMAC-SHA256). Of several keys the first encrypts and every one decrypts, so a key is changed
by putting a new one first, writing every secret anew, and taking the old one away. What a secret is called is
sealed in with it: a ciphertext that is put in the place of another is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

HOW = "make one with: manage.py vault key"


class KeysInvalid(ValueError):
    """The keys cannot be used; the message holds none of them."""


class Undecipherable(ValueError):
    """None of the keys decrypts it, or it is not what it is said to be."""


class Cipher:
    """Encrypts and decrypts with the keys of an operator."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise KeysInvalid(f"there is no key; {HOW}")
        try:
            self._keys = MultiFernet([Fernet(key) for key in keys])
        except (ValueError, TypeError):
            raise KeysInvalid(f"a key is not 32 bytes in URL-safe base64; {HOW}") from None

    def __repr__(self) -> str:
        return "Cipher(•••)"

    def seal(self, value: str, *, name: str) -> str:
        """Encrypt a secret that is called so."""
        return self._keys.encrypt(json.dumps([name, value]).encode()).decode()

    def open(self, sealed: str, *, name: str) -> str:
        """Decrypt a secret. Raises Undecipherable."""
        try:
            called, value = json.loads(self._keys.decrypt(sealed.encode()))
        except (InvalidToken, ValueError):
            raise Undecipherable("no key of this installation decrypts it") from None
        if called != name:
            raise Undecipherable("it was kept under another name")
        return str(value)

    def renew(self, sealed: str) -> str:
        """Encrypt again with the first key, whatever it is called. Raises Undecipherable."""
        try:
            return self._keys.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise Undecipherable("no key of this installation decrypts it") from None


def read_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a text, with commas, spaces or lines between."""
    return tuple(filter(None, re.split(r"[\s,]+", text)))


def make_key() -> str:
    """Return a new key."""
    return Fernet.generate_key().decode()
