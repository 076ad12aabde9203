"""What a queue of tasks promises: every message once and whole, whoever puts and takes, whoever dies."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from queue import Empty
from typing import Any

from kombu import Connection

#: Says what it takes, a line each; with a number, it takes so many and then waits to be killed.
READER = """
import sys, time
from queue import Empty
from kombu import Connection
with Connection(**{how!r}) as connection:
    queue = connection.SimpleQueue("harvest")
    print("ready", flush=True)
    for count in range({most}):
        try:
            message = queue.get(timeout={patience})
        except Empty:
            break
        message.ack()
        print(message.payload["number"], len(message.payload["text"]), flush=True)
    else:
        queue.get(timeout=1)
        time.sleep(600)
"""
WRITER = """
from kombu import Connection
with Connection(**{how!r}) as connection:
    queue = connection.SimpleQueue("harvest")
    for number in range({first}, {first} + {count}):
        queue.put({{"number": number, "text": "x" * (number * 37 % 20_000)}})
"""


def run(code: str) -> subprocess.Popen[str]:
    """Run Python code in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


class QueueContract:
    """Inherit, and give `how` as a fixture: the arguments of kombu's Connection."""

    WRITERS, READERS, EACH = 4, 4, 400

    def test_messages_come_in_order_and_once(self, how: dict[str, Any]) -> None:
        with Connection(**how) as connection:
            queue = connection.SimpleQueue("follow")
            for number in range(5):
                queue.put({"number": number})
            assert queue.qsize() == 5
            assert [queue.get(timeout=5).payload["number"] for _ in range(5)] == list(range(5))
            assert queue.qsize() == 0

    def test_what_was_taken_and_not_done_comes_again_when_a_worker_leaves(
        self, how: dict[str, Any]
    ) -> None:
        with Connection(**how) as connection:
            queue = connection.SimpleQueue("follow")
            queue.put({"number": 1})
            queue.get(timeout=5)
        with Connection(**how) as connection:
            assert connection.SimpleQueue("follow").get(timeout=5).payload == {"number": 1}

    def test_many_writers_and_readers_lose_double_and_break_nothing(
        self, how: dict[str, Any]
    ) -> None:
        readers = [run(READER.format(how=how, most=10**9, patience=3)) for _ in range(self.READERS)]
        writers = [
            run(WRITER.format(how=how, first=n * self.EACH, count=self.EACH))
            for n in range(self.WRITERS)
        ]
        for writer in writers:
            writer.communicate(timeout=120)
        heard = [reader.communicate(timeout=120)[0].splitlines()[1:] for reader in readers]
        assert [process.returncode for process in (*writers, *readers)] == [0] * 8
        taken = Counter(line for lines in heard for line in lines)
        wanted = {f"{n} {n * 37 % 20_000}" for n in range(self.WRITERS * self.EACH)}
        assert set(taken) == wanted
        assert set(taken.values()) == {1}

    def test_a_reader_that_is_killed_takes_no_more_with_it_than_it_held(
        self, how: dict[str, Any]
    ) -> None:
        with Connection(**how) as connection:
            queue = connection.SimpleQueue("harvest")
            for number in range(20):
                queue.put({"number": number, "text": ""})
            reader = run(READER.format(how=how, most=5, patience=30))
            assert reader.stdout is not None
            done = [reader.stdout.readline().split()[0] for _ in range(6)][1:]
            reader.kill()
            reader.communicate()
            left = []
            while True:
                try:
                    left.append(str(queue.get(timeout=0.3).payload["number"]))
                except Empty:
                    break
        numbers = [str(number) for number in range(20)]
        assert done == numbers[:5]
        assert left in (numbers[5:], numbers[6:])
