from django.db import migrations

from adapters.persistence.operations import erase_when_due


class Migration(migrations.Migration):
    dependencies = [
        ("connections", "0001_initial"),
        ("identity", "0004_leaving"),
    ]

    operations = [
        erase_when_due("connections_connection"),
        erase_when_due("connections_credential"),
    ]
