"""Run every benchmark in a process of its own: `python -m benchmarks`."""

import subprocess
import sys

for name in ("door", "acordar", "search", "profile", "events"):
    subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)
