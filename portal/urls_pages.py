"""Addresses of the pages where people find and judge."""

from django.urls import path

from portal.views import (
    dataset,
    domain,
    domain_edit,
    home,
    jobs,
    lineage,
    map,
    members,
    product,
    search,
    tables,
    team,
    team_edit,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("theme", home.theme, name="theme"),
    path("search", search.search, name="search"),
    path("search.csv", tables.search_table, name="search-table"),
    path("suggest", search.suggest, name="suggest"),
    path("products/<slug:domain>/<slug:key>", product.product_page, name="product"),
    path("products/<slug:domain>/<slug:key>/<slug:tab>", product.product_page, name="product-tab"),
    path("datasets/<int:pk>", dataset.dataset_page, name="dataset"),
    path("datasets/<int:pk>/<slug:tab>", dataset.dataset_page, name="dataset-tab"),
    path("domains", domain.domain_list, name="domains"),
    path("domains/new", domain_edit.new_domain, name="new-domain"),
    path("domains/<slug:key>", domain.domain_page, name="domain"),
    path(
        "domains/<slug:key>/breaking-changes",
        domain.breaking_policy,
        name="domain-breaking-changes",
    ),
    path("domains/<slug:key>/edit", domain_edit.edit_domain, name="edit-domain"),
    path("domains/<slug:key>/stewards", members.domain_stewards, name="domain-stewards"),
    path("teams/new", team_edit.new_team, name="new-team"),
    path("teams/<slug:key>/edit", team_edit.edit_team, name="edit-team"),
    path("teams/<slug:key>/members", members.team_members, name="team-members"),
    path("teams/<slug:key>", team.team_page, name="team"),
    path("map", map.map_page, name="map"),
    path("lineage", lineage.lineage_page, name="lineage"),
    path("lineage/impact", lineage.impact_page, name="lineage-impact"),
    path("lineage/impact/notify", lineage.announce, name="lineage-announce"),
    path("lineage/flows/<int:pk>", lineage.edge_page, name="lineage-edge"),
    path("jobs", jobs.job_list, name="jobs"),
    path("jobs/<int:pk>", jobs.job_page, name="job"),
    path("jobs/<int:pk>/runs/<uuid:run>", jobs.job_run_page, name="job-run"),
]
