"""A source as it is read: by a process of its own, with its own authority, within bounds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from ingestors.connectors import registry
from ingestors.errors import SourceUnavailable
from ingestors.isolation.reader import Isolated, Tick
from ingestors.models import Source
from ingestors.services.authority import authority_of


def isolated(source: Source, config: Mapping[str, Any], *, tick: Tick) -> Isolated:
    """Return the connector of a source, in a process of its own. Raises ConfigInvalid."""
    return Isolated(
        registry.address_of(source.connector),
        config,
        authority_of(source),
        memory_mb=settings.HARVEST_MEMORY_MB,
        seconds=settings.HARVEST_CPU_SECONDS,
        tick=tick,
    )


def patience(seconds: float) -> Tick:
    """Return what gives up after a while: a store that does not answer must not hold a page."""
    deadline = time.monotonic() + seconds

    def tick() -> None:
        if time.monotonic() > deadline:
            raise SourceUnavailable(f"it did not answer within {seconds:.0f} s")

    return tick
