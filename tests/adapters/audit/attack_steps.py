"""What an attacker with every right in the database does to the trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from adapters.audit import checkpoints
from adapters.audit.checkpoints import LEAF, Sealed
from adapters.audit.trail import INSERT, values_of
from domain.audit import merkle
from domain.audit.actions import HISTORY_BEGUN, TRAIL_ADOPTED, YEAR_RETIRED
from domain.audit.checkpoint import BEGINNING, Checkpoint, Refused, SignedCheckpoint
from domain.audit.entities import AuditEntry
from domain.audit.origin import Origin
from domain.shared.events import SYSTEM
from domain.shared.ids import new_id
from tests.adapters.audit.tools import AuditTools, Connection, new_key

#: A sealed entry, one that no checkpoint seals yet, and the year's partition.
SEALED = "(SELECT id FROM public.audit_entry ORDER BY txid LIMIT 1)"
FRESH = "(SELECT id FROM public.audit_entry ORDER BY txid DESC LIMIT 1)"

OPEN = """
UPDATE guard.state SET armed = false;
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT 'public.audit_entry'::regclass UNION SELECT inhrelid FROM pg_inherits
        WHERE inhparent = 'public.audit_entry'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', t);
    END LOOP;
END $$;
ALTER TABLE public.audit_checkpoint DISABLE TRIGGER ALL;
"""
#: Attackers who hide their traces leave every guard as it was.
CLOSE = """
DO $$ DECLARE t regclass; BEGIN
    FOR t IN SELECT 'public.audit_entry'::regclass UNION SELECT inhrelid FROM pg_inherits
        WHERE inhparent = 'public.audit_entry'::regclass LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_row', t);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_statement', t);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_wrong_time', t);
    END LOOP;
END $$;
ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER refuse_row;
ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER refuse_statement;
ALTER TABLE public.audit_checkpoint ENABLE ALWAYS TRIGGER refuse_gap;
UPDATE guard.state SET armed = true;
"""
COLUMNS = (
    "action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at, trace_id,"
    " ip_address, user_agent, details, mac"
)

Deed = Callable[[Connection, AuditTools], None]


def sql(*statements: str, opened: bool = True) -> Deed:
    """Run statements behind the guards' backs."""

    def deed(connection: Connection, audit: AuditTools) -> None:
        before, after = (OPEN, CLOSE) if opened else ("", "")
        for statement in (before, *statements, after):
            if statement:
                connection.execute(statement.encode())

    return deed


def insert_at(moment: str, txid: str = "DEFAULT", table: str = "public.audit_entry") -> str:
    """Copy the last entry under an id of another moment."""
    chosen = "" if txid == "DEFAULT" else ", txid"
    value = "" if txid == "DEFAULT" else f", {txid}"
    columns = COLUMNS.replace("occurred_at", f"now() + '{moment}'::interval")
    return (
        f"INSERT INTO {table} (id, {COLUMNS}{chosen})"
        f" SELECT uuidv7('{moment}'::interval), {columns}{value} FROM public.audit_entry"
        f" WHERE id = {FRESH}"
    )


#: Superusers can disable the guard for as long as nobody looks.
NET_DOWN = (
    "UPDATE guard.state SET armed = false",
    "ALTER TABLE guard.asked DISABLE TRIGGER require_audit_entry",
)
NET_UP = (
    "ALTER TABLE guard.asked ENABLE ALWAYS TRIGGER require_audit_entry",
    "UPDATE guard.state SET armed = true",
)


def behind_the_net(*statements: str) -> Deed:
    """Write to business tables without an entry."""
    return sql(*NET_DOWN, *statements, *NET_UP, opened=False)


def behind_all(*statements: str) -> Deed:
    """Write to business tables and to the trail, with every guard down."""
    return sql(NET_DOWN[1], "SET LOCAL search_path = public", *statements, NET_UP[0])


