"""Addresses of Marquez, below /api/v1/. `lineage.urls` adds the one it shares with our own."""

from django.urls import path, re_path

from lineage.marquez import namespaces, views

urlpatterns = [
    path("column-lineage", views.ColumnLineageView.as_view(), name="api-column-lineage"),
    path("events/lineage", views.EventsView.as_view(), name="api-lineage-events"),
    path("namespaces", views.NamespacesView.as_view(), name="api-namespaces"),
    re_path(
        r"^namespaces/(?P<rest>[^\x00]{1,4000})$",
        namespaces.NamespaceView.as_view(),
        name="api-namespace",
    ),
    path("tags", views.TagsView.as_view(), name="api-tags"),
    path("jobs/runs/<uuid:run>", views.RunView.as_view(), name="api-job-run"),
    path("jobs/runs/<uuid:run>/facets", views.RunFacetsView.as_view(), name="api-job-run-facets"),
    path("runlineage/upstream", views.UpstreamRunsView.as_view(), name="api-upstream-runs"),
    path("search", views.search, name="api-marquez-search"),
]
