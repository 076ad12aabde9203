"""`gazetteer` against a live server: a folder is pushed, a break is seen before it happens, its reader is told."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.clients.conftest import Site
from tests.gazetteer.folders import contract
from tests.installations import ROOT

EXAMPLE = ROOT / "docs/examples/court-proceedings"
_NUMBERS = itertools.count(1)


class Terminal:
    """A person's terminal, with their token, in a folder with a copy of the example of its own."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.word = f"case{next(_NUMBERS)}"
        self.guid = f"5b0c9a1e-7d3f-4b86-9c52-{self.word}-proceedings"
        self.address = f"claims/{self.word}-proceedings"
        shutil.copytree(EXAMPLE, folder / "product")
        for path in (folder / "product").rglob("*.yaml"):
            text = path.read_text().replace("court-", f"{self.word}-")
            path.write_text(text.replace("name: Court", f"name: {self.word}"))

    def run(self, *arguments: str, by: str = "alice") -> tuple[int, str]:
        """Run the client; return its exit code and everything it said."""
        done = self._done(arguments, by)
        return done.returncode, done.stdout + done.stderr

    def json(self, *arguments: str, by: str = "alice") -> Any:
        """Run the client with --json; return its exit code and the document it wrote."""
        done = self._done((*arguments, "--json"), by)
        return done.returncode, json.loads(done.stdout)

    def _done(self, arguments: Sequence[str], by: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "GAZETTEER_URL": self.site.url,
            "GAZETTEER_TOKEN": self.site.tokens.get(by, by),
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "gazetteer", *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert environment["GAZETTEER_TOKEN"] not in said
        return done

    def change(self, name: str, before: str, after: str) -> None:
        """Change a file as an editor does."""
        path = self.folder / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))


@pytest.fixture
def terminal(site: Site, tmp_path: Path) -> Terminal:
    """Open a terminal in a folder that holds the example, under names of its own."""
    return Terminal(site, tmp_path)


def outcomes(said: Any) -> list[str]:
    return [one["outcome"] for one in said["documents"]]


GRANT = """
from catalog.models import *
from catalog.access.requests import decide, request_access
port = Port.objects.get(product__guid="GUID", name="proceedings")
reader, owner = (User.objects.get(username=name) for name in ("charlie", "alice"))
decide(request_access(port, by=reader, purpose="Prices of next year"), by=owner, approve=True)
"""
TOLD = """
from catalog.outbound.notifications import follow, notifications_of
from catalog.models import User
follow()
print([one.text for one in notifications_of(User.objects.get(username="charlie"))])
"""


def test_a_folder_is_pushed_a_break_is_foreseen_and_its_reader_is_told(
    terminal: Terminal, site: Site
) -> None:
    assert terminal.run("lint", "product")[0] == 0
    code, said = terminal.json("diff", "product")
    assert (code, outcomes(said), said["isBreaking"]) == (0, ["created"] * 3, False)
    assert site.ask(f"Product.objects.filter(guid='{terminal.guid}').count()") == "0"
    code, said = terminal.json("push", "product")
    assert (code, outcomes(said)) == (0, ["created"] * 3), said
    contracts = f"Contract.objects.filter(product__guid='{terminal.guid}')"
    held = f"sorted({contracts}.values_list('key', 'port_name'))"
    assert site.ask(held) == str(
        [(f"{terminal.word}-proceedings", "proceedings"), (f"{terminal.word}-rulings", "rulings")]
    )
    assert "Claims that went to court" in site.ask(
        f"Product.objects.get(guid='{terminal.guid}').description"
    )
    code, said = terminal.json("push", "product")
    assert (code, outcomes(said)) == (0, ["unchanged"] * 3)

    site.inside.do(GRANT.replace("GUID", terminal.guid))
    name = "product/contracts/proceedings.odcs.yaml"
    terminal.change(name, "logicalType: number", "logicalType: string")
    code, text = terminal.run("diff", "product")
    assert (code, "breaking: breaks consumers of 1.0.0; publish it as 2.0.0" in text) == (2, True)
    assert "amount_in_dispute.logicalType changed" in text
    assert "breaks for: Charlie Lind (grant on port proceedings)" in text, text
    code, text = terminal.run("push", "product")
    assert (code, "publish it as 2.0.0" in text) == (1, True), text
    assert f"{name}:5:10: error: version" in text

    terminal.change(name, "version: 1.0.0", "version: 2.0.0")
    assert terminal.run("diff", "product")[0] == 2
    assert terminal.run("diff", "product", "--fail-on", "never")[0] == 0
    assert "Breaking for you" not in site.inside.do(TOLD)
    code, said = terminal.json("push", "product")
    assert (code, outcomes(said)) == (0, ["unchanged", "created", "unchanged"])
    told = site.inside.do(TOLD)
    assert f"published contract {terminal.word}-proceedings 2.0.0" in told
    assert "Breaking for you: Alice Moreau" in told


def test_what_was_pushed_comes_back_equal_and_changes_nothing(terminal: Terminal) -> None:
    assert terminal.run("push", "product")[0] == 0
    code, text = terminal.run("export", terminal.address, "--to", "back")
    assert (code, text.count("created")) == (0, 3), text
    assert terminal.run("lint", "back")[0] == 0
    code, said = terminal.json("push", "back")
    assert (code, outcomes(said)) == (0, ["unchanged"] * 3)
    code, text = terminal.run("export", terminal.address, "--to", "back")
    assert (code, text.count("unchanged")) == (0, 3), text
    code, text = terminal.run("export", terminal.address, "--to", "product")
    assert (code, text.count("unchanged")) == (0, 3), text
    code, said = terminal.json(
        "export", f"{terminal.word}-rulings", "--contract", "--odcs", "v2.2.2"
    )
    assert (code, said["uuid"], said["apiVersion"]) == (0, f"{terminal.word}-rulings", "v2.2.2")
    code, text = terminal.run("export", terminal.address, "--odps", "v1.0.0")
    assert (code, "left out: type" in text, "apiVersion: v1.0.0" in text) == (0, True, True)


