"""The database itself refuses to change or delete an event."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER catalog_event_no_update BEFORE UPDATE ON catalog_event
       BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    """CREATE TRIGGER catalog_event_no_delete BEFORE DELETE ON catalog_event
       BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION catalog_event_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$""",
    """CREATE TRIGGER catalog_event_append_only BEFORE UPDATE OR DELETE ON catalog_event
       FOR EACH ROW EXECUTE FUNCTION catalog_event_append_only()""",
]
SQLITE_BACK = ["DROP TRIGGER catalog_event_no_update", "DROP TRIGGER catalog_event_no_delete"]
POSTGRESQL_BACK = [
    "DROP TRIGGER catalog_event_append_only ON catalog_event",
    "DROP FUNCTION catalog_event_append_only()",
]


def forward(apps, schema_editor):
    for sql in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(sql)


def backward(apps, schema_editor):
    for sql in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_BACK:
        schema_editor.execute(sql)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
