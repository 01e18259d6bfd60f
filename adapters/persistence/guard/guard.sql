-- What keeps the audit trail whole, in a schema that neither the application nor the owner of the
-- tables can change. Run after roles.sql, by the same role; running it again brings it up to date.
CREATE SCHEMA IF NOT EXISTS guard AUTHORIZATION dashtam_guard;
GRANT USAGE ON SCHEMA guard TO dashtam_owner, dashtam_app, dashtam_staff, dashtam_sealer, dashtam_auditor,
    dashtam_operator;
SET LOCAL ROLE dashtam_guard;

-- The years that the trail has partitions for. Nothing leaves here: a retired year says so.
CREATE TABLE IF NOT EXISTS guard.audit_year (
    year int PRIMARY KEY,
    retired_at timestamptz,
    export_digest bytea CHECK (octet_length(export_digest) = 32)
);

-- armed: the trail stands, and DDL on it is watched. xid_offset: what is added to this cluster's
-- transaction ids, so that numbers go on where another cluster's ended. restored_below: the ids of
-- this cluster that belong to a restore, not to the writing of the rows.
CREATE TABLE IF NOT EXISTS guard.state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    armed boolean NOT NULL DEFAULT false,
    xid_offset bigint NOT NULL DEFAULT 0,
    restored_below bigint NOT NULL DEFAULT 0
);
INSERT INTO guard.state DEFAULT VALUES ON CONFLICT DO NOTHING;

-- What cursors belong to. A new history begins when something that was published may be lost.
CREATE TABLE IF NOT EXISTS guard.history (
    number int PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    begun_at timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason IN ('installation', 'restore', 'promotion'))
);
INSERT INTO guard.history SELECT 1, gen_random_uuid(), now(), 'installation'
WHERE NOT EXISTS (SELECT FROM guard.history);
GRANT SELECT ON guard.audit_year, guard.state, guard.history TO PUBLIC;

-- Transactions that wrote to a business table, and what they wrote first: each needs an audit entry when
-- it ends. Nobody else can write here. A row lives no longer than its transaction, so a
-- crash loses nothing; what is left of it is swept early.
CREATE UNLOGGED TABLE IF NOT EXISTS guard.asked (
    xid xid8 PRIMARY KEY,
    written text NOT NULL
) WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

-- How many rows of which table a transaction deleted: they carry no number any more. Deleted with the
-- year of its entries.
CREATE TABLE IF NOT EXISTS guard.deletion (
    txid bigint,
    relation name,
    rows bigint NOT NULL CHECK (rows > 0),
    deleted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (txid, relation)
);
GRANT SELECT ON guard.deletion TO dashtam_auditor;

CREATE OR REPLACE FUNCTION guard.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION guard.refuse_wrong_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the id says %, which is not the time of this server',
        uuid_extract_timestamp(NEW.id)
    USING ERRCODE = 'invalid_datetime_format';
END $$;

CREATE OR REPLACE FUNCTION guard.refuse_gap() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.number <> coalesce((SELECT max(number) FROM public.audit_checkpoint), 0) + 1 THEN
        RAISE EXCEPTION 'checkpoint % does not follow on the last one', NEW.number
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- The number of the transaction that writes, greater than all numbers of clusters before this one.
CREATE OR REPLACE FUNCTION guard.transaction_number() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN pg_current_xact_id()::text::bigint + (SELECT xid_offset FROM guard.state);
END $$;

-- The smallest UUIDv7 of a moment.
CREATE OR REPLACE FUNCTION guard.uuid7_floor(moment timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0')
        || '70008000000000000000')::uuid
$$;

-- Whether anything was ever written: whatever is leaves an audit entry.
CREATE OR REPLACE FUNCTION guard.is_in_use() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM public.audit_entry);
END $$;

-- The safety net: asked at COMMIT, once for each transaction that wrote to a business table.
CREATE OR REPLACE FUNCTION guard.require_audit_entry() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.audit_entry WHERE txid = guard.transaction_number()
    ) THEN
        RAISE EXCEPTION '% without an audit entry is refused', NEW.written
        USING ERRCODE = 'insufficient_privilege';
    END IF;
    DELETE FROM guard.asked WHERE xid = pg_current_xact_id();
    RETURN NULL;
