"""Read a Dockerfile and do its steps in folders of this machine, where there is no container engine.

Each stage gets a folder as its root; absolute paths of the file mean paths in there. `FROM node` takes the Node
of this machine, `FROM python` makes an environment of this machine's Python. Users are numbers: files and
processes get them where this runs as root.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_ABSOLUTE = re.compile(r"(?<![\w.$}/-])/(?=[a-z])(?!dev/)")


class StepFailed(RuntimeError):
    """A step of the Dockerfile does not work."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, for instance `RUN` and what follows it."""

    word: str
    rest: str


@dataclass(slots=True)
class Stage:
    """One stage while it is built."""

    name: str
    root: Path
    cwd: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    user: str = ""
    command: list[str] = field(default_factory=list)

    def here(self, text: str) -> str:
        """Turn absolute paths of the file into paths under this stage's root."""
        return _ABSOLUTE.sub(f"{self.root}/", text)

    def path(self, text: str) -> Path:
        """Return where a path of the file lies."""
        return self.root / os.path.normpath(os.path.join(self.cwd, text)).lstrip("/")

    def set(self, name: str, value: str) -> None:
        """Set a variable; `$NAME` in its value means what it was before."""
        now = self.environment()
        text = re.sub(r"\$\{?(\w+)\}?", lambda found: "$" + found[1], self.here(value))
        self.env[name] = re.sub(r"\$(\w+)", lambda found: now.get(found[1], ""), text)

    def environment(self) -> dict[str, str]:
        """Return the environment that a process of the image sees."""
        return {"HOME": str(self.root / "tmp"), "PATH": os.environ["PATH"], **self.env}


def read(text: str) -> list[Step]:
    """Return the instructions of a Dockerfile."""
    joined = re.sub(r"\\\n", " ", text)
    lines = (line.strip() for line in joined.splitlines())
    return [
        Step(line.split(None, 1)[0].upper(), line.split(None, 1)[1])
        for line in lines
        if line and not line.startswith("#")
    ]


class Build:
    """Builds every stage below a folder; the last one is the image."""

    def __init__(self, context: Path, work: Path, python: str) -> None:
        self.context, self.work, self.python = context, work, python
        self.stages: dict[str, Stage] = {}
        self.users: dict[str, int] = {}
        ignore = (context / ".dockerignore").read_text().split()
        self.ignored = [pattern.removeprefix("**/") for pattern in ignore]

    def run(self) -> Stage:
        """Do every step. Raises StepFailed."""
        stage = Stage("", self.work)
        for step in read((self.context / "Dockerfile").read_text()):
            print(f"{step.word} {step.rest}"[:150], flush=True)  # noqa: T201 -- a command's progress
            if step.word == "FROM":
                stage = self._begin(step.rest)
            else:
                self._do(stage, step)
        return stage

    def _begin(self, rest: str) -> Stage:
        image, _, name = rest.partition(" AS ")
        stage = Stage(name.strip() or "image", self.work / (name.strip() or "image"))
        (stage.root / "tmp").mkdir(parents=True)
        (stage.root / "bin").mkdir()
        if image.startswith("python:"):
            uv = str(Path(sys.executable).parent / "uv")
            self._call(stage, [uv, "venv", "--quiet", "--seed", "--python", self.python, "usr"])
        stage.set("PATH", "/bin:/usr/bin:$PATH")
        stage.env["UV_PYTHON"] = self.python  # and no other of this machine
        for stub in ("useradd", "chown"):  # accounts are numbers here: see `_account`
            (stage.root / "bin" / stub).write_text("#!/bin/sh\nexit 0\n")
            (stage.root / "bin" / stub).chmod(0o755)
        self.stages[stage.name] = stage
        return stage

    def _do(self, stage: Stage, step: Step) -> None:
        if step.word == "WORKDIR":
            stage.cwd = step.rest
            stage.path(".").mkdir(parents=True, exist_ok=True)
        elif step.word == "ENV":
            for pair in shlex.split(step.rest):
                stage.set(*pair.split("=", 1))
        elif step.word == "COPY":
            self._copy(stage, shlex.split(step.rest))
        elif step.word == "RUN":
            self._call(stage, ["bash", "-euc", stage.here(step.rest)])
            self._account(stage, step.rest)
        elif step.word == "USER":
            stage.user = step.rest
        elif step.word == "CMD":
            stage.command = json.loads(step.rest)
        elif step.word == "VOLUME":
            if not stage.path(step.rest).is_dir():
                raise StepFailed(f"VOLUME {step.rest}: there is no such folder")
        elif step.word != "EXPOSE":
            raise StepFailed(f"{step.word} is not known here; teach it to {__file__}")

    def _copy(self, stage: Stage, words: list[str]) -> None:
        source = self.context
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).removeprefix("--from=")].root
        *names, target = words
        place = stage.path(target)
        for name in names:
            found = source / name.lstrip("/")
            if not found.exists():
                raise StepFailed(f"COPY {name}: there is no such file")
            if found.is_dir():
                shutil.copytree(found, place, dirs_exist_ok=True, ignore=self._ignore)
            else:
                into = place / found.name if target.endswith("/") else place
                into.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(found, into)

    def _ignore(self, folder: str, names: list[str]) -> set[str]:
        inside = Path(folder)
        base = inside.relative_to(self.context) if inside.is_relative_to(self.context) else None
        return {
            name
            for name in names
            for pattern in self.ignored
            if fnmatch.fnmatch(name, pattern) or (base and str(base / name) == pattern)
        }

    def _account(self, stage: Stage, command: str) -> None:
        """Do what `useradd` and `chown` in a step would have done."""
        for made in re.finditer(r"useradd [^&|]*?--uid (\d+) [^&|]*?(\w+)\s*(?:&&|$)", command):
            self.users[made[2]] = int(made[1])
        for given in re.finditer(r"chown (\w+) (/\S+)", command):
            if os.geteuid() == 0:
                os.chown(stage.path(given[2]), self.users[given[1]], self.users[given[1]])

    def _call(self, stage: Stage, command: list[str]) -> None:
        foreign = ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT", "DATABASE_URL", "REDIS_URL")
        kept = {name: value for name, value in os.environ.items() if name not in foreign}
        done = subprocess.run(  # noqa: S603 -- the project's own Dockerfile
            command,
            cwd=stage.path("."),
            env={**kept, **stage.env},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            message = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            raise StepFailed(
                f"{shlex.join(command)[:300]} ended with {done.returncode}:\n{message}"
            )
