"""How each figure grows with the mesh: `python -m benchmarks.growth`, after `benchmarks.scale` at several sizes."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
#: A rate that falls as fast as the mesh grows, or a time that rises as fast: work is then linear per answer.
LINEAR = 1.0
NOISE = 0.15


def run() -> None:
    """Print each figure at each size; the exponent says how it grows: 0 not at all, 1 with the mesh."""
    kept: list[dict[str, Any]] = sorted(
        (json.loads(path.read_text()) for path in RESULTS.glob("scale-*.json")),
        key=lambda one: one["products"],
    )
    if len(kept) < 2:
        print("skipped: run `python -m benchmarks.scale COUNT` at two sizes or more first")
        return
    sizes = [one["products"] for one in kept]
    print(f"| figure | {' | '.join(f'{size:,}' for size in sizes)} | grows as n^ |")
    print(f"|---|{'---|' * len(sizes)}---|")
    for name in kept[0]["figures"]:
        values = [one["figures"].get(name) for one in kept]
        shown = " | ".join("" if v is None else f"{v:,.1f}" for v in values)
        print(f"| {name} | {shown} | {_exponent(name, sizes, values)} |")


def _exponent(name: str, sizes: list[int], values: list[float | None]) -> str:
    known = [(n, v) for n, v in zip(sizes, values, strict=True) if v]
    if len(known) < 2:
        return ""
    (small, first), (large, last) = known[0], known[-1]
    grown = math.log(last / first) / math.log(large / small)
    if name.endswith("_per_second"):
        grown = -grown
    return f"{grown:.2f}{' worse than linear' if grown > LINEAR + NOISE else ''}"


if __name__ == "__main__":
    run()
