"""How large a document may be. Free of Django."""

from __future__ import annotations

MAX_BYTES = 16 * 1024 * 1024
#: Keys and values after aliases are written out.
MAX_VALUES = 1_000_000
DEEPEST = 100
LARGEST = 2**63 - 1


def text_fault(text: str) -> str:
    """Say why a text cannot be kept; empty: it can."""
    if "\0" in text:
        return "holds the character NUL (U+0000), which no text may hold"
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        return "has half of a surrogate pair, which is no Unicode"
    return ""
