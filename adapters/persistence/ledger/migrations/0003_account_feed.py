from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import adapters.persistence.ledger.models.owned

_HERE = Path(__file__).parent
_VERSIONS = (_HERE / "ordered_versions.sql").read_text()
_VERSIONS_BEFORE = (_HERE / "feed_versions.sql").read_text()


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_statements_holdings_and_feed"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountmodel",
            name="feed_position",
            field=models.BigIntegerField(
                db_default=adapters.persistence.ledger.models.owned.FeedPosition()
            ),
        ),
        migrations.AlterField(
            model_name="transactionversionmodel",
            name="transaction",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="versions",
                to="ledger.transactionmodel",
            ),
        ),
        migrations.AddIndex(
            model_name="accountmodel",
            index=models.Index(fields=["user", "feed_position", "id"], name="ledger_account_feed"),
        ),
        migrations.AddIndex(
            model_name="importmodel",
            index=models.Index(
                condition=models.Q(("undone_position__isnull", False)),
                fields=["user", "undone_position"],
                name="ledger_import_undone",
            ),
        ),
        migrations.AddConstraint(
            model_name="transactionversionmodel",
            constraint=models.UniqueConstraint(
                fields=("transaction", "version"), name="ledger_version_number"
            ),
        ),
        migrations.RunSQL(_VERSIONS, _VERSIONS_BEFORE),
    ]
