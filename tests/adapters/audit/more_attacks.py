"""Attacks on what the trail believes: forged entries, the net, staff, numbers and settings."""

from typing import Any

from tests.adapters.audit.attack_steps import (
    FRESH,
    NET_DOWN,
    SAY_RETIRED,
    SEALED,
    begin_oddly,
    behind_all,
    behind_the_net,
    forge,
    forge_and_seal,
    insert_at,
    replay_a_drill,
    retire_by_a_forged_entry,
    retire_too_young,
    sql,
)
from tests.adapters.audit.attacks import Attack, found

_STAFF = (
    "INSERT INTO public.staff_user (id, username, role, password, is_active, added_at)"
    " VALUES (uuidv7(), 'mallory', 'administrator', 'x', true, now())"
)

SHAPES = {
    "is empty": "'{}'",
    "is too deep to be read": "(repeat('[', 5000) || repeat(']', 5000))::jsonb",
    "is no object": "'[1]'",
    "names what is no checkpoint": """'{"lost": [7]}'""",
}
ODD: dict[str, tuple[Any, ...]] = {
    "names what is no checkpoint": (7,),
    "lacks a hash": ({"first": 1},),
}
FORGERIES = [
    Attack(
        "an entry is forged by who serves the API",
        sql(*forge("user.delete"), opened=False),
        found("entry-mac"),
    ),
    Attack(
        "an entry is forged by staff",
        sql(*forge("user.delete", role="dashtam_staff"), opened=False),
        found("entry-mac"),
    ),
    Attack(
        "a forged entry is sealed with the stolen key",
        forge_and_seal(*forge("user.delete")),
        found("entry-mac"),
    ),
    Attack(
        "a forged entry is too deep to be read",
        sql(*forge("x.y", "(repeat('[', 5000) || repeat(']', 5000))::jsonb"), opened=False),
        found("entry-mac"),
    ),
    Attack(
        "a forged entry holds a number that is too long to be read",
        sql(*forge("x.y", "('1' || repeat('0', 9000))::jsonb"), opened=False),
        found("entry-mac"),
    ),
    Attack(
        "an entry has another time, and may",
        sql(
            "ALTER TABLE public.audit_entry DROP CONSTRAINT audit_entry_occurred_at_check",
            insert_at("0").replace("now() + '0'::interval", "now() - interval '3 days'"),
        ),
        found("posture", "entry-mac"),
    ),
    Attack(
        "entries are excused by a forged retirement",
        retire_by_a_forged_entry(),
        found("entry-gone", "entry-mac", "retirement"),
    ),
    Attack(
        "entries are excused by a forged retirement that the guard confirms",
        retire_by_a_forged_entry(SAY_RETIRED),
        found("entry-gone", "entry-mac", "retirement"),
    ),
    Attack(
        "a forged retirement says nothing of use",
        sql(*forge("audit.retired", "'[1]'"), *forge("audit.adopted", "'null'"), opened=False),
        found("entry-mac", "retirement"),
    ),
    Attack(
        "a forged retirement is too deep to be read",
        forge_and_seal(*forge("audit.retired", "(repeat('[', 5000) || repeat(']', 5000))::jsonb")),
        found("entry-mac", "retirement"),
    ),
    *(
        Attack(
            f"a forged history {name}",
            sql(*forge("history.begun", details), opened=False),
            found("entry-mac", "history"),
        )
        for name, details in SHAPES.items()
    ),
    *(
        Attack(f"a history that holds {name}", begin_oddly(details), found("history"))
        for name, details in ODD.items()
    ),
    Attack(
        "a year is retired with all keys, and too young",
        retire_too_young,
        found("entry-gone", "retirement"),
    ),
    Attack(
        "a checkpoint refuses one entry more",
        sql("UPDATE public.audit_checkpoint SET refused = uuid_send(uuidv7()) WHERE number = 1"),
        found("checkpoint-signature"),
    ),
]

HIDDEN_WRITES = [
    Attack(
        "an administrator is added unseen",
        behind_the_net(_STAFF),
        found("unknown-staff", "unaudited-write"),
    ),
    Attack(
        "an administrator is added with the operator's password",
        sql(
            *forge("staff.added", role="dashtam_operator"),
            "SET LOCAL ROLE dashtam_operator",
            _STAFF,
            "RESET ROLE",
            opened=False,
        ),
        found("unknown-staff", "entry-mac"),
    ),
    Attack(
        "somebody of the staff has another role",
        behind_the_net("UPDATE public.staff_user SET role = 'administrator'"),
        found("unknown-staff", "unaudited-write"),
    ),
    Attack(
        "a row is deleted unseen",
        behind_the_net("DELETE FROM public.identity_mailed_token"),
        found("unaudited-deletion"),
    ),
    Attack(
        "an address is changed unseen",
        behind_the_net("UPDATE public.identity_user SET wanted_email = 'eve@example.org'"),
        found("unaudited-write"),
    ),
    Attack(
        "amounts are changed unseen, and called a restore's",
        behind_the_net(
            "SET LOCAL search_path = public",
            "UPDATE public.ledger_transaction SET amount = amount * 10",
            "UPDATE guard.state SET restored_below = pg_current_xact_id()::text::bigint + 1",
        ),
        found("numbering"),
    ),
    Attack(
        "a restore is made up, with an entry of it",
        sql(
            *forge(
                "audit.adopted",
                "jsonb_build_object('xid_offset', 0, 'restored_below', 900000000)",
            ),
            "UPDATE guard.state SET restored_below = 900000000",
            opened=False,
        ),
        found("numbering", "entry-mac"),
    ),
    Attack(
        "a restore is called this one's that was a drill elsewhere",
        replay_a_drill,
        found("numbering"),
    ),
    Attack(
        "transactions are numbered otherwise",
        sql("UPDATE guard.state SET xid_offset = xid_offset + 1000", opened=False),
        found("numbering"),
    ),
    Attack(
        "a year of the guard is said to be retired",
        sql(SAY_RETIRED, opened=False),
        found("retirement"),
    ),
]

