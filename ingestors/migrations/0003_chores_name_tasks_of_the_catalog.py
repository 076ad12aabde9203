"""The followers of the event log are tasks of the catalog: chores that are kept name them so."""

from django.db import migrations

RENAMED = {
    "ingestors.follow": "catalog.index",
    "ingestors.notify": "catalog.notify",
    "ingestors.deliver": "catalog.deliver",
    "ingestors.tell": "catalog.send_messages",
    "ingestors.daily": "catalog.expire",
}


def rename(apps, schema_editor):
    chores = apps.get_model("ingestors", "Chore").objects
    for old, new in RENAMED.items():
        chores.filter(task=old).update(task=new)


def rename_back(apps, schema_editor):
    chores = apps.get_model("ingestors", "Chore").objects
    for old, new in RENAMED.items():
        chores.filter(task=new).update(task=old)


class Migration(migrations.Migration):
    dependencies = [("ingestors", "0002_chores")]
    operations = [migrations.RunPython(rename, rename_back)]
