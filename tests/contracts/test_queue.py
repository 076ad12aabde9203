"""The embedded queue keeps what a queue promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.contracts.queue import QueueContract


class TestQueueInAFile(QueueContract):
    """A file that no process has made before the first one needs it."""

    @pytest.fixture
    def how(self, tmp_path: Path) -> dict[str, Any]:
        """Say how the processes connect."""
        options = {"file": str(tmp_path / "data" / "queue.sqlite3"), "polling_interval": 0.01}
        return {"transport": "portal.broker:Transport", "transport_options": options}
