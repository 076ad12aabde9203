"""Ranking on judged queries, nDCG@10 with linear gain: `python -m benchmarks.acordar`.

Reads search/acordar in $GAZETTEER_TEST_DATA (default ../shared/data).
"""

from __future__ import annotations

import json
import math
import os
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.setting import fresh_catalog

FOLDER = Path(os.environ.get("GAZETTEER_TEST_DATA", "../shared/data")) / "search" / "acordar"


def ndcg(gains: list[float], ideal: list[float], top: int = 10) -> float:
    """Return the normalised discounted cumulative gain of a ranking (Järvelin and Kekäläinen 2002)."""

    def total(values: list[float]) -> float:
        return sum(value / math.log2(place + 2) for place, value in enumerate(values[:top]))

    best = total(sorted(ideal, reverse=True))
    return total(gains) / best if best else 0.0


def run() -> None:
    """Index the corpus and print the mean over the judged queries, for each backend."""
    if not FOLDER.is_dir():
        print(f"skipped: no judged queries at {FOLDER}")
        return
    with fresh_catalog():
        from catalog.search.backends.database import DatabaseBackend
        from catalog.search.backends.memory import MemoryBackend
        from catalog.search.base import SearchBackend
        from catalog.search.types import Document, Query

        documents, ids = [], {}
        for number, line in enumerate((FOLDER / "corpus.jsonl").open(encoding="utf-8"), 1):
            record = json.loads(line)
            ids[number] = str(record["dataset_id"])
            tags = record.get("tags") or ""
            named = tags.split(";") if isinstance(tags, str) else tags
            documents.append(
                Document(
                    kind="dataset",
                    id=number,
                    audience="public",
                    name=str(record.get("title") or ""),
                    key="",
                    description=str(record.get("description") or ""),
                    tags=tuple(str(t) for t in named if t),
                    team=str(record.get("author") or ""),
                )
            )
        queries, judged = _judged()
        backends: list[SearchBackend] = [DatabaseBackend(), MemoryBackend()]
        if url := os.environ.get("ELASTICSEARCH_URL"):
            from catalog.search.backends.elasticsearch import ElasticsearchBackend

            backends.append(ElasticsearchBackend(url, prefix="bench-acordar", timeout=30))
        for backend in backends:
            start = time.perf_counter()
            backend.rebuild(documents)
            print(f"{type(backend).__name__}: indexed in {time.perf_counter() - start:.1f} s")
            start = time.perf_counter()
            scores = []
            for key, text in queries.items():
                answer = backend.search(Query(viewers=None, text=text, kind="dataset", limit=10))
                gains = [judged[key].get(ids[hit.id], 0.0) for hit in answer.hits]
                scores.append(ndcg(gains, list(judged[key].values())))
            mean = sum(scores) / len(scores)
            print(
                f"{type(backend).__name__}: nDCG@10 {mean:.3f} over {len(scores)} queries, "
                f"{(time.perf_counter() - start) * 1000 / len(scores):.0f} ms each"
            )


def _judged() -> tuple[dict[str, str], dict[str, dict[str, float]]]:
    queries: dict[str, str] = {}
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    for path in sorted(FOLDER.glob("dev/*quer*")):
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _, text = line.partition("\t")
            queries[key] = text
    for path in sorted(FOLDER.glob("dev/*qrel*")):
        for line in path.read_text(encoding="utf-8").splitlines():
            parts = line.split()
            judged[parts[0]][parts[2]] = float(parts[3])
    return {k: v for k, v in queries.items() if k in judged}, judged


if __name__ == "__main__":
    run()
