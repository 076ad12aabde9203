"""Plant small faults, one at a time, and see whether the test file one would expect fails: `make mutants`.

Each fault replaces one text, which stands once in its file, and names the test files that must notice. The work is
done in copies of the checkout; nothing here changes it. The score and what was missed are printed; it ends with 1
below `LEAST`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

from tests.mutants.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
LEAST = 0.9
AT_ONCE = 2


@contextmanager
def copies(count: int) -> Iterator[Queue[Path]]:
    """Give folders with a copy of the checkout each, and take them away again."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    free: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory(prefix="gazetteer-mutants-") as made:
        for number in range(count):
            folder = Path(made) / str(number)
            for name in names:
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
            built = ROOT / "portal" / "frontend" / "dist"
            if built.is_dir():
                (folder / "portal" / "frontend" / "dist").symlink_to(built)
            free.put(folder)
        yield free


def is_noticed(fault: Fault, free: Queue[Path]) -> bool:
    """Plant a fault in a free copy, run its tests, and mend the copy."""
    folder = free.get()
    try:
        fault.plant(folder)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            *fault.tests.split(),
        ]
        data = os.environ.get("GAZETTEER_TEST_DATA", str(ROOT.parent / "shared" / "data"))
        environment = {**os.environ, "GAZETTEER_TEST_DATA": data, "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        if ran.returncode > 1:
            raise RuntimeError(
                f"{fault}\n{ran.stdout.decode()[-2000:]}{ran.stderr.decode()[-2000:]}"
            )
        return ran.returncode == 1
    finally:
        shutil.copyfile(ROOT / fault.file, folder / fault.file)
        free.put(folder)


def main(words: Sequence[str]) -> int:
    """Plant the faults whose file or text has one of the words; all without words."""
    chosen = [
        f for f in FAULTS if not words or any(word in f"{f.file} {f.before}" for word in words)
    ]
    noticed = []
    with copies(AT_ONCE) as free, ThreadPoolExecutor(AT_ONCE) as pool:
        for fault, is_seen in zip(
            chosen, pool.map(lambda fault: is_noticed(fault, free), chosen), strict=True
        ):
            noticed.append(is_seen)
            print("noticed" if is_seen else f"MISSED by {fault.tests}", fault, flush=True)
    share = sum(noticed) / len(chosen) if chosen else 1.0
    print(
        f"{sum(noticed)} of {len(chosen)} faults noticed: {share:.0%}; at least {LEAST:.0%} are wanted"
    )
    return 0 if share >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