def test_a_product_without_a_document_is_exported_as_what_is_known(
    terminal: Terminal, site: Site
) -> None:
    site.product("handmade")
    code, text = terminal.run("export", "claims/handmade", "--to", "made")
    assert code == 0, text
    assert terminal.run("lint", "made")[0] == 0
    code, said = terminal.json("push", "made")
    assert (code, outcomes(said)) == (0, ["changed"])
    code, said = terminal.json("push", "made")
    assert (code, outcomes(said)) == (0, ["unchanged"])
    assert site.ask("Product.objects.filter(name='Handmade').count()") == "1"


def test_a_dry_run_and_a_refused_atomic_push_write_nothing(terminal: Terminal, site: Site) -> None:
    count = f"Product.objects.filter(guid='{terminal.guid}').count()"
    code, text = terminal.run("push", "product", "--dry-run")
    assert (code, "nothing was written" in text, site.ask(count)) == (0, True, "0")
    site.product("other")
    foreign = contract(f"{terminal.word}-rulings").replace(
        "status", "dataProduct: claims/other\nstatus"
    )
    site.inside.do(f"""
from catalog.contracts.publish import publish_contract
from catalog.models import User
from catalog.standards.reading import read
publish_contract(read({foreign!r}), by=User.objects.get(username="alice"))
""")
    terminal.change("product/contracts/rulings.odcs.yaml", "version: 1.0.0", "version: 1.0")
    code, text = terminal.run("push", "product", "--atomic")
    assert (code, site.ask(count)) == (1, "0"), text


def test_another_team_is_refused_and_learns_nothing(terminal: Terminal, site: Site) -> None:
    assert terminal.run("push", "product")[0] == 0
    code, said = terminal.json("diff", "product", by="charlie")
    assert (code, outcomes(said)) == (1, ["refused"] * 3)
    assert all(one["affected"] is None for one in said["documents"])
    visible = [one["problems"][0]["message"] for one in said["documents"]]
    site.inside.do(f"""
from catalog.models import *
from catalog.descriptors import LayerKind, ProductDescriptor
from catalog.people.authority import system
from catalog.registry.apply import apply
row = Product.objects.get(guid="{terminal.guid}")
said = ProductDescriptor(domain="claims", key=row.key, visibility="team")
apply([said], layer=LayerKind.DECLARED, source="git:tests", authority=system("tests"))
""")
    code, said = terminal.json("diff", "product", by="charlie")
    hidden = [one["problems"][0]["message"] for one in said["documents"]]
    assert (code, "Charlie" in str(said), "alice" in str(said)) == (1, False, False)
    assert all(one["comparison"] is None for one in said["documents"])
    assert len(hidden) == len(visible) == 3
    for arguments in (
        ("open", terminal.address),
        ("export", terminal.address),
        ("open", terminal.guid),
    ):
        assert terminal.run(*arguments, by="charlie")[0] == 4
    nothing = terminal.run("open", "claims/nothing", by="charlie")[1]
    assert terminal.run("open", terminal.address, by="charlie")[1] == nothing.replace(
        "claims/nothing", terminal.address
    )


def test_a_wrong_token_is_said_and_not_shown(terminal: Terminal) -> None:
    code, text = terminal.run("push", "product", by="gz_wrong")
    assert (code, "check GAZETTEER_TOKEN" in text) == (3, True)
    assert terminal.json("search", "court", by="gz_wrong")[0] == 3


def test_search_and_open_find_what_one_may_see(terminal: Terminal, site: Site) -> None:
    assert terminal.run("push", "product")[0] == 0
    site.inside.must("search", "follow")
    code, text = terminal.run("search", terminal.word, "proceedings")
    assert (code, terminal.address in text) == (0, True), text
    page = f"{site.url}/products/{terminal.address}\n"
    for name in (
        terminal.address,
        terminal.guid,
        "product",
        f"urn:gazetteer:{terminal.address.replace('/', ':')}",
        page,
    ):
        assert terminal.run("open", name.strip()) == (0, page)


@contextmanager
def losing_the_first_answer(url: str) -> Iterator[str]:
    """Stand before a server, and keep back what it answers to the first call; yield the address."""
    address = urlsplit(url)
    lost: list[bytes] = []

    def serve(near: socket.socket) -> None:
        far = socket.create_connection((str(address.hostname), address.port))
        with near, far:
            sending = threading.Thread(target=_copy, args=(near, far))
            sending.start()
            if lost:
                _copy(far, near)
            else:
                lost.append(far.recv(65536))
            for side in (near, far):
                with suppress(OSError):
                    side.shutdown(socket.SHUT_RDWR)
            sending.join(10)

    listening = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                serve(listening.accept()[0])

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        accepting.join(10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)


def test_an_answer_that_is_lost_is_asked_for_again_and_nothing_is_taken_twice(
    terminal: Terminal, site: Site
) -> None:
    with losing_the_first_answer(site.url) as address:
        code, said = terminal.json("push", "product", "--url", address)
    assert (code, outcomes(said)) == (0, ["taken"] * 3), said
    assert (said["summary"]["created"], said["summary"]["refused"]) == (3, 0)
    assert site.ask(f"Contract.objects.filter(product__guid='{terminal.guid}').count()") == "2"
    code, said = terminal.json("push", "product")
    assert outcomes(said) == ["unchanged"] * 3