def forge(action: str, details: str = "'{}'", *, role: str = "dashtam_app") -> tuple[str, ...]:
    """Return the SQL that inserts an entry without a key."""
    return (
        f"SET LOCAL ROLE {role}",
        "INSERT INTO public.audit_entry (id, action, actor_kind, resource_type, result,"
        " occurred_at, trace_id, user_agent, details, mac) VALUES (uuidv7(), '" + action + "',"
        " 'system', 'audit_trail', 'success', now(), '', 'forged by SQL', " + details + ","
        " sha256('x'))",
        "RESET ROLE",
    )


def forge_and_seal(*statements: str) -> Deed:
    """Forge what statements forge, and have a thief of the sealing key sign it."""

    def deed(connection: Connection, audit: AuditTools) -> None:
        sql(*statements, opened=False)(connection, audit)
        _seal_within(connection, audit)

    return deed


#: This year, and how many sealed entries of it are to go.
YEAR = "extract(year FROM now() AT TIME ZONE 'UTC')::int"
FOUR = "(SELECT id FROM public.audit_entry ORDER BY txid LIMIT 4)"
RETIRED = forge(
    "audit.retired",
    f"jsonb_build_object('year', {YEAR}, 'entries', 4, 'export_sha256',"
    " encode(sha256('x'), 'hex'), 'xid_offset', 0, 'restored_below', 0)",
)
SAY_RETIRED = (
    "UPDATE guard.audit_year SET retired_at = now(), export_digest = sha256('x')"
    f" WHERE year = {YEAR}"
)


def retire_by_a_forged_entry(*more: str) -> Deed:
    """Seal an entry that records a retirement, and delete what it excuses."""

    def deed(connection: Connection, audit: AuditTools) -> None:
        forge_and_seal(*RETIRED)(connection, audit)
        sql(f"DELETE FROM public.audit_entry WHERE id IN {FOUR}", *more)(connection, audit)

    return deed


def retire_too_young(connection: Connection, audit: AuditTools) -> None:
    """Have everything but the years: all keys, and the login of a superuser."""
    year = datetime.now(UTC).year
    retired = YEAR_RETIRED.record(
        subject_id=None,
        actor=SYSTEM,
        occurred_at=datetime.now(UTC),
        year=year,
        entries=4,
        export_sha256=sha256(b"x").hexdigest(),
        xid_offset=0,
        restored_below=0,
    )
    values = values_of(AuditEntry.of(retired, Origin()), audit.mac_keys())
    connection.execute(INSERT.encode(), values)
    _seal_within(connection, audit)
    sql(SAY_RETIRED, f"DELETE FROM public.audit_entry WHERE id IN {FOUR}")(connection, audit)


def begin_oddly(lost: tuple[Any, ...]) -> Deed:
    """Write, with the keys, an entry of a history as no version of the application writes it."""

    def deed(connection: Connection, audit: AuditTools) -> None:
        begun = HISTORY_BEGUN.record(
            subject_id=new_id(),
            actor=SYSTEM,
            occurred_at=datetime.now(UTC),
            previous=new_id(),
            reason="restore",
            lost=lost,
        )
        values = values_of(AuditEntry.of(begun, Origin()), audit.mac_keys())
        connection.execute(INSERT.encode(), values)

    return deed


def replay_a_drill(connection: Connection, audit: AuditTools) -> None:
    """Put in what the same keys wrote of a restore into another server."""
    adopted = TRAIL_ADOPTED.record(
        subject_id=None,
        actor=SYSTEM,
        occurred_at=datetime.now(UTC),
        xid_offset=0,
        restored_below=900_000_000,
        history=new_id(),
    )
    values = values_of(AuditEntry.of(adopted, Origin()), audit.mac_keys())
    connection.execute(INSERT.encode(), values)
    connection.execute("UPDATE guard.state SET restored_below = 900000000")


def back_date_and_seal(connection: Connection, audit: AuditTools) -> None:
    """Have the sealer itself sign an entry with another time."""
    sql(insert_at("-20 days"))(connection, audit)
    _seal_within(connection, audit)


