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
-- would hand on what another relay has delivered meanwhile. What is late, lent or dead holds up its
-- own aggregate and no other.
CREATE FUNCTION outbox_claim(most int, lease interval) RETURNS SETOF outbox_event
LANGUAGE plpgsql AS $$
DECLARE
    mine uuid[];
    -- One moment for all rows: a lease that ran out between two of them would let the later go first.
    moment timestamptz := clock_timestamp();
BEGIN
    SELECT array_agg(aggregateid) INTO mine FROM (
        SELECT DISTINCT aggregateid FROM (
            SELECT aggregateid FROM outbox_event
            WHERE delivered_at IS NULL AND dead_at IS NULL AND available_at <= moment
            AND (leased_until IS NULL OR leased_until <= moment)
            ORDER BY position LIMIT most
        ) AS due
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
                OR earlier.leased_until > moment
            )
        )
        ORDER BY event.position LIMIT most
    )
    UPDATE outbox_event SET leased_until = moment + lease, attempts = attempts + 1
    FROM run WHERE outbox_event.id = run.id
    RETURNING outbox_event.*;
END $$;

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
