"""The link that sets an empty installation up works once, for one person, and never when there is an admin."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.models import Event, User
from catalog.people.setup import (
    FILE,
    SetupClosed,
    is_setup_link,
    make_first_admin,
    make_setup_link,
)
from tests.factories import make_user


def enter(folder: Path, secret: str, username: str = "ana") -> User:
    return make_first_admin(
        folder, secret, username=username, name="Ana", email="ana@example.org", password="x" * 12
    )


def test_the_link_makes_one_admin(db: None, tmp_path: Path) -> None:
    secret = make_setup_link(tmp_path)
    assert is_setup_link(tmp_path, secret)
    ana = enter(tmp_path, secret)
    assert (ana.is_superuser, ana.is_active, ana.check_password("x" * 12)) == (True, True, True)
    assert not is_setup_link(tmp_path, secret)
    with pytest.raises(SetupClosed):
        enter(tmp_path, secret, "eve")
    event = Event.objects.get()
    assert (event.type, event.actor, event.data["admin"]) == ("person.changed", ana, True)


def test_the_secret_is_kept_nowhere_and_its_file_is_read_by_its_owner_alone(
    db: None, tmp_path: Path
) -> None:
    secret = make_setup_link(tmp_path)
    assert secret not in (tmp_path / FILE).read_text()
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_the_next_start_replaces_the_link(db: None, tmp_path: Path) -> None:
    first, second = make_setup_link(tmp_path), make_setup_link(tmp_path)
    assert (is_setup_link(tmp_path, first), is_setup_link(tmp_path, second)) == (False, True)


@pytest.mark.parametrize("secret", ["", "gz_wrong", "é"])
def test_another_secret_opens_nothing(db: None, tmp_path: Path, secret: str) -> None:
    assert not is_setup_link(tmp_path, secret)
    make_setup_link(tmp_path)
    assert not is_setup_link(tmp_path, secret)
    with pytest.raises(SetupClosed):
        enter(tmp_path, secret)
    assert not User.objects.exists()


def test_an_admin_who_came_another_way_ends_it(db: None, tmp_path: Path) -> None:
    secret = make_setup_link(tmp_path)
    boss = make_user("boss")
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    assert not is_setup_link(tmp_path, secret)
    assert make_setup_link(tmp_path) == ""
    User.objects.filter(pk=boss.pk).update(is_active=False)  # nobody can sign in as an admin
    assert make_setup_link(tmp_path) != ""


def test_a_user_name_that_was_taken_meanwhile_leaves_the_link(db: None, tmp_path: Path) -> None:
    secret = make_setup_link(tmp_path)
    make_user("ana")
    with pytest.raises(SetupClosed):
        enter(tmp_path, secret)
    assert is_setup_link(tmp_path, secret)
