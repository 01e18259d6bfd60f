from django.db import migrations, models

# A file that cannot be imported is of no use to anybody: all imports of it failed.
_USELESS = """NOT EXISTS (
    SELECT FROM ledger_import AS i
    WHERE i.user_id = ledger_file.user_id AND i.digest = ledger_file.digest AND i.error = ''
)"""
_DUE = "user_id IN (SELECT id FROM identity_user WHERE erase_after <= now())"


class Migration(migrations.Migration):
    """Files of failed imports may be deleted, and what waits is counted without the rest."""

    dependencies = [("ledger", "0007_leaving")]

    operations = [
        migrations.RunSQL(
            f"ALTER POLICY ledger_file_due ON ledger_file USING ({_DUE} OR {_USELESS})",
            f"ALTER POLICY ledger_file_due ON ledger_file USING ({_DUE} OR false)",
        ),
        migrations.AddIndex(
            model_name="importmodel",
            index=models.Index(
                condition=models.Q(("status", "waiting")),
                fields=["user"],
                name="ledger_import_waiting",
            ),
        ),
    ]
