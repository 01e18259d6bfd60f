-- Lends out the connections that are due, the longest waiting first. Whoever else claims at the same
-- time skips them. Each lease has a number of its own, by which its holder is known.
CREATE FUNCTION connections_claim(most int, lease_time interval) RETURNS SETOF connections_schedule
LANGUAGE sql AS $$
    UPDATE connections_schedule AS schedule
    SET leased_until = clock_timestamp() + lease_time, lease = schedule.lease + 1
    FROM (
        SELECT id FROM connections_schedule
        WHERE due_at <= clock_timestamp()
        AND (leased_until IS NULL OR leased_until <= clock_timestamp())
        ORDER BY due_at LIMIT most FOR UPDATE SKIP LOCKED
    ) AS waiting
    WHERE schedule.id = waiting.id
    RETURNING schedule.*
$$;
