"""Indexes for reading at size. SQLite makes the table of events anew, so its triggers are put back."""

from importlib import import_module

from django.db import migrations, models

before = import_module("catalog.migrations.0002_events_append_only")


def forward(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for sql in before.SQLITE:
            schema_editor.execute(sql.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS"))


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0004_search_shelf'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='event',
            name='catalog_eve_subject_ba37fe_idx',
        ),
        migrations.AlterField(
            model_name='dataset',
            name='audience',
            field=models.CharField(default='public', max_length=40),
        ),
        migrations.AlterField(
            model_name='event',
            name='audience',
            field=models.CharField(default='public', max_length=40),
        ),
        migrations.AlterField(
            model_name='event',
            name='product_id',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='event',
            name='type',
            field=models.CharField(help_text='`product.updated`, …', max_length=60),
        ),
        migrations.AlterField(
            model_name='product',
            name='audience',
            field=models.CharField(default='public', max_length=40),
        ),
        migrations.AddIndex(
            model_name='dataset',
            index=models.Index(fields=['domain', 'audience', 'gone_at'], name='catalog_dat_domain__d7a84d_idx'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['product_id', 'at', 'id'], name='catalog_eve_product_516b49_idx'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['subject_kind', 'subject_id', 'at'], name='catalog_eve_subject_732fab_idx'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['-consumer_count', 'name'], name='catalog_pro_consume_d72ebd_idx'),
        ),
        migrations.AddIndex(
            model_name='product',
            index=models.Index(fields=['domain', 'audience', 'status', 'quality_score'], name='catalog_pro_domain__6aa913_idx'),
        ),
        migrations.RunPython(forward, migrations.RunPython.noop),
    ]
