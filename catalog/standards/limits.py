"""How large a document may be. Free of Django."""

from __future__ import annotations

MAX_BYTES = 16 * 1024 * 1024
#: Keys and values after aliases are written out.
MAX_VALUES = 1_000_000
DEEPEST = 100
LARGEST = 2**63 - 1
