-- Rights on this database itself. Run as superuser.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE %I OWNER TO dashtam_owner', current_database());
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO dashtam_app, dashtam_sealer, dashtam_auditor',
        current_database()
    );
END $$;
ALTER SCHEMA public OWNER TO dashtam_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
