from django.db import migrations

_NEVER = "DO $$ BEGIN RAISE EXCEPTION 'the audit trail is never unmade'; END $$"
# What was counted in this minute is forgotten, as after a crash.
_CLOSED = """
TRUNCATE audit_repetition;
ALTER TABLE audit_repetition ALTER COLUMN said TYPE bytea USING convert_to(said, 'UTF8');
ALTER TABLE audit_repetition ADD CHECK (octet_length(said) BETWEEN 28 AND 16384)
"""

# A few bytes of JSON may be a gigabyte of text (1e131000), which no sealer could read.
_BOUND = """
ALTER TABLE audit_entry ADD CONSTRAINT audit_entry_details_check
CHECK (octet_length(details::text) <= 65536)
"""
# Whoever inserts checkpoints could else use up their numbers.
_NO_GAP = """
CREATE TRIGGER refuse_gap BEFORE INSERT ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION guard.refuse_gap();
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER refuse_gap
"""


class Migration(migrations.Migration):
    """What waits to be told is encrypted, details are bounded, and checkpoints follow."""

    dependencies = [("audit", "0003_believes_nothing_unchecked")]

    operations = [
        migrations.RunSQL(_CLOSED, _NEVER),
        migrations.RunSQL(_BOUND, _NEVER),
        migrations.RunSQL(_NO_GAP, _NEVER),
    ]
