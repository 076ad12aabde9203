from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('lineage', '0002_jobs_runs_events'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='edge',
            name='columns',
        ),
    ]
