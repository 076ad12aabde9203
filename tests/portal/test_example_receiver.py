"""The receiver that the guide shows runs, agrees, and takes only what is signed."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import LazySettings

from catalog.descriptors import PortDescriptor
from catalog.models import Webhook
from catalog.outbound.webhooks.deliver import deliver
from catalog.outbound.webhooks.subscriptions import make_webhook
from tests.conftest import Mesh
from tests.factories import make_product

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "receive-events.md"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_the_receiver_of_the_guide_reads_signed_events_alone(
    mesh: Mesh, settings: LazySettings, tmp_path: Path
) -> None:
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_NETWORKS = ("127.0.0.0/8",)
    found = re.search(r"<!-- receiver -->\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found
    script = tmp_path / "receiver.py"
    script.write_text(found[1])
    port = free_port()
    webhook, secret = make_webhook(
        mesh.alice, name="w", url=f"http://127.0.0.1:{port}/", types=["product.*"]
    )
    other, _ = make_webhook(mesh.alice, name="other secret", url=webhook.url, types=["product.*"])
    running = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "SECRET": secret, "PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        make_product("p1", ports=[PortDescriptor(direction="out", name="sql", technology="x")])
        deliver()
    finally:
        running.terminate()
        said, _ = running.communicate(timeout=30)
    assert re.fullmatch(r"\d+ io\.gazetteer\.product\.created claims/p1\n", said)
    other.refresh_from_db()
    assert other.problem == "it answered 401"
    assert Webhook.objects.get(pk=webhook.pk).problem == ""
