"""How many examples a property test tries: TEST_PROFILE is quick, standard (when nothing is said) or nightly."""

from __future__ import annotations

import os

from hypothesis import settings

PROFILES = {"quick": 0.25, "standard": 1.0, "nightly": 20.0}
#: What a test tries that names no number of its own.
USUAL = 100


def profile() -> str:
    """Return the profile's name. Raises ValueError for one that there is not."""
    name = os.environ.get("TEST_PROFILE") or "standard"
    if name not in PROFILES:
        raise ValueError(f"TEST_PROFILE is {name!r}; allowed are {', '.join(PROFILES)}")
    return name


def examples(number: int) -> int:
    """Return how many examples stand for this number in the profile; at least five."""
    return max(5, round(number * PROFILES[profile()]))


def register() -> None:
    """Load the profile. No test is timed: a slow machine is no failure."""
    settings.register_profile("budget", deadline=None, max_examples=examples(USUAL))
    settings.load_profile("budget")
