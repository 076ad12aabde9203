"""All addresses of Gazetteer."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
for _prefix, _module in (
    ("api/v1/", "lineage.urls"),
    ("api/v1/", "catalog.api.urls"),
    ("api/", "catalog.api.urls_clients"),
    ("api/v1/", "ingestors.api.urls"),
    ("api/v1/", "lineage.api.urls"),
    ("", "portal.urls_api"),
    ("", "portal.urls_owners"),
    ("", "portal.urls_pages"),
):
    _parent = _module.rpartition(".")[0]
    if find_spec(_parent) and find_spec(_module):
        urlpatterns.append(path(_prefix, include(_module)))

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.errors.broken"
