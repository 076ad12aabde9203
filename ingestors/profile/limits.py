"""How much work a profile may cost, and what people said of columns before. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from catalog.descriptors import Sensitivity
from catalog.names import DatasetRef


class Correction(NamedTuple):
    """What a person said of a column. `sensitivity` None: no word on its class."""

    sensitivity: Sensitivity | None
    unmasked: bool = False


#: Corrections by dataset and column path.
Overrides = Mapping[DatasetRef, Mapping[str, Correction]]
NO_OVERRIDES: Overrides = MappingProxyType({})


class Limits(BaseModel):
    """How much work one table may cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_rows: int = Field(default=1_000_000, ge=0, le=1_000_000_000)
    max_seconds: float = Field(default=30.0, gt=0, le=86_400)
    sample_rows: int = Field(default=20, ge=0, le=20)
    scan_rows: int = Field(
        default=1_000, ge=20, le=10_000, description="Rows in which personal data is looked for."
    )
