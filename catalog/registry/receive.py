"""First stage: what descriptors are about, and what they state of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.db import bulk
from catalog.descriptors import Descriptor, ProductDescriptor
from catalog.registry.diff import IDENTITY
from catalog.registry.stages import Incoming, SubjectKey


def receive(descriptors: Sequence[Descriptor]) -> tuple[list[SubjectKey], list[Incoming]]:
    """Return the subject of each descriptor, and one arrival a subject: of two the later counts."""
    subjects = [subject_of(descriptor) for descriptor in descriptors]
    last = dict(zip(subjects, descriptors, strict=True))
    return subjects, [_incoming(descriptor, subject) for subject, descriptor in last.items()]


def subject_of(descriptor: Descriptor) -> SubjectKey:
    """Return the kind and the stable key under which layers are kept."""
    if isinstance(descriptor, ProductDescriptor):
        return "product", str(descriptor.ref)
    return "dataset", descriptor.ref.subject


def content_of(descriptor: Descriptor) -> dict[str, Any]:
    """Return what a descriptor states, without the address of its subject."""
    content = descriptor.dump()
    kind = "product" if isinstance(descriptor, ProductDescriptor) else "dataset"
    for name in IDENTITY[kind]:
        content.pop(name, None)
    return content


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a content as JSON with sorted names."""
    return hashlib.sha256(bulk.as_json(content, sort=True).encode()).hexdigest()


def _incoming(descriptor: Descriptor, subject: SubjectKey) -> Incoming:
    content = content_of(descriptor)
    return Incoming(descriptor, *subject, content, digest_of(content))
