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
)
SELECT format('table %s %s owner %s rls %s force %s', name, relkind, relowner::regrole,
    relrowsecurity, relforcerowsecurity)
FROM ours
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
SELECT format('trigger %s %s enabled %s type %s function %s when %s deferred %s', name, tgname,
    tgenabled, tgtype, tgfoid::regprocedure, tgqual IS NOT NULL, tginitdeferred)
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
    -- One line, whatever is asked for in it.
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
SELECT format('function %s owner %s definer %s settings %s rights %s body %s', pg_proc.oid::regprocedure,
    proowner::regrole, prosecdef, proconfig,
    (SELECT string_agg(held, ' ' ORDER BY held) FROM unnest(coalesce(proacl, acldefault('f', proowner))::text[]) AS held),
    md5(prosrc))
FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'guard'::regnamespace)
UNION ALL
SELECT format('event trigger %s on %s enabled %s function %s', evtname, evtevent, evtenabled, evtfoid::regproc)
FROM pg_event_trigger
UNION ALL
SELECT format('schema %s owner %s rights %s', nspname, nspowner::regrole, nspacl)
FROM pg_namespace WHERE nspname IN ('public', 'guard')
UNION ALL
SELECT format('role %s super %s bypasses %s creates %s%s replicates %s inherits %s',
    rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit)
FROM pg_roles WHERE rolname LIKE 'dashtam\_%'
UNION ALL
SELECT format('member %s of %s inherits %s sets %s admin %s', member::regrole, roleid::regrole,
    inherit_option, set_option, admin_option)
FROM pg_auth_members WHERE member::regrole::text LIKE 'dashtam\_%' OR roleid::regrole::text LIKE 'dashtam\_%'
UNION ALL
SELECT format('guard is armed: %s', armed) FROM guard.state
