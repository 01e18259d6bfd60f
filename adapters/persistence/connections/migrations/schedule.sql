-- Lends out the connections that are due, the longest waiting first. Whoever else claims at the same
-- time skips them. Each lease has a number of its own, by which its holder is known.
CREATE FUNCTION connections_claim(most int, lease_time interval) RETURNS SETOF connections_schedule
LANGUAGE sql AS $$
    -- Evaluated once, whatever the plan: a sub-select could lend out more than `most`.
    WITH waiting AS MATERIALIZED (
        SELECT id FROM connections_schedule
        WHERE due_at <= statement_timestamp()
        AND (leased_until IS NULL OR leased_until <= statement_timestamp())
        ORDER BY due_at LIMIT most FOR UPDATE SKIP LOCKED
    )
    UPDATE connections_schedule AS schedule
    SET leased_until = clock_timestamp() + lease_time, lease = schedule.lease + 1
    FROM waiting WHERE schedule.id = waiting.id
    RETURNING schedule.*
$$;