END $$;

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_trigger WHERE tgrelid = 'guard.asked'::regclass AND tgname = 'require_audit_entry'
    ) THEN
        CREATE CONSTRAINT TRIGGER require_audit_entry AFTER INSERT ON guard.asked
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION guard.require_audit_entry();
        ALTER TABLE guard.asked ENABLE ALWAYS TRIGGER require_audit_entry;
    END IF;
END $$;

-- After each statement that wrote to a business table: `written` are its rows. A savepoint that is
-- rolled back takes its question along, and the next statement asks again.
CREATE OR REPLACE FUNCTION guard.note_write() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM written) THEN
        INSERT INTO guard.asked VALUES (pg_current_xact_id(), TG_OP || ' of ' || TG_TABLE_NAME)
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION guard.note_deletion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint := (SELECT count(*) FROM written);
BEGIN
    IF gone > 0 THEN
        INSERT INTO guard.asked VALUES (pg_current_xact_id(), TG_OP || ' of ' || TG_TABLE_NAME)
        ON CONFLICT DO NOTHING;
        INSERT INTO guard.deletion AS known (txid, relation, rows)
        VALUES (guard.transaction_number(), TG_TABLE_NAME, gone)
        ON CONFLICT (txid, relation) DO UPDATE SET rows = known.rows + excluded.rows;
    END IF;
    RETURN NULL;
END $$;

-- Makes a table one of business: what is written to it needs an entry, and it is never emptied.
-- For the table's owner, in migrations.
CREATE OR REPLACE FUNCTION guard.cast_net(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = target);
    made text[];
BEGIN
    FOREACH made SLICE 1 IN ARRAY ARRAY[
        ['audited', 'AFTER INSERT', 'REFERENCING NEW TABLE AS written', 'note_write'],
        ['changed', 'AFTER UPDATE', 'REFERENCING NEW TABLE AS written', 'note_write'],
        ['deleted', 'AFTER DELETE', 'REFERENCING OLD TABLE AS written', 'note_deletion'],
        ['kept', 'BEFORE TRUNCATE', '', 'refuse_change']
    ] LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON %s', name || '_' || made[1], target);
        EXECUTE format(
            'CREATE TRIGGER %I %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION guard.%I()',
            name || '_' || made[1], made[2], target, made[3], made[4]
        );
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', target, name || '_' || made[1]);
    END LOOP;
END $$;

-- What is wrong with the guards, one line each; nothing when all stand.
CREATE OR REPLACE FUNCTION guard.weaknesses() RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH named (name) AS (VALUES ('audit_entry'), ('audit_checkpoint')),
    trail AS (
        SELECT to_regclass('public.' || name) AS id FROM named
        UNION
        SELECT inhrelid FROM pg_inherits
        WHERE inhparent = to_regclass('public.audit_entry') AND NOT inhdetachpending
    ),
    needed (name, kind) AS (VALUES ('refuse_row', 27), ('refuse_statement', 58))
    SELECT format('%s is missing', name) FROM named WHERE to_regclass('public.' || name) IS NULL
    UNION ALL
    SELECT format('%s is not guarded by %s', id, needed.name) FROM trail, needed
    WHERE id IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = id AND tgname = needed.name AND tgtype = needed.kind AND tgenabled = 'A'
        AND tgqual IS NULL AND tgattr = '' AND tgfoid = 'guard.refuse_change()'::regprocedure
    )
    UNION ALL
    SELECT 'guard.asked has no active commit check' WHERE NOT EXISTS (
        SELECT FROM pg_trigger
        WHERE tgrelid = to_regclass('guard.asked') AND tgtype = 5 AND tgenabled = 'A'
        AND tgqual IS NULL AND tginitdeferred
        AND tgfoid = 'guard.require_audit_entry()'::regprocedure
    )
    UNION ALL
    SELECT format('%s has a trigger that is not ours: %s', tgrelid::regclass, tgname)
    FROM pg_trigger JOIN trail ON tgrelid = id JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND pronamespace <> 'guard'::regnamespace
    UNION ALL
    SELECT format('%s has a rule: %s', ev_class::regclass, rulename)
    FROM pg_rewrite JOIN trail ON ev_class = id
    UNION ALL
    -- The application sees entries of one user; no policy binds the guard itself.
    SELECT format('%s hides rows', id) FROM pg_class JOIN trail ON oid = id
    WHERE relforcerowsecurity OR (relrowsecurity AND id <> to_regclass('public.audit_entry'))
    UNION ALL
    SELECT format('the year %s is missing', year) FROM guard.audit_year
    WHERE retired_at IS NULL AND NOT EXISTS (
        SELECT FROM trail WHERE id = to_regclass('public.audit_entry_' || year)
    )
