"""Attacks on the trail, and what a verification must say of each."""

from dataclasses import dataclass

from tests.adapters.audit.attack_steps import (
    FRESH,
    SEALED,
    Deed,
    append_with_another_key,
    back_date_and_seal,
    insert_at,
    rewrite_all_with_the_stolen_key,
    sign_with_another_key,
    sql,
    write_unseen,
)


@dataclass(frozen=True, slots=True)
class Attack:
    """What an attack does, and what a verification must report, whatever else it reports."""

    name: str
    deed: Deed
    found: frozenset[str]


def found(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


ATTACKS: list[Attack] = [
    Attack(
        "an entry has another action",
        sql(f"UPDATE public.audit_entry SET action = 'x.y' WHERE id = {SEALED}"),
        found("entry-changed"),
    ),
    Attack(
        "an entry is about someone else",
        sql(f"UPDATE public.audit_entry SET actor_id = uuidv7() WHERE id = {SEALED}"),
        found("entry-changed"),
    ),
    Attack(
        "an entry has other details",
        sql(
            "UPDATE public.audit_entry SET details = jsonb_build_object('x', 1)"
            f" WHERE id = {SEALED}"
        ),
        found("entry-changed"),
    ),
    Attack(
        "an entry happened at another time",
        sql(
            "UPDATE public.audit_entry SET occurred_at = occurred_at - interval '1 microsecond'"
            f" WHERE id = {SEALED}"
        ),
        found("entry-changed"),
    ),
    Attack(
        "an entry loses its keyed hash",
        sql(f"UPDATE public.audit_entry SET mac = sha256('x') WHERE id = {SEALED}"),
        found("entry-changed"),
    ),
    Attack(
        "an entry that is not sealed yet is changed",
        sql(f"UPDATE public.audit_entry SET result = 'failure' WHERE id = {FRESH}"),
        found("entry-mac"),
    ),
    Attack(
        "an entry is gone",
        sql(f"DELETE FROM public.audit_entry WHERE id = {SEALED}"),
        found("entry-gone"),
    ),
    Attack(
        "an entry of a write that is not sealed yet is gone",
        sql("DELETE FROM public.audit_entry WHERE action = 'email.verified'"),
        found("entry-gone", "unaudited-write"),
    ),
    Attack(
        "two entries have changed places",
        sql(
            "CREATE TEMP TABLE two AS SELECT * FROM public.audit_entry ORDER BY txid LIMIT 2",
            "UPDATE public.audit_entry AS one SET action = other.action, details = other.details,"
            " mac = other.mac FROM two AS other WHERE one.id IN (SELECT id FROM two)"
            " AND other.id <> one.id",
            "DROP TABLE two",
        ),
        found("entry-changed"),
    ),
    Attack(
        "an entry stands twice",
        sql(insert_at("0", f"(SELECT txid FROM public.audit_entry WHERE id = {SEALED})")),
        found("entry-added"),
    ),
    Attack(
        "an entry was moved to another transaction",
        sql(
            f"UPDATE public.audit_entry SET txid = (SELECT txid FROM public.audit_entry"
            f" WHERE id = {FRESH}) WHERE id = {SEALED}"
        ),
        found("entry-gone"),
    ),
    Attack(
        "an entry is numbered ahead of all transactions",
        sql(insert_at("0", "9000000000")),
        found("entry-number", "entry-mac"),
    ),
    Attack(
        "an entry is numbered before all transactions",
        sql(insert_at("0", "-1")),
        found("entry-number"),
    ),
    Attack(
        "an entry is dated back",
        sql(insert_at("-20 days")),
        found("entry-time", "entry-mac"),
    ),
    Attack("an entry is dated back and sealed", back_date_and_seal, found("entry-time")),
    Attack(
        "an entry is forged without the key",
        sql(insert_at("0"), opened=False),
        found("entry-mac"),
    ),
    Attack(
        "the trail is emptied",
        sql("TRUNCATE public.audit_entry"),
        found("entry-gone", "unaudited-write"),
    ),
    Attack(
        "trail and checkpoints are emptied",
        sql("TRUNCATE public.audit_entry, public.audit_checkpoint"),
        found("witness", "unaudited-write"),
    ),
    Attack(
        "a year is detached",
        sql(
            "DO $$ BEGIN EXECUTE format('ALTER TABLE public.audit_entry DETACH PARTITION"
            " public.audit_entry_%s', extract(year FROM now())); END $$"
        ),
        found("entry-gone", "posture"),
    ),
    Attack(
        "a year is dropped and said to be retired",
        sql(
            "DO $$ BEGIN EXECUTE format('DROP TABLE public.audit_entry_%s',"
            " extract(year FROM now())); END $$",
            "UPDATE guard.audit_year SET retired_at = now(), export_digest = sha256('x')"
            " WHERE year = extract(year FROM now())",
        ),
        found("entry-gone"),
    ),
    Attack(
        "a checkpoint is edited",
        sql("UPDATE public.audit_checkpoint SET total = total + 1 WHERE number = 1"),
        found("checkpoint-signature", "checkpoint-chain"),
    ),
    Attack(
        "a checkpoint's leaves are edited",
        sql(
            "UPDATE public.audit_checkpoint"
            " SET leaves = set_byte(leaves, 0, get_byte(leaves, 0) # 255) WHERE number = 1"
        ),
        found("checkpoint-content"),
    ),
    Attack(
        "a checkpoint's ids are edited",
        sql(
            "UPDATE public.audit_checkpoint SET ids = overlay(ids PLACING '\\xffff' FROM 9)"
            " WHERE number = 1"
        ),
        found("checkpoint-signature"),
    ),
    Attack(
        "a checkpoint between others is gone",
        sql("DELETE FROM public.audit_checkpoint WHERE number = 2"),
        found("checkpoint-missing", "checkpoint-chain", "witness"),
    ),
    Attack(
        "the last checkpoint is gone, with what it seals",
        sql(
            "DELETE FROM public.audit_entry WHERE txid >= (SELECT max(first_xid)"
            " FROM public.audit_checkpoint)",
            "DELETE FROM public.audit_checkpoint WHERE number ="
            " (SELECT max(number) FROM public.audit_checkpoint)",
        ),
        found("witness"),
    ),
    Attack("a checkpoint is signed anew", sign_with_another_key, found("checkpoint-signature")),
    Attack(
        "a checkpoint is added with another key",
        append_with_another_key,
        found("checkpoint-signature"),
    ),
    Attack(
        "all is rewritten with the stolen key",
        rewrite_all_with_the_stolen_key,
        found("witness"),
    ),
    Attack("a row is written unseen", write_unseen, found("unaudited-write")),
    Attack(
        "a guard is left open",
        sql(
            "UPDATE guard.state SET armed = false",
            "ALTER TABLE public.audit_entry DISABLE TRIGGER refuse_row",
            "UPDATE guard.state SET armed = true",
            opened=False,
        ),
        found("posture"),
    ),
    Attack(
        "the guards are disarmed",
        sql("UPDATE guard.state SET armed = false", opened=False),
        found("posture"),
    ),
    Attack(
        "a trigger swallows entries",
        sql(
            "CREATE TRIGGER swallow BEFORE INSERT ON public.audit_entry FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        ),
        found("posture"),
    ),
    Attack(
        "a rule swallows deletions",
        sql("CREATE RULE quiet AS ON DELETE TO public.audit_entry DO INSTEAD NOTHING"),
        found("posture"),
    ),
    Attack(
        "the application may change entries",
        sql("GRANT UPDATE ON public.audit_entry TO dashtam_app", opened=False),
        found("posture"),
    ),
    Attack(
        "the application may write the transaction's number",
        sql("GRANT INSERT (txid) ON public.audit_entry TO dashtam_app", opened=False),
        found("posture"),
    ),
    Attack(
        "a policy shows everything",
        sql(
            "ALTER POLICY ledger_account_owner ON public.ledger_account USING (true)", opened=False
        ),
        found("posture"),
    ),
    Attack(
        "policies are off",
        sql("ALTER TABLE public.ledger_account DISABLE ROW LEVEL SECURITY", opened=False),
        found("posture"),
    ),
    Attack(
        "the net is gone from a table",
        sql("DROP TRIGGER ledger_account_audited ON public.ledger_account", opened=False),
        found("posture"),
    ),
    Attack(
        "a guard refuses nothing any more",
        sql(
            "CREATE OR REPLACE FUNCTION guard.refuse_change() RETURNS trigger LANGUAGE plpgsql"
            " AS 'BEGIN RETURN coalesce(NEW, OLD); END'",
            opened=False,
        ),
        found("posture"),
    ),
    Attack(
        "nobody watches DDL",
        sql("ALTER EVENT TRIGGER guard_ddl DISABLE", opened=False),
        found("posture"),
    ),
    Attack(
        "a column numbers transactions otherwise",
        sql("ALTER TABLE public.audit_entry ALTER COLUMN txid SET DEFAULT 1"),
        found("posture"),
    ),
    Attack(
        "the application is above the policies",
        sql("ALTER ROLE dashtam_app BYPASSRLS", opened=False),
        found("posture"),
    ),
    Attack(
        "the application owns the tables",
        sql("GRANT dashtam_owner TO dashtam_app", opened=False),
        found("posture"),
    ),
]
