"""Refuse a Python that is too old, in words, before anything is installed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (this file runs on whatever Python the machine has)
    found = ".".join(map(str, sys.version_info[:3]))
    sys.exit(
        f"Gazetteer needs Python 3.11 or newer; {sys.executable} is {found}. Try: make PYTHON=python3.11"
    )
