from django.db import migrations, models

from adapters.persistence.operations import grant
from adapters.persistence.roles import Role

# Intervals are taken from each other: no time zone of a session matters.
_REFUSED = """
ALTER TABLE audit_checkpoint ADD COLUMN refused bytea CHECK (octet_length(refused) % 16 = 0)
"""
# Work may be long: what happened is written when it ends. The keyed hash covers both times.
_TIME = """
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_occurred_at_check CHECK (
    occurred_at - uuid_extract_timestamp(id) BETWEEN interval '-1 hour' AND interval '10 minutes'
)
"""
# Addresses and programs are everybody's: a request sees what the trail tells of its own user.
_POLICIES = """
CREATE POLICY audit_entry_owner ON audit_entry FOR SELECT TO dashtam_app USING (
    actor_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
    OR (resource_type::text = 'user'
        AND resource_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
);
CREATE POLICY audit_entry_reader ON audit_entry FOR SELECT
    TO dashtam_staff, dashtam_sealer, dashtam_auditor USING (true);
CREATE POLICY audit_entry_writer ON audit_entry FOR INSERT
    TO dashtam_app, dashtam_staff, dashtam_operator WITH CHECK (true);
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY
"""
_NEVER = "DO $$ BEGIN RAISE EXCEPTION 'the audit trail is never unmade'; END $$"


class Migration(migrations.Migration):
    """Checkpoints name what they refuse, times belong together, and the net believes no setting."""

    dependencies = [("audit", "0002_repetition")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_REFUSED, _NEVER)],
            state_operations=[
                migrations.AddField(
                    model_name="auditcheckpointmodel",
                    name="refused",
                    field=models.BinaryField(null=True),
                ),
            ],
        ),
        # What commands for staff refuse is counted too.
        grant("audit_repetition", Role.OPERATOR, "SELECT, INSERT, UPDATE, DELETE"),
        migrations.RunSQL(_TIME, _NEVER),
        migrations.RunSQL(_POLICIES, _NEVER),
    ]
