"""What chat systems take at their incoming webhooks. Free of Django.

Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; Mattermost takes Markdown;
Teams takes an Adaptive Card by a workflow ("post to a channel when a webhook request is received").
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~<>@])")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say, and the absolute address it leads to."""

    text: str
    url: str


def payload(form: str, lines: Sequence[Line]) -> bytes:
    """Return the body for `slack`, `mattermost` or `teams`."""
    body = {"slack": _slack, "mattermost": _mattermost, "teams": _teams}[form](lines)
    return json.dumps(body).encode()


def _slack(lines: Sequence[Line]) -> dict[str, object]:
    return {"text": "\n".join(f"{_slack_text(one.text)} <{one.url}|Open>" for one in lines)}


def _slack_text(text: str) -> str:
    """Escape what Slack reads as links and mentions."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mattermost(lines: Sequence[Line]) -> dict[str, object]:
    return {"text": "\n".join(f"- {_plain(one.text)} [Open]({one.url})" for one in lines)}


def _teams(lines: Sequence[Line]) -> dict[str, object]:
    body = [
        {"type": "TextBlock", "text": f"{_plain(one.text)} [Open]({one.url})", "wrap": True}
        for one in lines
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _plain(text: str) -> str:
    """Escape Markdown, so that a name is nothing but a name."""
    return _MARKUP.sub(r"\\\1", text.replace("\n", " "))
