"""Names and addresses of a mesh: keys, URNs, dataset identities. Free of Django."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

KEY = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$")
KEY_RULE = "1 to 64 lower-case letters, digits and inner hyphens"
GUID = re.compile(r"^[A-Za-z0-9._~:-]{1,64}$")
GUID_RULE = "1 to 64 letters, digits and . _ ~ : -"


def slugify(text: str) -> str:
    """Make a key of a display name: `Settled claims (EU)` becomes `settled-claims-eu`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:64].strip("-")


def first_repeated(names: Iterable[str]) -> str:
    """Return the first name that stands more than once, empty if none does; in linear time."""
    counts = Counter(names)
    return next((name for name, count in counts.items() if count > 1), "")


def new_guid() -> str:
    """Make a product GUID nobody has used before (UUID version 4)."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, order=True)
class ProductRef:
    """A product's readable address: the key of its domain and its own key."""

    domain: str
    key: str

    @classmethod
    def parse(cls, text: str) -> ProductRef:
        """Read `domain/key` or a product URN; raise ValueError naming what is allowed."""
        body = text.removeprefix("urn:gazetteer:").replace(":", "/")
        parts = body.split("/")
        if len(parts) < 2 or not all(KEY.match(part) for part in parts[:2]):
            raise ValueError(f"{text!r} is no product address; write <domain>/<product>")
        return cls(parts[0], parts[1])

    @classmethod
    def stated(cls, text: str, home: str = "") -> ProductRef:
        """Read an address as its team writes it: `domain/key`, `domain.key`, `domain:key`, or a key alone.

        A key alone belongs to the domain `home`; capital letters and underscores count as small ones and
        hyphens, so `data_product_A` is `data-product-a`. Raises ValueError.
        """
        parts = text.replace(":", "/").replace(".", "/").lower().replace("_", "-").split("/")
        if len(parts) == 1 and home:
            parts = [home, *parts]
        if len(parts) != 2 or not all(KEY.match(part) for part in parts):
            raise ValueError(f"write <domain>/<product>; each part is {KEY_RULE}")
        return cls(*parts)

    @property
    def urn(self) -> str:
        """The URN of the product."""
        return f"urn:gazetteer:{self.domain}:{self.key}"

    def port_urn(self, port: str, major: int | None = None) -> str:
        """The URN of one of its ports, of one major version when given."""
        return f"{self.urn}:{port}" + ("" if major is None else f":{major}")

    def __str__(self) -> str:
        return f"{self.domain}/{self.key}"


@dataclass(frozen=True, slots=True, order=True)
class DatasetRef:
    """A dataset's physical identity, after the OpenLineage naming rules; never split or normalised.

    Source: OpenLineage specification, "Naming conventions".
    """

    namespace: str
    name: str

    @property
    def subject(self) -> str:
        """The stable key under which layers are kept."""
        return f"{self.namespace} {self.name}"

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"
