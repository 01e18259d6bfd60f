-- Rights on this database itself. Run after roles.sql, by the same role.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO dashtam_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO dashtam_app, dashtam_sealer, dashtam_auditor, dashtam_operator',
        current_database()
    );
    -- Otherwise an administrator who is no superuser could not connect again to update the guards.
    IF current_setting('is_superuser') = 'off' THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO CURRENT_USER', current_database());
    END IF;
END $$;
ALTER SCHEMA public OWNER TO dashtam_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- What statements say is people's: none of it stands in the server's log, whatever a server is set to.
DO $$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY[
        'log_min_error_statement = panic', 'log_error_verbosity = terse', 'log_statement = none',
        'log_min_duration_statement = -1', 'log_min_duration_sample = -1',
        'log_transaction_sample_rate = 0', 'log_parameter_max_length = 0',
        'log_parameter_max_length_on_error = 0'
    ] LOOP
        BEGIN
            EXECUTE format('ALTER DATABASE %I SET ', current_database()) || setting;
        EXCEPTION WHEN insufficient_privilege THEN
            -- `adapters.persistence.guard.limitations` names those that the server needs.
            NULL;
        END;
    END LOOP;
END $$;
-- Large objects are nobody's here: they would be rows that no policy and no trail knows of. The
-- functions belong to a superuser.
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname LIKE 'lo\_%' OR proname IN ('loread', 'lowrite'))
        AND pg_has_role(proowner, 'USAGE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END $$;