$$;

-- Makes a year's partition; returns whether it was missing.
CREATE OR REPLACE FUNCTION guard.add_audit_year(wanted int) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := 'audit_entry_' || wanted;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('guard.audit_year', 0));
    IF EXISTS (SELECT FROM guard.audit_year WHERE year = wanted) THEN
        RETURN false;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I PARTITION OF public.audit_entry FOR VALUES FROM (%L) TO (%L)', part,
        guard.uuid7_floor(make_timestamptz(wanted, 1, 1, 0, 0, 0, 'UTC')),
        guard.uuid7_floor(make_timestamptz(wanted + 1, 1, 1, 0, 0, 0, 'UTC'))
    );
    EXECUTE format(
        'CREATE TRIGGER refuse_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I
        FOR EACH STATEMENT EXECUTE FUNCTION guard.refuse_change()', part
    );
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER refuse_statement', part);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER refuse_row', part);
    EXECUTE format('ALTER TABLE public.%I ENABLE ALWAYS TRIGGER refuse_wrong_time', part);
    EXECUTE format('ALTER TABLE public.%I OWNER TO dashtam_owner', part);
    INSERT INTO guard.audit_year (year) VALUES (wanted);
    RETURN true;
END $$;

-- Takes a year out of the trail; its table stays until someone drops it.
CREATE OR REPLACE FUNCTION guard.retire_audit_year(old int, digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := 'audit_entry_' || old;
    latest bigint;
BEGIN
    IF make_timestamptz(old + 1, 1, 1, 0, 0, 0, 'UTC') > now() - interval '7 years' THEN
        RAISE EXCEPTION '% is younger than seven years', old USING ERRCODE = 'restrict_violation';
    END IF;
    IF digest IS NULL OR octet_length(digest) <> 32 THEN
        RAISE EXCEPTION 'the SHA-256 of an export is needed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT FROM guard.audit_year WHERE year = old AND retired_at IS NULL) THEN
        RAISE EXCEPTION 'the trail has no year %', old USING ERRCODE = 'restrict_violation';
    END IF;
    EXECUTE format('SELECT max(txid) FROM public.%I', part) INTO latest;
    IF latest >= coalesce((SELECT max(end_xid) FROM public.audit_checkpoint), 0) THEN
        RAISE EXCEPTION '% has entries that are not sealed', old
        USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE guard.audit_year SET retired_at = now(), export_digest = digest WHERE year = old;
    DELETE FROM guard.deletion WHERE txid <= latest;
    EXECUTE format('ALTER TABLE public.audit_entry DETACH PARTITION public.%I', part);
END $$;

-- From now on the trail can only be changed through the functions above.
CREATE OR REPLACE FUNCTION guard.arm() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found text := (SELECT string_agg(weakness, '; ') FROM guard.weaknesses() AS weakness);
BEGIN
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'the audit trail is not guarded: %', found;
    END IF;
    UPDATE guard.state SET armed = true;
END $$;

-- An entry has to record it: `verify_audit` finds a history that has none.
CREATE OR REPLACE FUNCTION guard.begin_history(why text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun uuid := gen_random_uuid();
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('guard.history', 0));
    INSERT INTO guard.history SELECT max(number) + 1, begun, now(), why FROM guard.history;
    RETURN begun;
END $$;

-- After a restore into another cluster, whose transaction ids begin again: go on above the old ones.
CREATE OR REPLACE FUNCTION guard.adopt_restored_trail() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here bigint := pg_current_xact_id()::text::bigint;
    last bigint := greatest(
        (SELECT max(end_xid) FROM public.audit_checkpoint), (SELECT max(txid) FROM public.audit_entry), 0
    );
BEGIN
    UPDATE guard.state SET xid_offset = greatest(last - here + 1, 0), restored_below = here + 1;
    PERFORM guard.begin_history('restore');
    RETURN (SELECT xid_offset FROM guard.state);
END $$;

CREATE OR REPLACE FUNCTION guard.watch_ddl() RETURNS event_trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    trail constant text := '(^|\s|\()(guard$|guard\.|public\.audit_(entry|checkpoint))';
    found text;
BEGIN
    IF current_user = 'dashtam_guard' OR NOT (SELECT armed FROM guard.state) THEN
        RETURN;
    END IF;
    IF TG_EVENT = 'sql_drop' THEN
        SELECT string_agg(object_identity, ', ') INTO found
        FROM pg_event_trigger_dropped_objects()
        WHERE object_identity ~ trail AND NOT EXISTS (
            SELECT FROM guard.audit_year
            WHERE retired_at IS NOT NULL AND object_identity ~ ('public\.audit_entry_' || year)
        );
        IF found IS NOT NULL THEN
            RAISE EXCEPTION 'the audit trail is guarded: dropping % is refused', found
            USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN;
    END IF;
    -- After any DDL: a table that was renamed is no longer known by its name.
    SELECT string_agg(weakness, '; ') INTO found FROM guard.weaknesses() AS weakness;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'the audit trail is guarded: %', found
        USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- The caller's transactions with these words. Row-level security allows no index of words to be
-- read, since a comparison might reveal rows of others: this function reads it with the rights of
-- the guard, and returns the rows of the caller alone.
CREATE OR REPLACE FUNCTION guard.search_transactions(words tsquery) RETURNS TABLE (
    id uuid, account_id uuid, import_id uuid, booking_date date, amount numeric, currency varchar,
    kind varchar, status varchar, category varchar
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
-- To start parallel workers takes longer than to find what these find.
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
    owner uuid := nullif(current_setting('app.user_id', true), '')::uuid;
BEGIN
    IF owner IS NULL OR numnode(words) = 0 THEN
        RETURN;
    END IF;
    -- Planned for these words: some are rare.
    RETURN QUERY EXECUTE $search$
        SELECT id, account_id, import_id, booking_date, amount, currency, kind, status, category
        FROM public.ledger_transaction
        WHERE user_id = $1 AND removal IS NULL
        AND public.ledger_words(payee, description, memo, note) @@ $2
    $search$ USING owner, words;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA guard FROM PUBLIC;
GRANT EXECUTE ON FUNCTION guard.refuse_change(), guard.refuse_wrong_time(), guard.refuse_gap(),
    guard.transaction_number(), guard.uuid7_floor(timestamptz), guard.is_in_use(),
    guard.weaknesses() TO PUBLIC;
GRANT EXECUTE ON FUNCTION guard.arm(), guard.retire_audit_year(int, bytea), guard.begin_history(text),
    guard.cast_net(regclass), guard.note_write(), guard.note_deletion() TO dashtam_owner;
GRANT EXECUTE ON FUNCTION guard.add_audit_year(int) TO dashtam_owner, dashtam_sealer;
GRANT EXECUTE ON FUNCTION guard.search_transactions(tsquery) TO dashtam_app;
RESET ROLE;

-- Only a superuser may make event triggers, except where a managed server allows it to others. Where
-- they are missing, `audit verify` says so.
DO $$
BEGIN
    DROP EVENT TRIGGER IF EXISTS guard_ddl;
    DROP EVENT TRIGGER IF EXISTS guard_drop;
    CREATE EVENT TRIGGER guard_ddl ON ddl_command_end EXECUTE FUNCTION guard.watch_ddl();
    CREATE EVENT TRIGGER guard_drop ON sql_drop EXECUTE FUNCTION guard.watch_ddl();
    ALTER EVENT TRIGGER guard_ddl ENABLE ALWAYS;
    ALTER EVENT TRIGGER guard_drop ENABLE ALWAYS;
EXCEPTION WHEN insufficient_privilege THEN
    NULL;
END $$;
