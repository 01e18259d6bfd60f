-- Rights on this database itself. Run as superuser.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO dashtam_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO dashtam_app, dashtam_sealer, dashtam_auditor, dashtam_operator',
        current_database()
    );
END $$;
ALTER SCHEMA public OWNER TO dashtam_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
-- Large objects are nobody's here: they would be rows that no policy and no trail knows of.
DO $$
DECLARE
    function regprocedure;
BEGIN
    FOR function IN
        SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
        AND (proname LIKE 'lo\_%' OR proname IN ('loread', 'lowrite'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
END $$;
