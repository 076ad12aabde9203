"""Node ids of Marquez: `dataset:<ns>:<name>`, `datasetField:…:<field>`, `job:…`, `run:<uuid>`. Free of Django.

Namespaces and names contain colons and slashes, so an id can be cut in several places; which cut is meant
shows only in what there is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from lineage.openlineage.parse import Address

DATASET, FIELD, JOB, RUN = "dataset", "datasetField", "job", "run"
RESTRICTED = "restricted"


def dataset_node(address: Address) -> str:
    """Return the id of a dataset."""
    return f"{DATASET}:{address[0]}:{address[1]}"


def field_node(address: Address, field: str) -> str:
    """Return the id of a column."""
    return f"{FIELD}:{address[0]}:{address[1]}:{field}"


def job_node(address: Address) -> str:
    """Return the id of a job."""
    return f"{JOB}:{address[0]}:{address[1]}"


def split_node(node: str) -> tuple[str, str]:
    """Return the kind of a node id and the rest, a version cut off. Raises ValueError."""
    kind, colon, rest = node.partition(":")
    if not colon or kind not in {DATASET, FIELD, JOB, RUN} or not rest:
        message = "write dataset:<namespace>:<name>, datasetField:<namespace>:<name>:<field>, job:<namespace>:<name>"
        raise ValueError(message)
    head, hash_, version = rest.rpartition("#")
    if hash_:
        try:
            uuid.UUID(version)
        except ValueError:
            return kind, rest
        return kind, head
    return kind, rest


def cuts(text: str, sign: str = ":") -> Iterator[Address]:
    """Yield every way to cut a text in two, the longest first part first."""
    place = text.rfind(sign)
    while place > 0:
        first, second = text[:place], text[place + len(sign) :]
        if second:
            yield first, second
        place = text.rfind(sign, 0, place)


def version_of(*parts: object) -> str:
    """Return a version: a UUID of what it is made of."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(map(str, parts))))


def restricted(place: int) -> Address:
    """Return the address that stands for something hidden."""
    return RESTRICTED, f"{RESTRICTED}-{place}"


def sorted_addresses(found: Sequence[Address]) -> list[dict[str, str]]:
    """Return addresses as DatasetIds."""
    return [{"namespace": ns, "name": name} for ns, name in sorted(set(found))]
