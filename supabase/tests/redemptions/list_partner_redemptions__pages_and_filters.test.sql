begin;
select plan(40);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery'), tests.create_partner('other');
create temporary table k as select tests.create_api_key('bakery') as key, tests.create_api_key('other') as other, tests.create_api_key('bakery', '{redemptions:use}') as narrow;
create temporary table w as select tests.create_reward('bakery') as bread, tests.create_reward('bakery') as cake, tests.create_reward('other') as other;
create temporary table t (number integer primary key, id uuid);
create function pg_temp.list(filters jsonb default '{}', key text default null)
returns jsonb
language sql
as $$
  select tests.as_service_role(format('select public.list_partner_redemptions(%L%s)', coalesce(key, (select k.key from k)),
    (select string_agg(format(', %s => %L', f.key, f.value), '') from jsonb_each_text(filters) f)))
$$;
create function pg_temp.numbers(page jsonb)
returns text
language sql
as $$
  select coalesce(string_agg(coalesce(t.number::text, 'foreign'), ' ' order by v.n), 'none')
  from jsonb_array_elements(page -> 'items') with ordinality v (item, n) left join t on t.id = (v.item ->> 'id')::uuid
$$;

-- seven redemptions, one an hour, of two rewards; and others' in between
do $$
begin
  for i in 1..7 loop
    insert into t select i, tests.redeem(case i % 2 when 0 then 'anna' else 'ben' end, case when i <= 4 then w.bread else w.cake end, 'code ' || i) from w;
    perform tests.redeem('anna', w.other) from w;
    perform pg_sleep(0.002);
  end loop;
end $$;
update public.redemptions r set redeemed_at = now() - interval '8 hours' + t.number * interval '1 hour' from t where t.id = r.id;
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', key, tests.hash_of('code ' || number))) from k, unnest('{2,5}'::integer[]) number;
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', key, id)) from k, t where number = 3;

select is(pg_temp.numbers(pg_temp.list()), '7 6 5 4 3 2 1', 'all of the partner''s, newest first');
select is(pg_temp.list() -> 'next', 'null', 'and that is the end');
select is(pg_temp.list() -> 'items' -> 2, private.partner_redemption_json(r), 'each as the partner may see it') from public.redemptions r join t using (id) where number = 5;
select ok(not pg_temp.list()::text ~ (tests.get_supabase_uid('anna') || '|' || tests.get_supabase_uid('ben') || '|user_id|idempotency'), 'nothing tells who redeemed');
select is(jsonb_array_length(pg_temp.list('{}', other) -> 'items'), 7, 'the other partner sees their own') from k;
select is(pg_temp.numbers(pg_temp.list('{}', other)), 'foreign foreign foreign foreign foreign foreign foreign', 'and only those') from k;

-- filters
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('status', status))), want, 'status ' || status)
from (values ('active', '7 6 4 1'), ('used', '5 2'), ('cancelled', '3'), ('expired', 'none'), ('pending', 'none'), ('failed', 'none'), ('lost', 'none')) v (status, want);
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('reward_id', bread))), '4 3 2 1', 'one reward') from w;
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('reward_id', cake))), '7 6 5', 'another one') from w;
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('reward_id', other))), 'none', 'another partner''s reward') from w;
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('since', now() - interval '5 hours'))), '7 6 5 4 3', 'since a moment, which counts');
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('until', now() - interval '5 hours'))), '2 1', 'until a moment, which does not');
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('since', now() - interval '6 hours', 'until', now() - interval '3 hours'))), '4 3 2', 'both');
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('since', now() - interval '3 hours', 'until', now() - interval '6 hours'))), 'none', 'the wrong way round');
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('status', 'active', 'reward_id', bread, 'since', now() - interval '6 hours'))), '4', 'all at once') from w;

-- pages
create function pg_temp.pages(size integer, filters jsonb default '{}')
returns text
language plpgsql
as $$
declare
  v_page  jsonb := pg_temp.list(filters || jsonb_build_object('page_size', size));
  v_pages text := pg_temp.numbers(v_page);
begin
  while v_page ->> 'next' is not null loop
    v_page := pg_temp.list(filters || jsonb_build_object('page_size', size, 'after', v_page ->> 'next'));
    v_pages := v_pages || ' | ' || pg_temp.numbers(v_page);
  end loop;
  return v_pages;
end $$;
select is(pg_temp.pages(size), want, format('pages of %s', size))
from (values (1, '7 | 6 | 5 | 4 | 3 | 2 | 1 | none'), (2, '7 6 | 5 4 | 3 2 | 1'), (3, '7 6 5 | 4 3 2 | 1'), (6, '7 6 5 4 3 2 | 1'), (7, '7 6 5 4 3 2 1 | none'), (8, '7 6 5 4 3 2 1')) v (size, want);
select is(pg_temp.pages(2, '{"status": "active"}'), '7 6 | 4 1 | none', 'pages of a filtered list');
select is(pg_temp.pages(1, jsonb_build_object('reward_id', bread)), '4 | 3 | 2 | 1 | none', 'of another one') from w;
create temporary table p as select pg_temp.list('{"page_size": 3}') ->> 'next' as next;
select is(next, id::text, 'the next page begins after the last row of this one') from p, t where number = 5;
insert into t select 8, tests.redeem('anna', w.bread) from w;
select is(pg_temp.numbers(pg_temp.list(jsonb_build_object('page_size', 3, 'after', next))), '4 3 2', 'what comes in between neither repeats nor skips anything') from p;
select is(pg_temp.numbers(pg_temp.list('{"page_size": 1}')), '8', 'it stands at the beginning');
select is(jsonb_array_length(pg_temp.list('{"page_size": 0}') -> 'items'), 1, 'a page has at least one row');
select is(jsonb_array_length(pg_temp.list('{"page_size": -5}') -> 'items'), 1, 'really');
select tests.redeem('anna', bread) from w, generate_series(1, 101);
select is(jsonb_array_length(pg_temp.list('{"page_size": 1000000}') -> 'items'), 100, 'at most a hundred');
select is(jsonb_array_length(pg_temp.list('{"page_size": null}') -> 'items'), 20, 'twenty without a number');
select is(jsonb_array_length(pg_temp.list() -> 'items'), 20, 'and by default');

-- who may
select throws_ok(format('select public.list_partner_redemptions(%L)', narrow), 'PT403', 'scope_missing', 'a key without the scope') from k;
select throws_ok(format('select public.list_partner_redemptions(%L)', tests.hash_of('no key')), 'PT401', 'api_key_invalid', 'no key');
select tests.books_are_right();

select * from finish();
rollback;
