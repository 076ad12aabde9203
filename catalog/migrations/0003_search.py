"""The full-text table of the embedded search: FTS5 on SQLite, tsvector on PostgreSQL."""

from django.db import migrations

FIELDS = (
    "exact", "name", "key", "tag", "domain", "owner", "port", "dataset", "column", "note", "description",
)


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        columns = ", ".join(f'"{field}"' for field in FIELDS)
        schema_editor.execute(
            f"CREATE VIRTUAL TABLE catalog_searchtext USING fts5({columns}, tokenize='unicode61')"
        )
    else:
        schema_editor.execute("CREATE TABLE catalog_searchtext (rowid bigint PRIMARY KEY, body tsvector)")
        schema_editor.execute("CREATE INDEX catalog_searchtext_body ON catalog_searchtext USING gin (body)")


def backward(apps, schema_editor):
    schema_editor.execute("DROP TABLE catalog_searchtext")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_events_append_only")]
    operations = [migrations.RunPython(forward, backward)]
