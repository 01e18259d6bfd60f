from django.db import migrations, models


class Migration(migrations.Migration):
    """What one user decided is found without a look at what all others did."""

    dependencies = [("ledger", "0003_account_feed")]

    operations = [
        migrations.AddIndex(
            model_name="transfermodel",
            index=models.Index(fields=["user", "decision"], name="ledger_transfer_decided"),
        ),
    ]
