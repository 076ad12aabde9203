"""The tutorial is true: its commands, run in order in an empty folder, print what the page says."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.installations import ENGINES, ROOT, Installation

PAGE = ROOT / "docs" / "tutorial.md"
#: A block of commands, and what the page says they print, if it does.
_STEP = re.compile(r"^```bash\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
_END = "end of block"


class Terminal:
    """One bash in which blocks are pasted one after the other."""

    def __init__(self, home: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if key not in ENGINES}
        self.bash = subprocess.Popen(
            ["bash"],
            cwd=ROOT,
            env={
                **kept,
                "HOME": str(home),
                "WEB_PORT": str(free_port()),
                "CELERY_SKIP_CHECKS": "1",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def paste(self, block: str) -> tuple[int, str]:
        """Run a block; return how its last command ended and everything it printed."""
        assert self.bash.stdin is not None
        assert self.bash.stdout is not None
        self.bash.stdin.write(f"{block}\nended=$?; echo; echo {_END} $ended\n")
        self.bash.stdin.flush()
        printed: list[str] = []
        for line in self.bash.stdout:
            if line.startswith(_END):
                return int(line.removeprefix(_END)), "".join(printed)
            printed.append(line)
        pytest.fail(f"the terminal ended: {''.join(printed)}")

    def close(self) -> None:
        """End the shell with all that still runs in it."""
        with suppress(ProcessLookupError):
            os.killpg(self.bash.pid, signal.SIGKILL)
        self.bash.communicate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Open a terminal in the checkout, with an empty home; its first `migrate` finds the tables made."""
    data = Installation(tmp_path / "bakery" / "data")
    data.migrate()
    opened = Terminal(tmp_path)
    yield opened
    opened.close()


def is_shown(said: str, printed: str) -> bool:
    """Tell whether each line of the page is printed; `…` stands for anything."""
    return all(
        re.search(".*".join(map(re.escape, line.split("…"))), printed) for line in said.splitlines()
    )


@pytest.mark.timeout(600)
def test_the_commands_of_the_tutorial_print_what_it_says(terminal: Terminal) -> None:
    steps = _STEP.findall(PAGE.read_text())
    assert len(steps) > 10
    for block, said in steps:
        status, printed = terminal.paste(block)
        assert status == 0, f"{block}\n{printed}"
        assert is_shown(said, printed), f"{block}\nprinted {printed}\nthe page says {said}"
