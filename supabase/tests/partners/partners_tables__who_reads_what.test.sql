-- partners, places, rewards, reward_stocks: everybody reads what is offered, and nothing else; the rest of the room is closed.
begin;
select plan(27);
select tests.use_default_settings();
select tests.create_supabase_user('anna');
select tests.create_partner('bakery'), tests.create_partner('closed');
create temporary table t (what text, id uuid);
insert into t values ('reward', tests.create_reward('bakery', stock_total => 5)), ('unlimited', tests.create_reward('bakery')),
  ('retired', tests.create_reward('bakery', '{"is_active": false}', 5)), ('later', tests.create_reward('bakery', jsonb_build_object('valid_from', now() + interval '1 day'))),
  ('pool', tests.create_reward('bakery', '{"code_source": "pool"}')), ('of closed', tests.create_reward('closed', stock_total => 5));
create temporary table p (what text, id uuid default gen_random_uuid());
insert into p (what) values ('branch'), ('gone'), ('square'), ('of closed');
insert into public.places (id, partner_id, name, source, latitude, longitude, is_active)
select id, case what when 'square' then null when 'of closed' then tests.partner('closed') else tests.partner('bakery') end, what,
  case what when 'square' then 'community' else 'partner' end, -48.8767, -123.3933, what <> 'gone'
from p;
update public.partners set is_active = false where id = tests.partner('closed');
grant select on t, p to anon, authenticated, service_role;

create function pg_temp.reads(relation text)
returns text[]
language plpgsql
as $$
declare
  v_names text[];
begin
  execute case relation
    when 'partners' then 'select array_agg(w.name order by w.name) from public.partners w where w.id in (tests.partner(''bakery''), tests.partner(''closed''))'
    when 'places' then 'select array_agg(p.what order by p.what) from public.places w join p on p.id = w.id'
    when 'rewards' then 'select array_agg(t.what order by t.what) from public.rewards w join t on t.id = w.id'
    else 'select array_agg(t.what order by t.what) from public.reward_stocks w join t on t.id = w.reward_id' end into v_names;
  return v_names;
end $$;
grant execute on function pg_temp.reads(text) to anon, authenticated, service_role;

create function pg_temp.reads_what_is_offered(who text)
returns setof text
language plpgsql
as $$
begin
  return next is(pg_temp.reads('partners'), '{Bakery}'::text[], who || ': reads active partners');
  return next is(pg_temp.reads('places'), '{branch,square}'::text[], who || ': reads active places of active partners and of the community');
  return next is(pg_temp.reads('rewards'), '{later,pool,reward,unlimited}'::text[], who || ': reads active rewards of active partners');
  return next is(pg_temp.reads('reward_stocks'), '{pool,reward}'::text[], who || ': and their stocks');
end $$;
grant execute on function pg_temp.reads_what_is_offered(text) to anon, authenticated;

select tests.clear_authentication();
select pg_temp.reads_what_is_offered('anon');
select tests.authenticate_as('anna');
select pg_temp.reads_what_is_offered('member');
select tests.act_as('authenticated', null);
select pg_temp.reads_what_is_offered('a token without a member');

select tests.authenticate_as_service_role();
select is(pg_temp.reads('partners'), '{Bakery,Closed}'::text[], 'service role: reads every partner');
select is(pg_temp.reads('places'), '{branch,gone,of closed,square}'::text[], 'service role: every place');
select is(pg_temp.reads('rewards'), '{later,of closed,pool,retired,reward,unlimited}'::text[], 'service role: every reward');
select is(pg_temp.reads('reward_stocks'), '{of closed,pool,retired,reward}'::text[], 'service role: every stock');

-- what disappears while somebody looks, and comes back
select tests.reset_authentication();
update public.partners set is_active = false where id = tests.partner('bakery');
select tests.clear_authentication();
select is(pg_temp.reads('rewards'), null, 'a partner that is switched off takes its rewards along');
select is(pg_temp.reads('reward_stocks'), null, 'and their stocks');
select is(pg_temp.reads('places'), '{square}'::text[], 'and its places');
select tests.reset_authentication();
update public.partners set is_active = true where id = tests.partner('bakery');
update public.rewards set is_active = false where id = (select id from t where what = 'reward');
select tests.clear_authentication();
select is(pg_temp.reads('rewards'), '{later,pool,unlimited}'::text[], 'a retired reward is not read');
select is(pg_temp.reads('reward_stocks'), '{pool}'::text[], 'nor its stock');

-- the private tables: no client role reads a single one
create function pg_temp.closed_tables()
returns table (name text, error text)
language sql
as $$
  select n, tests.error_of(format('select * from private.%I', n))
  from unnest('{partner_contacts,reward_codes,partner_api_keys,partner_connections,webhook_endpoints,webhook_messages,webhook_attempts,partner_events}'::text[]) n
$$;
grant execute on function pg_temp.closed_tables() to anon, authenticated, service_role;
select is_empty($$ select * from pg_temp.closed_tables() where error not like '42501 permission denied for table %' $$, 'anon: reads no private table');
select tests.authenticate_as('anna');
select is_empty($$ select * from pg_temp.closed_tables() where error <> '42501 permission denied for table ' || name $$, 'member: reads no private table');
select tests.authenticate_as_service_role();
select is_empty($$ select * from pg_temp.closed_tables() where error <> '42501 permission denied for table ' || name $$, 'service role: reads no private table');
select throws_ok('select * from ops.webhook_endpoints_health', '42501', 'permission denied for view webhook_endpoints_health', 'service role: nor the health of the endpoints');

-- members and anon act on nothing here
create function pg_temp.open_commands()
returns table (name text, error text)
language sql
as $$
  select p.proname::text, e.error
  from pg_catalog.pg_proc p
  cross join lateral (select tests.error_of(format('select public.%I(%s)', p.proname,
    (select string_agg('null::' || a::regtype, ', ') from unnest((p.proargtypes::oid[])) a))) as error) e
  where p.pronamespace = 'public'::regnamespace and p.proargnames[1] = 'api_key_hash' and e.error not like '42501 permission denied for function %'
$$;
grant execute on function pg_temp.open_commands() to anon, authenticated;
select tests.clear_authentication();
select is_empty('select * from pg_temp.open_commands()', 'anon: calls no command of partners');
select tests.authenticate_as('anna');
select is_empty('select * from pg_temp.open_commands()', 'member: calls no command of partners');

select * from finish();
rollback;
