"""Forms of answers that views write themselves."""

from __future__ import annotations

from rest_framework.renderers import JSONRenderer


class ProblemRenderer(JSONRenderer):
    """Lets callers accept a form that the view streams by itself; a problem stays JSON."""

    charset = "utf-8"
