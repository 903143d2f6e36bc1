"""Triggers: the trail takes new rows and nothing else, whoever asks the database."""

from django.db import migrations

from sapar.kernel.audit import guard


def lock(apps, schema_editor):
    guard.lock(schema_editor.connection)


def lift(apps, schema_editor):
    guard.lift(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(lock, lift)]
