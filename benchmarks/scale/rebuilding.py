"""A rebuild of the Elasticsearch indexes in a process of its own, with its memory as it goes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.scale.installation import Installation


def rebuilt(made: Installation, index: str) -> dict[str, float]:
    """Rebuild one index; return documents a second, seconds, and memory after a quarter and at the peak."""
    command = [sys.executable, "manage.py", "search", "rebuild", "--index", index]
    start = time.perf_counter()
    with subprocess.Popen(
        command,
        env={**os.environ, **made.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        held = [0.0]
        while process.poll() is None:
            held.append(_resident(process.pid))
            time.sleep(0.5)
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise SystemExit(f"the rebuild failed: {said[-2000:]}")
    seconds = time.perf_counter() - start
    name = index.replace("search:", "")
    quarter = max(held[: len(held) // 4 + 1])
    return {
        f"rebuild_{name}_seconds": seconds,
        f"rebuild_{name}_documents_per_second": 2 * made.count / seconds,
        f"rebuild_{name}_mb_after_a_quarter": quarter,
        f"rebuild_{name}_mb_at_peak": max(held),
    }


def _resident(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1000
    except OSError:
        pass
    return 0.0
