"""Reads templates as people write them, and sends them without the blanks that only people need."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import filesystem

INDENT = re.compile(r"\n[ \t]+")


class Loader(filesystem.Loader):
    """Read templates from files, without the indentation of their lines.

    A line break alone separates as well as one with blanks behind it, and lines keep their numbers in
    messages. What must keep its blanks (in `pre` and `textarea`) comes from values, not from templates.
    """

    def get_contents(self, origin: Origin) -> str:
        """Return the text of a template, each line from its first character."""
        return INDENT.sub("\n", super().get_contents(origin))
