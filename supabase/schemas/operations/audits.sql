create function ops.audit_all()
returns table (audit text, problem text, subject_id text, detail text)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_audit name;
begin
  for v_audit in
    select p.proname from pg_catalog.pg_proc p
    where p.pronamespace = 'ops'::regnamespace and p.proname like 'audit\_%' and p.proname <> 'audit_all'
    order by 1
  loop
    return query execute pg_catalog.format('select %L, a.* from ops.%I() a', v_audit, v_audit);
  end loop;
end $$;
comment on function ops.audit_all() is
  'Every audit of every room, found in the catalogue: one row per problem, none when everything is right.';
grant execute on function ops.audit_all() to service_role, app_read;
