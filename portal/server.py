"""`gazetteer-server`: Gazetteer on one machine, from an empty folder to the first page.

Migrates, then runs web, worker and clock under the supervisor. Everything there is to keep stands in one folder.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command, execute_from_command_line
from django.core.management.base import CommandError

from portal.data_folder import KEY_FILE, make_key, make_secret
from portal.launch import (
    EVERYWHERE,
    address,
    become_supervisor,
    check_port,
    hold,
    wants_migration,
)

VAULT_FILE, POLICY_FILE = "vault-keys", "sources.toml"
POLICY = """# What sources may read: nothing, until a rule opens it. A change counts from the next run on.
#
# [[allow]]
# connectors = ["sql"]
# schemes = ["postgresql"]
# hosts = ["warehouse.example.com"]
# networks = ["10.0.0.0/8"]
#
# [[allow]]
# connectors = ["files"]
# schemes = ["file"]
# folders = ["/srv/exports"]
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve, or run one command of those who run Gazetteer."""
    asked = _parser().parse_args(arguments)
    try:
        _begin(asked)
        if asked.manage:
            execute_from_command_line([f"{Path(sys.argv[0]).name} manage", *asked.manage[1:]])
        else:
            _serve(asked.host, asked.port)
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(f"gazetteer-server: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gazetteer-server", description=main.__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to serve (%(default)s)")
    parser.add_argument(
        "--data", type=Path, default=default_folder(), help="folder that keeps all (%(default)s)"
    )
    parser.add_argument(
        "manage",
        nargs=argparse.REMAINDER,
        help="'manage COMMAND …': backup, restore, token, chores … instead of serving",
    )
    return parser


def default_folder() -> Path:
    """Return GAZETTEER_DATA, else where programs of this person keep their data."""
    if given := os.environ.get("GAZETTEER_DATA"):
        return Path(given)
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "gazetteer"


def _begin(asked: argparse.Namespace) -> None:
    """Let the settings say what was asked, make what is kept in the folder, and load Gazetteer."""
    if asked.manage and asked.manage[0] != "manage":
        raise CommandError(f"{asked.manage[0]!r} is unknown; known is 'manage COMMAND …'")
    folder = asked.data.expanduser().resolve()
    for name in ("DEBUG", "GAZETTEER_DEMO"):
        os.environ.pop(name, None)
    os.environ.setdefault("PUBLIC_URL", _public_url(asked.host, asked.port))
    os.environ["GAZETTEER_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _keep(folder)
    except OSError as error:
        raise CommandError(
            f"--data {folder}: a folder that can be written is wanted: {error}"
        ) from error
    django.setup()


def _public_url(host: str, port: int) -> str:
    return f"http://{socket.gethostname()}:{port}" if host in EVERYWHERE else address(host, port)


def _keep(folder: Path) -> None:
    """Make the secrets and the policy of sources that nobody has set, once, and tell of new secrets."""
    made = []
    if not _is_set("SECRET_KEY") and not (folder / KEY_FILE).exists():
        make_key(folder)
        made.append(KEY_FILE)
    if not _is_set("GAZETTEER_VAULT_KEYS"):
        if make_secret(folder / VAULT_FILE, Fernet.generate_key().decode() + "\n"):
            made.append(VAULT_FILE)
        os.environ["GAZETTEER_VAULT_KEYS_FILE"] = str(folder / VAULT_FILE)
    if not os.environ.get("GAZETTEER_SOURCE_POLICY"):
        make_secret(folder / POLICY_FILE, POLICY)
        os.environ["GAZETTEER_SOURCE_POLICY"] = str(folder / POLICY_FILE)
    if made:
        _say(
            f"Made {' and '.join(made)} in {folder}: keep a copy apart from your backups."
            " Without vault-keys no kept secret of a source can be read."
        )


def _is_set(name: str) -> bool:
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def _serve(host: str, port: int) -> None:
    from django.conf import settings

    folder: Path = settings.DATA_DIR
    message = f"Gazetteer already runs on {folder}; stop it, or choose another folder with --data"
    with hold(folder / "server.lock", said=message) as held:
        check_port(host, port, another=f"--port {port + 1}")
        if wants_migration():
            _say("Preparing the database")
            call_command("migrate", verbosity=0)
        _say(f"Everything is kept in {folder}")
        os.chdir(folder)
        become_supervisor(host, port, held=held, environment={}, greeting=_greeting(folder))


def _greeting(folder: Path) -> str:
    """Return the link to set up while nobody administers, or nothing."""
    from django.conf import settings
    from django.urls import reverse

    from catalog.people.setup import make_setup_link

    secret = make_setup_link(folder)
    if not secret:
        return ""
    link = f"{settings.PUBLIC_URL}{reverse('set-up', args=[secret])}"
    return f"Nobody administers it yet. This link makes the first admin, once: {link}"


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201
