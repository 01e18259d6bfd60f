-- Positions of one aggregate are given out one transaction after the other: who waits for the lock
-- commits later and counts higher, so that the order of positions is the order of commits.
CREATE SEQUENCE outbox_position OWNED BY outbox_event.position;

CREATE FUNCTION outbox_take_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('outbox ' || NEW.aggregateid::text, 0));
    NEW.position := nextval('outbox_position');
    RETURN NEW;
END $$;

CREATE TRIGGER outbox_event_position BEFORE INSERT ON outbox_event
FOR EACH ROW EXECUTE FUNCTION outbox_take_position();

-- Lends out the oldest facts that are due. One relay at a time for each aggregate: it tries for the
-- aggregate's lock, and only then reads, in a new snapshot, what is still to be done; one statement
-- would hand on what another relay has delivered meanwhile.
--
-- Two lanes: events that are dealt with in a moment, and slow ones, which are imports. An event is
-- due when it is the first of its aggregate that has not arrived: whatever is late, leased, dead or
-- in the other lane holds up what comes after it in its own aggregate, and nothing else.
CREATE FUNCTION outbox_claim(most int, lease interval, slow text[]) RETURNS SETOF outbox_event
LANGUAGE plpgsql AS $$
DECLARE
    mine uuid[];
    -- One moment for all rows: a lease that ran out between two of them would let the later go first.
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT array_agg(aggregateid) INTO mine FROM (
        SELECT aggregateid FROM outbox_event AS event
        WHERE delivered_at IS NULL AND dead_at IS NULL AND available_at <= moment
        AND (leased_until IS NULL OR leased_until <= moment) AND type <> ALL (slow)
        AND NOT EXISTS (
            SELECT FROM outbox_event AS earlier
            WHERE earlier.aggregateid = event.aggregateid AND earlier.delivered_at IS NULL
            AND earlier.position < event.position
        )
        ORDER BY position LIMIT most
    ) AS aggregates
    WHERE pg_try_advisory_xact_lock(hashtextextended('relay ' || aggregateid::text, 0));

    RETURN QUERY
    WITH run AS (
        SELECT event.id FROM unnest(mine) AS aggregate
        CROSS JOIN LATERAL (
            SELECT id, position FROM outbox_event
            WHERE aggregateid = aggregate AND delivered_at IS NULL
            ORDER BY position LIMIT most
        ) AS event
        WHERE NOT EXISTS (
            SELECT FROM outbox_event AS earlier
            WHERE earlier.aggregateid = aggregate AND earlier.delivered_at IS NULL
            AND earlier.position <= event.position AND (
                earlier.dead_at IS NOT NULL OR earlier.available_at > moment
                OR earlier.leased_until > moment OR earlier.type = ANY (slow)
            )
        )
        ORDER BY event.position LIMIT most
    )
    UPDATE outbox_event SET leased_until = moment + lease, attempts = attempts + 1
    FROM run WHERE outbox_event.id = run.id AND delivered_at IS NULL
    RETURNING outbox_event.*;
END $$;

-- When each user last had a turn. Whoever has waited longest since is next, so that many files of
-- one user hold up nobody else's.
CREATE TABLE outbox_turn (
    owner text PRIMARY KEY,
    taken_at timestamptz NOT NULL
);

-- Lends out one slow event of the user whose turn it is, and none of a user who has one lent out.
-- As above, it first tries for a lock, the user's, and only then reads in a new snapshot.
CREATE FUNCTION outbox_claim_in_turn(lease interval, slow text[]) RETURNS SETOF outbox_event
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    next_owner text;
    chosen uuid;
BEGIN
    FOR next_owner IN
        SELECT due.owner FROM outbox_due_in_turn(moment, slow) AS due
        LEFT JOIN outbox_turn USING (owner)
        GROUP BY due.owner, taken_at ORDER BY taken_at NULLS FIRST, min(due.position)
    LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('turn ' || next_owner, 0));
        SELECT due.id INTO chosen FROM outbox_due_in_turn(moment, slow) AS due
        WHERE due.owner = next_owner ORDER BY due.position LIMIT 1;
        CONTINUE WHEN NOT FOUND;
        INSERT INTO outbox_turn AS turn VALUES (next_owner, moment)
        ON CONFLICT (owner) DO UPDATE SET taken_at = excluded.taken_at;
        RETURN QUERY
        UPDATE outbox_event SET leased_until = moment + lease, attempts = attempts + 1
        WHERE id = chosen AND delivered_at IS NULL RETURNING outbox_event.*;
        RETURN;
    END LOOP;
END $$;

CREATE FUNCTION outbox_due_in_turn(moment timestamptz, slow text[])
RETURNS TABLE (id uuid, owner text, "position" bigint) LANGUAGE sql AS $$
    WITH waiting AS (
        SELECT *, coalesce(payload #>> '{actor,id}', '') AS owner FROM outbox_event
        WHERE delivered_at IS NULL AND type = ANY (slow)
    )
    SELECT id, owner, position FROM waiting AS event
    WHERE dead_at IS NULL AND available_at <= moment
    AND (leased_until IS NULL OR leased_until <= moment)
    AND NOT EXISTS (
        SELECT FROM waiting AS busy WHERE busy.owner = event.owner AND busy.leased_until > moment
    )
    AND NOT EXISTS (
        SELECT FROM outbox_event AS earlier
        WHERE earlier.aggregateid = event.aggregateid AND earlier.delivered_at IS NULL
        AND earlier.position < event.position
    )
$$;

-- That a consumer has dealt with a fact: kept with its effect, so that no effect is doubled.
CREATE TABLE outbox_inbox (
    consumer varchar(64),
    event_id uuid,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, event_id)
);

-- Rows come and go: they are cleaned up early and at once.
ALTER TABLE outbox_event SET (
    fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
);

GRANT USAGE ON SEQUENCE outbox_position TO dashtam_app;
