"""The compose file, the image, the settings and their documentation go together."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from tests import compose
from tests.installations import ENGINES, ROOT, Installation

READ = re.compile(r"""(?:environ\.get\(|environ\[|\benv\.\w+\()\s*["']([A-Z][A-Z0-9_]+)["']""")
SECRET = re.compile(r"""\benv\.(?:secret|secret_url|database)\(\s*"([A-Z_]+)\"""")
OURS = ("migrate", "web", "worker", "beat")
#: Read by tests alone, or no setting of Gazetteer.
FOR_TESTS = {"TEST_DATABASE_NAME", "PATH", "DJANGO_SETTINGS_MODULE"}


def variables_read() -> set[str]:
    """Return every variable that the code reads from the environment."""
    found: set[str] = set()
    for folder in ("catalog", "lineage", "ingestors", "portal"):
        for path in (ROOT / folder).rglob("*.py"):
            if "node_modules" not in path.parts:
                found.update(READ.findall(path.read_text()))
    return (found - FOR_TESTS) | {f"{name}_FILE" for name in secrets()}


def secrets() -> set[str]:
    """Return every secret of the settings."""
    return set(SECRET.findall((ROOT / "portal/settings.py").read_text()))


def variables_documented() -> set[str]:
    """Return the variables with a row of their own in docs/settings.md."""
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/settings.md").read_text(), re.M))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = compose.read(compose.example())["services"]
    return found


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    assert variables_read() == variables_documented()


def test_every_secret_can_stand_in_a_file() -> None:
    passwords = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "METRICS_TOKEN"}
    assert secrets() == passwords | {
        *("EMAIL_HOST_PASSWORD", "DATABASE_ROLE_PASSWORD", "GAZETTEER_VAULT_KEYS")
    }
    secret_words = re.compile(
        "(?!RATE_LIMIT_|GAZETTEER_SECRETS_FOLDER).*(SECRET|PASSWORD|TOKEN|_KEY)"
    )
    assert {name for name in variables_documented() if secret_words.match(name)} <= (
        secrets() | {f"{name}_FILE" for name in secrets()}
    )


@pytest.mark.parametrize("file", [".gitignore", ".dockerignore"])
def test_secrets_of_an_installation_stay_out_of_git_and_of_the_image(file: str) -> None:
    assert {".env", ".env.*"} <= set((ROOT / file).read_text().split())


def test_uv_is_the_same_everywhere_and_pinned_by_its_hash() -> None:
    pinned = (ROOT / "portal/setup/uv.txt").read_text()
    assert re.search(r"^uv==[\d.]+ \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+$", pinned, re.M)
    for file in ("Makefile", "Dockerfile"):
        (install,) = re.findall(r"(?<!uv )pip install.*", (ROOT / file).read_text())
        assert "--require-hashes" in install
        assert install.endswith("uv.txt")


def test_every_locked_package_has_a_hash() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    for package in lock["package"]:
        if "registry" in package["source"]:
            files = [*package.get("wheels", ()), *filter(None, [package.get("sdist")])]
            assert files, package["name"]
            assert all(file["hash"].startswith("sha256:") for file in files), package["name"]


def test_no_dependency_is_named_twice() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lists = [project["project"]["dependencies"], *project["dependency-groups"].values()]
    for names in lists:
        assert len(names) == len(set(names))


def test_every_variable_of_the_compose_file_is_one_of_ours(services: dict[str, Any]) -> None:
    given = {name for service in OURS for name in services[service]["environment"]}
    assert given <= variables_read() & variables_documented()


def test_only_migrations_run_with_the_role_that_owns_the_tables(services: dict[str, Any]) -> None:
    given = {name: services[name]["environment"] for name in OURS}
    roles = {name: urlsplit(one["DATABASE_URL"]).username for name, one in given.items()}
    assert roles["migrate"] == "gazetteer"
    assert {roles[name] for name in OURS if name != "migrate"} == {
        given["migrate"]["DATABASE_ROLE"]
    }
    address = urlsplit(given["web"]["DATABASE_URL"])
    assert address.password == given["migrate"]["DATABASE_ROLE_PASSWORD"]


def test_the_compose_file_keeps_the_published_schema() -> None:
    vendored = files("check_jsonschema.builtin_schemas.vendor") / "compose-spec.json"
    jsonschema.validate(compose.read(compose.example()), json.loads(vendored.read_text()))


def test_no_secret_has_a_default() -> None:
    names = compose.example().keys()
    for secret in (
        "SECRET_KEY",
        "POSTGRES_PASSWORD",
        "POSTGRES_APP_PASSWORD",
        "REDIS_PASSWORD",
        "ELASTIC_PASSWORD",
    ):
        assert secret in names
    for name in names:
        with pytest.raises(compose.VariableMissing):
            compose.read({k: v for k, v in compose.example().items() if k != name})
    defaults = set(re.findall(r"\$\{([A-Z_]+):-", compose.text()))
    assert defaults == {"LOG_LEVEL", "TIME_ZONE"}


def test_every_service_is_watched_bounded_and_restarted(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["logging"]["options"]["max-size"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        if name != "migrate":
            assert service["healthcheck"]["test"], name
            assert service["restart"] == "unless-stopped", name
        if name != "elasticsearch":
            assert service["read_only"] is True, name
        assert ("ports" in service) == (name == "proxy")
    assert services["web"]["deploy"]["replicas"] == 2


def test_every_volume_and_network_is_declared(services: dict[str, Any]) -> None:
    whole = compose.read(compose.example())
    used = {v.split(":")[0] for s in services.values() for v in s.get("volumes", ())}
    assert used == whole["volumes"].keys()
    assert {n for s in services.values() for n in s["networks"]} == whole["networks"].keys()


def test_commands_of_the_compose_file_are_there(services: dict[str, Any]) -> None:
    assert services["migrate"]["command"][:2] == ["python", "manage.py"]
    for name in OURS:
        test = services[name].get("healthcheck", {}).get("test", ["CMD"])
        scripts = [part for part in test if part.endswith(".py")]
        assert all((ROOT / script).is_file() for script in scripts)


def production(tmp_path: Path, **more: str) -> Installation:
    """Return an installation with the settings of the web service."""
    settings = compose.read(compose.example())["services"]["web"]["environment"]
    return Installation(tmp_path, settings={"GAZETTEER_SOURCE_POLICY": "", **settings, **more})


def test_the_settings_of_the_compose_file_pass_the_checks(tmp_path: Path) -> None:
    done = production(tmp_path).manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr
    assert "WARNINGS" not in done.stderr
    for nothing_yet in (
        "gazetteer.I001",
        "gazetteer.I002",
    ):  # what an operator sets for their company
        assert nothing_yet in done.stderr


@pytest.mark.parametrize(
    ("wrong", "name", "hint"),
    [
        ({"PUBLIC_URL": "http://gazetteer.example.com"}, "gazetteer.W001", "https address"),
        ({"ALLOWED_HOSTS": "*"}, "gazetteer.W002", "list the names"),
        ({"ALLOWED_HOSTS": "other.example.com"}, "gazetteer.W003", "gazetteer.example.com"),
        ({"DATABASE_URL": "sqlite:////tmp/x.db"}, "gazetteer.W008", "backup"),
        ({"SEARCH_BACKEND": "lucene"}, "SEARCH_BACKEND", "database, elasticsearch, memory"),
        ({"PUBLIC_URL": "gazetteer.example.com"}, "PUBLIC_URL", "a scheme of http, https"),
        ({"SEARCH_BACKEND": "elasticsearch", "ELASTICSEARCH_URL": ""}, "gazetteer.E002", "http://"),
    ],
)
def test_a_mistake_is_told_with_what_helps(
    tmp_path: Path, wrong: dict[str, str], name: str, hint: str
) -> None:
    done = production(tmp_path, **wrong).manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode
    assert name in done.stderr
    assert hint in done.stderr


def test_the_clock_and_the_worker_show_that_they_live(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    environment = {
        **{k: v for k, v in Installation(tmp_path).environment.items() if k not in ENGINES},
        "HEALTH_FILE": str(alive),
    }
    probe = [sys.executable, "portal/setup/probe.py", "file"]
    assert subprocess.run(probe, cwd=ROOT, env=environment, check=False).returncode
    clock = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "portal.beat", "beat"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            if alive.exists():
                break
            with pytest.raises(subprocess.TimeoutExpired):
                clock.wait(timeout=0.1)
        assert subprocess.run(probe, cwd=ROOT, env=environment, check=False).returncode == 0
    finally:
        clock.terminate()
        clock.wait(timeout=20)
