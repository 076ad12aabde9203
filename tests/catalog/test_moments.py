"""What names a day."""

from __future__ import annotations

from datetime import date

import pytest

from catalog.moments import day_of


@pytest.mark.parametrize(
    "text",
    ["2019-06-07", "2019-06-07T19:11:59.490Z", "2019-06-07t19:11z", "2019-06-07 19:11:59+02:00"],
)
def test_a_date_and_a_moment_name_their_day(text: str) -> None:
    assert day_of(text) == date(2019, 6, 7)


@pytest.mark.parametrize(
    "text", ["", "2019", "20190607", "2019-W23-5", "2019-02-30", "2019-06-07T25:00", "7 June 2019"]
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        day_of(text)
