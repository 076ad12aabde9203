"""A throw-away SQLite database for benchmarks, and how the machine is named."""

from __future__ import annotations

import os
import platform
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_catalog() -> Iterator[Path]:
    """Point Django at an empty catalog in a temporary folder; call before any model is imported."""
    with tempfile.TemporaryDirectory(prefix="gazetteer-bench-") as folder:
        os.environ["GAZETTEER_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield Path(folder)


def machine() -> str:
    """Name the machine in a line."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def peak_memory() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
