"""Take the files of a folder through the one door, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.db.batches import batched
from catalog.descriptors import Descriptor, LayerKind
from catalog.events import log as event_log
from catalog.layerfiles.form import FileInvalid, LayerEntry, LayerFile, parse
from catalog.layerfiles.write import FOLDERS
from catalog.models import Layer, User
from catalog.people.authority import Authority
from catalog.registry.apply import apply_chunk
from catalog.registry.outcomes import Outcome
from catalog.registry.receive import content_of, digest_of, subject_of
from catalog.registry.stages import Author

CHUNK = 500


class FilesRefused(RuntimeError):
    """Nothing was taken; `problems` are lines that name the file and the field."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


@dataclass(frozen=True, slots=True)
class ParsedLayer:
    """One layer of one file, ready for the door."""

    file: str
    place: int
    descriptor: Descriptor
    layer: LayerEntry

    @property
    def subject(self) -> tuple[str, str]:
        """The kind and key under which its layers are kept."""
        return subject_of(self.descriptor)


@dataclass(slots=True)
class Imported:
    """What became of the layers: those the door moved, and how many stayed as they were."""

    moved: list[Outcome] = field(default_factory=list)
    unchanged: int = 0
    older: list[str] = field(default_factory=list)


def import_layers(folder: Path, *, authority: Authority, is_trial: bool = False) -> Imported:
    """Say what the files say, each layer with its source and time; a trial changes nothing.

    A layer whose words differ from those known, though its time is the same, was changed in the file: it is said
    now. One that is older than what is known is left out and listed. Raises FilesRefused.
    """
    layers = _read(folder)
    with transaction.atomic():
        event_log.lock()
        done = _Import({u.username: u for u in User.objects.all()}, authority).run(layers)
        if is_trial:
            transaction.set_rollback(True)
    return done


def _read(folder: Path) -> list[ParsedLayer]:
    problems: list[str] = []
    found: list[ParsedLayer] = []
    files: dict[tuple[str, str], str] = {}
    paths = sorted(path for name in FOLDERS for path in (folder / name).rglob("*.y*ml"))
    if not paths:
        raise FilesRefused([f"{folder}: there are no .yaml files in {' or '.join(FOLDERS)}"])
    for path in paths:
        name = str(path.relative_to(folder))
        try:
            file = parse(path.read_text(encoding="utf-8"))
            mine = list(_layers(name, file))
        except FileInvalid as error:
            problems += [
                f"{name}: {at}: {why}" if at else f"{name}: {why}" for at, why in error.problems
            ]
            continue
        except (OSError, UnicodeDecodeError) as error:
            problems.append(f"{name}: cannot be read: {error}")
            continue
        other = files.setdefault(mine[0].subject, name)
        if other != name:
            problems.append(f"{name}: tells of the same as {other}")
        found += mine
    if problems:
        raise FilesRefused(problems)
    return found


def _layers(name: str, file: LayerFile) -> Iterator[ParsedLayer]:
    authors = [(layer.layer, layer.source) for layer in file.layers]
    for place, descriptor in enumerate(file.descriptors()):
        if authors.index(authors[place]) != place:
            kind, source = authors[place]
            raise FileInvalid([(f"layers[{place}]", f"{source} speaks twice in the {kind} layer")])
        yield ParsedLayer(name, place, descriptor, file.layers[place])


class _Import:
    """One import, in the transaction of its caller."""

    def __init__(self, people: dict[str, User], authority: Authority) -> None:
        self.people = people
        self.authority = authority
        self.now = timezone.now()
        self.done = Imported()
        self.problems: list[str] = []

    def run(self, layers: list[ParsedLayer]) -> Imported:
        """Say everything, declared layers first. Raises FilesRefused."""
        self._check_people(layers)
        ready: list[tuple[ParsedLayer, Author]] = []
        for part in batched(sorted(layers, key=lambda one: one.layer.layer == "curated"), CHUNK):
            ready += self._changed(part)
        refused = self._say(ready)
        while refused:  # a successor may come later than what it succeeds
            again = self._say([one for one, _ in refused])
            if len(again) == len(refused):
                break
            refused = again
        for (one, _), outcome in refused:
            for problem in outcome.problems:
                where = f"layers[{one.place}].says.{problem.path}"
                self.problems.append(f"{one.file}: {where}: {problem.message}")
        if self.problems:
            raise FilesRefused(self.problems)
        return self.done

    def _check_people(self, layers: Iterable[ParsedLayer]) -> None:
        for one in layers:
            named = {f"layers[{one.place}].by": one.layer.by} | {
                f"layers[{one.place}].stamps[{path}].by": stamp.by
                for path, stamp in one.layer.stamps.items()
            }
            self.problems += [
                f"{one.file}: {path}: there is no person {name!r}; make the account or leave `by` out"
                for path, name in named.items()
                if name is not None and name not in self.people
            ]
        if self.problems:
            raise FilesRefused(self.problems)

    def _changed(self, part: Sequence[ParsedLayer]) -> Iterator[tuple[ParsedLayer, Author]]:
        """Leave out what is known already or told by something newer; give the others their time."""
        keys = {one.subject[1] for one in part}
        rows = Layer.objects.filter(subject_key__in=keys, kind__in=("declared", "curated"))
        known = {(r.subject_kind, r.subject_key, r.kind, r.source): r for r in rows}
        for one in part:
            layer = one.layer
            own = known.get((*one.subject, layer.layer, layer.source))
            at = layer.stated_at
            if own is not None:
                if own.digest == digest_of(content_of(one.descriptor)):
                    if at is None or at <= own.stated_at:
                        self.done.unchanged += 1
                        continue
                elif at is not None and at < own.stated_at:
                    self.done.older.append(f"{one.file}: layers[{one.place}]")
                    continue
                elif at is None or at == own.stated_at:
                    at = self.now
            yield one, self._author(layer, at or self.now)

    def _author(self, layer: LayerEntry, at: datetime) -> Author:
        stamps: dict[str, dict[str, Any]] = {
            path: {
                "at": stamp.at.isoformat(),
                "by": self.people[stamp.by].pk if stamp.by else None,
            }
            for path, stamp in layer.stamps.items()
        }
        by = self.people[layer.by] if layer.by else None
        return Author(LayerKind(layer.layer), layer.source, by, at, self.authority, stamps)

    def _say(
        self, ready: list[tuple[ParsedLayer, Author]]
    ) -> list[tuple[tuple[ParsedLayer, Author], Outcome]]:
        """Take what one author states at one time as one batch; return what was refused."""
        refused = []
        for _, group in groupby(ready, key=lambda pair: _tone(pair[1])):
            for part in batched(group, CHUNK):
                outcomes = apply_chunk([one.descriptor for one, _ in part], part[0][1])
                for pair, outcome in zip(part, outcomes, strict=True):
                    if outcome.status == "refused":
                        refused.append((pair, outcome))
                    elif outcome.changes or outcome.status == "created":
                        self.done.moved.append(outcome)
                    else:
                        self.done.unchanged += 1
        return refused


def _tone(author: Author) -> tuple[object, ...]:
    return (author.layer, author.source, author.at, author.by, str(author.stamps))