_HIDDEN = "UPDATE public.ledger_transaction SET amount = amount * 10"
_HERE = "pg_current_xact_id()::text::bigint + (SELECT xid_offset FROM guard.state)"
#: To hide a write, an attacker makes an entry look like the one that records it.
EXCUSES = [
    Attack(
        "a sealed entry is touched by a hidden write",
        behind_all(_HIDDEN, f"UPDATE public.audit_entry SET mac = mac WHERE id = {SEALED}"),
        found("unaudited-write", "entry-rewritten"),
    ),
    Attack(
        "an entry that is not sealed yet is touched by a hidden write",
        behind_all(_HIDDEN, f"UPDATE public.audit_entry SET mac = mac WHERE id = {FRESH}"),
        found("unaudited-write", "entry-rewritten"),
    ),
    Attack(
        "a reading is moved to a hidden write",
        behind_all(_HIDDEN, f"UPDATE public.audit_entry SET txid = {_HERE} WHERE id = {FRESH}"),
        found("entry-mac"),
    ),
    Attack(
        "a sealed entry stands for a hidden write in place of its own",
        behind_all(_HIDDEN, f"UPDATE public.audit_entry SET txid = {_HERE} WHERE id = {SEALED}"),
        found("entry-gone", "entry-mac"),
    ),
]

POSTURE = {
    "the net is down": (*NET_DOWN, "UPDATE guard.state SET armed = true"),
    "the net asks for nothing": (
        "CREATE OR REPLACE FUNCTION guard.note_write() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN NULL; END'",
    ),
    "deletions are not asked for": (
        "ALTER TABLE public.ledger_account DISABLE TRIGGER ledger_account_deleted",
    ),
    "the application may say that it was asked": (
        "GRANT INSERT, DELETE ON guard.asked TO dashtam_app",
    ),
    "a guard looks at one column alone": (
        "UPDATE guard.state SET armed = false",
        "DROP TRIGGER refuse_row ON public.audit_checkpoint",
        "CREATE TRIGGER refuse_row BEFORE DELETE OR UPDATE OF total ON public.audit_checkpoint"
        " FOR EACH ROW EXECUTE FUNCTION guard.refuse_change()",
        "ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER refuse_row",
        "UPDATE guard.state SET armed = true",
    ),
    "names are looked for elsewhere first": (
        "ALTER ROLE dashtam_app SET search_path = evil, public",
    ),
    "the application has no limits of time": ("ALTER ROLE dashtam_app RESET ALL",),
    "everybody's triggers are off": (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica',"
        " current_database()); END $$",
    ),
    "event triggers are off": ("SET LOCAL event_triggers = off",),
    "entries of everybody are open": ("ALTER TABLE public.audit_entry DISABLE ROW LEVEL SECURITY",),
    "the guard can log in": ("ALTER ROLE dashtam_guard LOGIN",),
    "the application can become the operator": ("GRANT dashtam_operator TO dashtam_app",),
    "staff can add staff": ("GRANT INSERT ON public.staff_user TO dashtam_staff",),
    "a crash empties the checkpoints": ("ALTER TABLE public.audit_checkpoint SET UNLOGGED",),
    "the trail is sent elsewhere": ("CREATE PUBLICATION elsewhere FOR TABLE public.identity_user",),
    "tables to come are open": (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO dashtam_app",
    ),
    "large objects are open": ("GRANT EXECUTE ON FUNCTION lo_create(oid) TO PUBLIC",),
    "a schema is open": ("CREATE SCHEMA evil", "GRANT USAGE ON SCHEMA evil TO dashtam_app"),
    "temporary tables are open": (
        "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO dashtam_app',"
        " current_database()); END $$",
    ),
    "a function stands before the server's": (
        "CREATE FUNCTION pg_catalog.host(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
    ),
    "the application may switch triggers off": (
        "GRANT SET ON PARAMETER session_replication_role TO dashtam_app",
    ),
    "the application reads files of the server": (
        "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO dashtam_app",
    ),
    "everybody reads the hashes of passwords": ("GRANT SELECT ON pg_authid TO PUBLIC",),
    "the application reads one of them": (
        "GRANT SELECT (rolpassword) ON pg_authid TO dashtam_app",
    ),
    "somebody else is a superuser": ("CREATE ROLE backdoor SUPERUSER LOGIN",),
    "somebody else is above the policies": ("CREATE ROLE backdoor BYPASSRLS LOGIN",),
    "one statement may be entered twice": ("DROP INDEX public.ledger_transaction_key",),
}
MORE_ATTACKS = [
    *FORGERIES,
    *HIDDEN_WRITES,
    *EXCUSES,
    *(Attack(name, sql(*done, opened=False), found("posture")) for name, done in POSTURE.items()),
]
