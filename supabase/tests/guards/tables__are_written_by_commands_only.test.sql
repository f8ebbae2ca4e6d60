-- No client role writes any table directly: tried with every statement on every table there is, then read again.
begin;
select plan(11);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.task_in('completed', 'anna', 'ben'), tests.task_in('open', 'anna', 'ben'), tests.task_in('pending_confirmation', 'anna', 'ben');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash;
insert into public.places (partner_id, name, latitude, longitude) values (tests.partner('bakery'), 'Bakery', -48.8767, -123.3933);
select public.create_webhook_endpoint(hash, 'https://bakery.example/hooks', array['redemption.created'], 'sealed secret'),
  public.connect_partner(hash, 'https://bakery.example/codes', 'sealed secret') from k;
select tests.redeem('anna', tests.create_reward('bakery', stock_total => 5)), tests.redeem('anna', tests.create_reward('bakery', '{"code_source": "partner_api"}'));

create temporary table tables as
select c.oid::regclass::text as name, c.oid as id,
  (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and a.attgenerated = '' and a.attidentity = '' order by a.attnum limit 1) as any_column
from pg_class c
where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace) and c.relkind in ('r', 'p')
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');
grant select on tables to public;

create function pg_temp.fingerprint()
returns table (name text, rows bigint, content text)
language plpgsql
as $$
declare
  v_name text;
begin
  for v_name in select t.name from tables t loop
    return query execute format('select %L, count(*), md5(string_agg(t::text, '';'' order by t::text)) from %s t', v_name, v_name);
  end loop;
end $$;
create function pg_temp.tries(template text)
returns table (name text, error text)
language sql
as $$ select t.name, tests.error_of(format(template, t.name, t.any_column)) from tables t $$;
grant execute on function pg_temp.tries(text) to public;
create temporary table before as select * from pg_temp.fingerprint();
select cmp_ok((select count(*)::int from before where rows > 0), '>=', 18, 'there are rows to protect');

create function pg_temp.refused(template text)
returns text
language sql
as $$
  select is_empty(
    format('select * from pg_temp.tries(%L) where error not like ''42501 permission denied for %%''', template),
    format('%s: %s is refused everywhere', current_user, split_part(template, ' ', 1)))
$$;
grant execute on function pg_temp.refused(text) to public;

select tests.authenticate_as('anna');
select pg_temp.refused('insert into %s default values');
select pg_temp.refused('update %s set %2$I = %2$I');
select pg_temp.refused('delete from %s');
select pg_temp.refused('truncate %s');
select tests.authenticate_as_service_role();
select pg_temp.refused('insert into %s default values');
select pg_temp.refused('update %s set %2$I = %2$I');
select pg_temp.refused('delete from %s');
select pg_temp.refused('truncate %s');

select tests.reset_authentication();
select is_empty('(select * from before except select * from pg_temp.fingerprint()) union all (select * from pg_temp.fingerprint() except select * from before)',
  'every table reads as before');
update public.users set bio = 'planted' where id = tests.get_supabase_uid('anna');
select isnt_empty('select * from pg_temp.fingerprint() except select * from before', 'a change would show');

select * from finish();
rollback;