def _seal_within(connection: Connection, audit: AuditTools) -> None:
    """Make the next checkpoint with the real key, as a thief of it would."""
    end = connection.execute("SELECT pg_current_xact_id()::text::bigint + 1").fetchone()
    assert end is not None
    _append(connection, audit, _following(connection, end[0]))


def _following(connection: Connection, end: int) -> Checkpoint:
    """Return the fields of the next checkpoint, except those about entries."""
    before = checkpoints.last(connection)
    assert before is not None
    here = before.checkpoint
    return replace(
        here,
        number=here.number + 1,
        first_xid=here.end_xid,
        end_xid=end,
        previous=before.signed.hash,
    )


def _append(connection: Connection, audit: AuditTools, made: Checkpoint) -> bytes:
    """Seal the current entries with the key; return the hash."""
    # An attacker with the key can seal anything, even forged entries.
    rows = connection.cursor(binary=True).execute(
        f"SELECT uuid_send(id), {LEAF} FROM public.audit_entry"
        " WHERE txid >= %s AND txid < %s ORDER BY id".encode(),
        (made.first_xid, made.end_xid),
    )
    entries = [(entry_id, merkle.leaf(data)) for entry_id, data in rows]
    ids, leaves = b"".join(entry_id for entry_id, _ in entries), [leaf for _, leaf in entries]
    before = checkpoints.last(connection)
    content = replace(
        made,
        entries=len(entries),
        total=len(entries) + (before.checkpoint.total if before else 0),
        root=merkle.root(leaves),
        ids=sha256(ids).digest(),
        refused=Refused.of(b""),
    )
    signed = SignedCheckpoint.sign(content, audit.key.key.sign)
    checkpoints.add(connection, Sealed(signed, ids, b"".join(leaves), b""))
    return signed.hash


def rewrite_all_with_the_stolen_key(connection: Connection, audit: AuditTools) -> None:
    """Change an entry, and sign every checkpoint again with valid signatures."""
    connection.execute(OPEN.encode())
    connection.execute(f"UPDATE public.audit_entry SET action = 'x.y' WHERE id = {SEALED}".encode())
    number, old = 0, []
    while sealed := checkpoints.next_after(connection, number):
        old.append(sealed.checkpoint)
        number = sealed.checkpoint.number
    connection.execute("DELETE FROM public.audit_checkpoint")
    previous = BEGINNING
    for each in old:
        made = replace(each, previous=previous)
        previous = _append(connection, audit, made)
    connection.execute(CLOSE.encode())


def sign_with_another_key(connection: Connection, audit: AuditTools) -> None:
    last = checkpoints.last(connection)
    assert last is not None
    signature = new_key("k1").key.sign(last.checkpoint.text.encode())
    connection.execute(OPEN.encode())
    connection.execute(
        "UPDATE public.audit_checkpoint SET signature = %s WHERE number = %s",
        (signature, last.checkpoint.number),
    )
    connection.execute(CLOSE.encode())


def append_with_another_key(connection: Connection, audit: AuditTools) -> None:
    """Seal forged entries with a checkpoint of the attacker's own."""
    sql(f"UPDATE public.audit_entry SET action = 'x.y' WHERE id = {FRESH}")(connection, audit)
    end = connection.execute("SELECT max(txid) + 1 FROM public.audit_entry").fetchone()
    assert end is not None
    forged = replace(_following(connection, end[0]), key_id="k9")
    _append(connection, AuditTools(audit.witness, new_key("k9")), forged)


def write_unseen(connection: Connection, audit: AuditTools) -> None:
    """Insert a business row while the guard is disabled, and enable it again."""
    sql(
        "ALTER TABLE public.identity_user DISABLE TRIGGER identity_user_audited",
        "INSERT INTO public.identity_user"
        " (id, email, password_hash, registered_at, security_stamp)"
        " VALUES (uuidv7(), 'mallory@example.org', 'x', now(), 1)",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "ALTER TABLE public.identity_user ENABLE ALWAYS TRIGGER identity_user_audited",
        opened=False,
    )(connection, audit)
