-- Casts keep the words of a constraint the same through dump and restore (see posture.sql).
CREATE TABLE audit_entry (
    id uuid PRIMARY KEY CHECK (uuid_extract_version(id) = 7),
    created_at timestamptz NOT NULL GENERATED ALWAYS AS (uuid_extract_timestamp(id)) STORED,
    action varchar(64) NOT NULL,
    actor_kind varchar(16) NOT NULL CHECK (actor_kind::text IN ('user', 'staff', 'system', 'anonymous')),
    actor_id uuid,
    resource_type varchar(32) NOT NULL,
    resource_id uuid,
    result varchar(16) NOT NULL CHECK (result::text IN ('success', 'failure', 'denied')),
    -- Work may be long: what happened is written when it ends. The keyed hash covers both times.
    -- Intervals are taken from each other: no time zone of a session matters.
    occurred_at timestamptz NOT NULL CONSTRAINT audit_entry_occurred_at_check CHECK (
        occurred_at - uuid_extract_timestamp(id) BETWEEN interval '-1 hour' AND interval '10 minutes'
    ),
    trace_id varchar(32) NOT NULL,
    ip_address inet,
    user_agent varchar(256) NOT NULL,
    -- A few bytes of JSON may be a gigabyte of text (1e131000), which no sealer could read.
    details jsonb NOT NULL CONSTRAINT audit_entry_details_check CHECK (
        octet_length(details::text) <= 65536
    ),
    mac bytea NOT NULL CHECK (octet_length(mac) = 32),
    txid bigint NOT NULL DEFAULT guard.transaction_number()
) PARTITION BY RANGE (id);

CREATE INDEX audit_entry_actor ON audit_entry (actor_id, id);
CREATE INDEX audit_entry_resource ON audit_entry (resource_type, resource_id, id);
CREATE INDEX audit_entry_transaction ON audit_entry (txid);

CREATE TABLE audit_checkpoint (
    number bigint PRIMARY KEY CHECK (number > 0),
    first_xid bigint NOT NULL,
    end_xid bigint NOT NULL CHECK (end_xid > first_xid),
    entries bigint NOT NULL,
    total bigint NOT NULL CHECK (total >= entries),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    previous bytea NOT NULL UNIQUE CHECK (octet_length(previous) = 32),
    sealed_at timestamptz NOT NULL,
    key_id varchar(32) NOT NULL,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    ids bytea NOT NULL CHECK (octet_length(ids) = entries * 16),
    leaves bytea NOT NULL CHECK (octet_length(leaves) = entries * 32),
    refused bytea NOT NULL CHECK (octet_length(refused) % 16 = 0)
);
-- Hashes do not compress.
ALTER TABLE audit_checkpoint ALTER COLUMN leaves SET STORAGE EXTERNAL;

-- Row triggers are inherited by partitions; the statement's is given to each (guard.sql). WHEN is
-- evaluated without a call, so only an id from another time pays.
CREATE TRIGGER refuse_row BEFORE UPDATE OR DELETE ON audit_entry
FOR EACH ROW EXECUTE FUNCTION guard.refuse_change();
CREATE TRIGGER refuse_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
FOR EACH STATEMENT EXECUTE FUNCTION guard.refuse_change();
CREATE TRIGGER refuse_wrong_time BEFORE INSERT ON audit_entry FOR EACH ROW
WHEN (
    uuid_extract_timestamp(NEW.id)
    NOT BETWEEN now() - interval '5 minutes' AND clock_timestamp() + interval '5 minutes'
) EXECUTE FUNCTION guard.refuse_wrong_time();
CREATE TRIGGER refuse_row BEFORE UPDATE OR DELETE ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION guard.refuse_change();
CREATE TRIGGER refuse_statement BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
FOR EACH STATEMENT EXECUTE FUNCTION guard.refuse_change();
-- Whoever inserts checkpoints could else use up their numbers.
CREATE TRIGGER refuse_gap BEFORE INSERT ON audit_checkpoint
FOR EACH ROW EXECUTE FUNCTION guard.refuse_gap();
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER refuse_row;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER refuse_statement;
ALTER TABLE audit_entry ENABLE ALWAYS TRIGGER refuse_wrong_time;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER refuse_row;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER refuse_statement;
ALTER TABLE audit_checkpoint ENABLE ALWAYS TRIGGER refuse_gap;

-- Addresses and programs are everybody's: a request sees the entries about its own user.
CREATE POLICY audit_entry_owner ON audit_entry FOR SELECT TO dashtam_app USING (
    actor_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid)
    OR (resource_type::text = 'user'
        AND resource_id = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
);
CREATE POLICY audit_entry_reader ON audit_entry FOR SELECT
    TO dashtam_staff, dashtam_sealer, dashtam_auditor USING (true);
CREATE POLICY audit_entry_writer ON audit_entry FOR INSERT
    TO dashtam_app, dashtam_staff, dashtam_operator WITH CHECK (true);
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;

SELECT guard.add_audit_year(extract(year FROM now() AT TIME ZONE 'UTC')::int + ahead)
FROM generate_series(0, 1) AS ahead;

-- The number of the transaction and the time are the database's: nobody is given them to write.
GRANT INSERT (
    id, action, actor_kind, actor_id, resource_type, resource_id, result, occurred_at,
    trace_id, ip_address, user_agent, details, mac
) ON audit_entry TO dashtam_app, dashtam_staff, dashtam_operator;
GRANT SELECT ON audit_entry TO dashtam_app, dashtam_sealer, dashtam_auditor, dashtam_staff;
GRANT SELECT ON audit_checkpoint TO dashtam_sealer, dashtam_auditor, dashtam_staff;
GRANT INSERT ON audit_checkpoint TO dashtam_sealer;

SELECT guard.arm();
