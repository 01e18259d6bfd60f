WITH ours AS (
    SELECT pg_class.*, nspname || '.' || regexp_replace(relname, '^audit_entry_\d{4}', 'audit_entry_year')
        AS name
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname IN ('public', 'guard') AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    -- A retired year is no longer the trail's.
    AND NOT EXISTS (
        SELECT FROM guard.audit_year
        WHERE retired_at IS NOT NULL AND relname LIKE 'audit\_entry\_' || year || '%'
    )
),
server_objects (class, id, part, acl, made) AS (
    SELECT 'pg_proc'::regclass, oid, 0, proacl, acldefault('f', proowner)
    FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    UNION ALL
    SELECT 'pg_class'::regclass, oid, 0, relacl, acldefault('r', relowner)
    FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')
    UNION ALL
    SELECT 'pg_class'::regclass, attrelid, attnum::int, attacl, acldefault('c', relowner)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'pg_catalog'::regnamespace AND attnum > 0
    UNION ALL
    SELECT 'pg_namespace'::regclass, oid, 0, nspacl, acldefault('n', nspowner)
    FROM pg_namespace WHERE nspname = 'pg_catalog'
    UNION ALL
    SELECT 'pg_language'::regclass, oid, 0, lanacl, acldefault('l', lanowner) FROM pg_language
),
server_rights AS (
    SELECT class, id, part, grantee, privilege_type
    FROM server_objects CROSS JOIN LATERAL aclexplode(coalesce(acl, made))
)
SELECT format('table %s %s %s owner %s rls %s force %s', name, relkind, relpersistence,
    relowner::regrole, relrowsecurity, relforcerowsecurity)
FROM ours
UNION ALL
-- An index of its own, where uniqueness is no constraint's.
SELECT format('unique %s', regexp_replace(
    pg_get_indexdef(indexrelid), 'audit_entry_\d{4}', 'audit_entry_year', 'g'
))
FROM ours JOIN pg_index ON indrelid = ours.oid AND indisunique
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
UNION ALL
SELECT format('index %s is not valid', indexrelid::regclass)
FROM ours JOIN pg_index ON indrelid = ours.oid WHERE NOT (indisvalid AND indisready)
UNION ALL
SELECT format('column %s %s %s%s%s default %s', name, attname,
    format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN ' not null' END,
    CASE WHEN attgenerated <> '' THEN ' generated' END, pg_get_expr(adbin, adrelid))
FROM ours JOIN pg_attribute ON attrelid = ours.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relkind <> 'S'
UNION ALL
SELECT format('constraint %s %s %s', name,
    regexp_replace(conname, '^audit_entry_\d{4}', 'audit_entry_year'), pg_get_constraintdef(con.oid))
FROM ours JOIN pg_constraint AS con ON conrelid = ours.oid
WHERE contype <> 'n'
UNION ALL
SELECT format('trigger %s %s enabled %s type %s function %s when %s deferred %s columns %s rows %s',
    name, tgname, tgenabled, tgtype, tgfoid::regprocedure, tgqual IS NOT NULL, tginitdeferred,
    tgattr, coalesce(tgoldtable, tgnewtable))
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL
SELECT format('trigger condition %s %s %s', name, tgname,
    md5(regexp_replace(pg_get_triggerdef(pg_trigger.oid), '^.* WHEN ', '')))
FROM ours JOIN pg_trigger ON tgrelid = ours.oid AND NOT tgisinternal
WHERE tgqual IS NOT NULL
UNION ALL
SELECT format('rule %s %s', name, rulename)
FROM ours JOIN pg_rewrite ON ev_class = ours.oid
UNION ALL
SELECT format('policy %s %s %s %s to %s using %s check %s', name, polname, polcmd, polpermissive,
    (SELECT string_agg(role::regrole::text, ' ' ORDER BY role::regrole::text) FROM unnest(polroles) AS role),
    -- One line, whatever it contains.
    regexp_replace(pg_get_expr(polqual, polrelid), '\s+', ' ', 'g'),
    regexp_replace(pg_get_expr(polwithcheck, polrelid), '\s+', ' ', 'g'))
FROM ours JOIN pg_policy ON polrelid = ours.oid
UNION ALL
SELECT format('right %s %s %s', name, grantee::regrole, string_agg(privilege_type, ' ' ORDER BY privilege_type))
FROM ours CROSS JOIN LATERAL aclexplode(coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)))
GROUP BY ours.oid, name, grantee
UNION ALL
SELECT format('right %s.%s %s %s', name, attname, grantee::regrole,
    string_agg(privilege_type, ' ' ORDER BY privilege_type))
FROM ours JOIN pg_attribute ON attrelid = ours.oid CROSS JOIN LATERAL aclexplode(attacl)
GROUP BY ours.oid, name, attname, grantee
UNION ALL
SELECT format('function %s owner %s language %s %s definer %s settings %s rights %s body %s',
    pg_proc.oid::regprocedure, proowner::regrole, lanname, provolatile, prosecdef, proconfig,
    (SELECT string_agg(held, ' ' ORDER BY held) FROM unnest(coalesce(proacl, acldefault('f', proowner))::text[]) AS held),
    md5(concat(prosrc, probin, pg_get_expr(proargdefaults, 0))))
FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace IN ('public'::regnamespace, 'guard'::regnamespace)
UNION ALL
-- What stands where the server's own functions are looked for, and was not there when it was made.
SELECT format('function %s stands among those of the server', pg_proc.oid::regprocedure)
FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
WHERE pronamespace = 'pg_catalog'::regnamespace
AND (lanname NOT IN ('internal', 'c', 'sql') OR pg_proc.oid >= 16384)
AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
UNION ALL
SELECT format('function %s of large objects public %s', pg_proc.oid::regprocedure,
    has_function_privilege('public', pg_proc.oid, 'EXECUTE'))
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
AND (proname LIKE 'lo\_%' OR proname IN ('loread', 'lowrite'))
UNION ALL
SELECT format('large object %s owner %s', oid, lomowner::regrole) FROM pg_largeobject_metadata
UNION ALL
SELECT format('operator %s(%s,%s)', oprname, oprleft::regtype, oprright::regtype)
FROM pg_operator WHERE oprnamespace IN ('public'::regnamespace, 'guard'::regnamespace)
UNION ALL
SELECT format('cast %s to %s', castsource::regtype, casttarget::regtype) FROM pg_cast WHERE oid >= 16384
UNION ALL
SELECT format('language %s trusted %s', lanname, lanpltrusted) FROM pg_language
UNION ALL
SELECT format('default rights of %s in %s on %s: %s', defaclrole::regrole, defaclnamespace::regnamespace,
    defaclobjtype, defaclacl)
FROM pg_default_acl
UNION ALL
SELECT format('publication %s owner %s', pubname, pubowner::regrole) FROM pg_publication
UNION ALL
SELECT format('subscription %s owner %s', subname, subowner::regrole)
FROM pg_subscription JOIN pg_database ON pg_database.oid = subdbid WHERE datname = current_database()
UNION ALL
SELECT format('foreign server %s owner %s', srvname, srvowner::regrole) FROM pg_foreign_server
UNION ALL
-- Of all databases, or of this one: for our roles, or for everybody.
SELECT format('setting of %s in %s: %s', CASE setrole WHEN 0 THEN 'all' ELSE setrole::regrole::text END,
    CASE setdatabase WHEN 0 THEN 'all databases' ELSE 'this database' END, setting)
FROM pg_db_role_setting CROSS JOIN LATERAL unnest(setconfig) AS setting
WHERE (setrole = 0 OR setrole::regrole::text LIKE 'dashtam\_%')
AND (setdatabase = 0 OR setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
UNION ALL
SELECT format('server setting %s = %s', name, current_setting(name))
FROM unnest(ARRAY['event_triggers', 'row_security', 'session_replication_role']) AS name
UNION ALL
SELECT format('right on this database of %s: %s', coalesce(nullif(grantee, 0)::regrole::text, 'public'),
    string_agg(privilege_type, ' ' ORDER BY privilege_type))
FROM pg_database CROSS JOIN LATERAL aclexplode(coalesce(datacl, acldefault('d', datdba)))
WHERE datname = current_database() AND grantee <> datdba GROUP BY grantee
UNION ALL
SELECT format('owner of this database: %s', datdba::regrole)
FROM pg_database WHERE datname = current_database()
UNION ALL
SELECT format('event trigger %s on %s enabled %s function %s', evtname, evtevent, evtenabled, evtfoid::regproc)
FROM pg_event_trigger
UNION ALL
SELECT format('schema %s owner %s rights %s', nspname, nspowner::regrole, nspacl)
FROM pg_namespace WHERE nspname IN ('public', 'guard')
UNION ALL
SELECT format('schema %s is open to %s', nspname, grantee)
FROM pg_namespace, unnest(ARRAY['public', 'dashtam_app', 'dashtam_staff', 'dashtam_owner', 'dashtam_guard']) AS grantee
WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('public', 'guard', 'information_schema')
AND has_schema_privilege(grantee, pg_namespace.oid, 'USAGE')
UNION ALL
SELECT format('role %s super %s bypasses %s creates %s%s replicates %s inherits %s logs in %s until %s at most %s',
    rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit, rolcanlogin,
    rolvaliduntil, rolconnlimit)
FROM pg_roles WHERE rolname LIKE 'dashtam\_%'
UNION ALL
-- Whoever is above all rules, but for who made the server.
SELECT format('role %s is above the rules: super %s bypasses %s', rolname, rolsuper, rolbypassrls)
FROM pg_roles WHERE (rolsuper OR rolbypassrls) AND oid <> 10
UNION ALL
SELECT format('right on the server setting %s of %s: %s', parname,
    coalesce(nullif(grantee, 0)::regrole::text, 'public'),
    string_agg(privilege_type, ' ' ORDER BY privilege_type))
FROM pg_parameter_acl CROSS JOIN LATERAL aclexplode(paracl)
WHERE grantee <> 10 GROUP BY parname, grantee
UNION ALL
-- What everybody or a role of ours may do with the server's own, and could not when it was made.
SELECT format('right on %s of %s: %s', pg_describe_object(class, id, part),
    coalesce(nullif(grantee, 0)::regrole::text, 'public'),
    string_agg(privilege_type, ' ' ORDER BY privilege_type))
FROM (
    SELECT held.* FROM server_rights AS held
    EXCEPT
    SELECT class, id, part, grantee, privilege_type
    FROM server_objects LEFT JOIN pg_init_privs
        ON objoid = id AND classoid = class AND objsubid = part
    CROSS JOIN LATERAL aclexplode(coalesce(initprivs, made)) AS given
) AS opened
WHERE grantee = 0 OR grantee::regrole::text LIKE 'dashtam\_%'
GROUP BY class, id, part, grantee
UNION ALL
-- Two who administer a server may have granted the same: it is one right.
SELECT DISTINCT format('member %s of %s inherits %s sets %s admin %s', member::regrole, roleid::regrole,
    inherit_option, set_option, admin_option)
FROM pg_auth_members WHERE member::regrole::text LIKE 'dashtam\_%' OR roleid::regrole::text LIKE 'dashtam\_%'
UNION ALL
SELECT format('guard is armed: %s', armed) FROM guard.state
