"""Values of documents in templates: `{% load documents %}`."""

from __future__ import annotations

import json

from django import template

register = template.Library()
LONGEST = 120


@register.filter
def in_short(value: object) -> str:
    """Write a value of a document on one line."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
