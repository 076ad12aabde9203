"""One full-text table a kind, facets beside each document. The follower fills the index anew from the log."""

from django.db import migrations, models

FIELDS = (
    "exact", "name", "key", "tag", "domain", "owner", "port", "dataset", "column", "note", "description",
)
TABLES = ("catalog_searchproducttext", "catalog_searchdatasettext")


def forward(apps, schema_editor):
    schema_editor.execute("DROP TABLE catalog_searchtext")
    schema_editor.execute("DELETE FROM catalog_searchdocument")
    schema_editor.execute("DELETE FROM catalog_searchword")
    schema_editor.execute("DELETE FROM catalog_cursor WHERE name = 'search'")
    columns = ", ".join(f'"{field}"' for field in FIELDS)
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE {table} USING fts5({columns}, tokenize='unicode61', prefix='2 3')"
            )
        else:
            schema_editor.execute(f"CREATE TABLE {table} (rowid bigint PRIMARY KEY, body tsvector)")
            schema_editor.execute(f"CREATE INDEX {table}_body ON {table} USING gin (body)")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_search")]
    operations = [
        migrations.DeleteModel(name="SearchFacet"),
        migrations.RunPython(forward, elidable=False),
        migrations.RemoveIndex(model_name="searchdocument", name="catalog_sea_kind_4c44cf_idx"),
        migrations.RemoveIndex(model_name="searchdocument", name="catalog_sea_kind_deb8c6_idx"),
        migrations.RemoveField(model_name="searchdocument", name="exact"),
        migrations.RemoveField(model_name="searchdocument", name="status"),
        migrations.AddField(
            model_name="searchdocument",
            name="codes",
            field=models.TextField(default="", help_text="Facet values, a line each: facet=value."),
        ),
        migrations.CreateModel(
            name="SearchChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.BigIntegerField()),
                ("last_key", models.BigIntegerField(default=0)),
                ("gone", models.JSONField(default=list, help_text="Numbers of documents that are no more.")),
            ],
        ),
    ]
