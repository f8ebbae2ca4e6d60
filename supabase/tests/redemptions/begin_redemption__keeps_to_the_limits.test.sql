-- How often a member may redeem a reward: calendar periods by the community's clock, counted by what was redeemed and not cancelled.
begin;
select plan(62);
select tests.use_default_settings();
select tests.live_by('America/St_Johns');
select tests.create_supabase_users('anna', 'ben');
select tests.verify_email('anna', 'ben');
select ops.adjust_points(tests.get_supabase_uid(m), 10000, 'Test points.') from unnest('{anna,ben}'::text[]) m;
select tests.create_partner('bakery');
-- whatever the session says
set local timezone = 'Pacific/Kiritimati';

create function pg_temp.try(member text, reward uuid)
returns text
language sql
as $$
  select tests.error_of(format('select tests.as_service_role(%L)', format('select public.begin_redemption(%L, %L, 10, gen_random_uuid(), %L, ''sealed code'')',
    tests.get_supabase_uid(member), reward, tests.hash_of(gen_random_uuid()::text))))
$$;
-- what was redeemed once was redeemed at another moment
create function pg_temp.shift(reward uuid, redeemed_at timestamptz)
returns void
language sql
as $$ update public.redemptions r set redeemed_at = shift.redeemed_at where r.reward_id = reward and r.status = 'active' $$;

-- the edge of each period
create temporary table periods as
select v.*, date_trunc(period, now() at time zone 'America/St_Johns') at time zone 'America/St_Johns' as starts_at,
  tests.create_reward('bakery', jsonb_build_object('limit_per_member', 1, 'limit_period', period)) as reward
from unnest('{day,week,month,year}'::text[]) with ordinality v (period, number);
select is(pg_temp.try('anna', reward), 'no error', period || ': the first one') from periods order by number;
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (1)', period || ': not a second one at the same moment') from periods order by number;
select pg_temp.shift(reward, starts_at) from periods;
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (1)', period || ': nor when the first one was at the very start') from periods order by number;
select pg_temp.shift(reward, starts_at - interval '1 microsecond') from periods;
select is(pg_temp.try('anna', reward), 'no error', period || ': but when it was a moment before that') from periods order by number;
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (1)', period || ': once') from periods order by number;
select is(extract(isodow from starts_at at time zone 'America/St_Johns')::int, 1, 'a week starts on Monday') from periods where period = 'week';
select is(pg_temp.try('ben', reward), 'no error', period || ': others have limits of their own') from periods order by number;

-- both ends of the world, and a day of 23 and one of 25 hours: clocks that go forward, or back, at two today
create temporary table d as
select v.*, tests.create_reward('bakery', '{"limit_per_member": 1, "limit_period": "day"}') as reward
from (select date_trunc('day', now(), 'UTC') as midnight, extract(doy from now() at time zone 'UTC')::int - 1 as n) u, lateral (values
  ('Pacific/Kiritimati', date_trunc('day', now(), 'Pacific/Kiritimati')), ('Pacific/Pago_Pago', date_trunc('day', now(), 'Pacific/Pago_Pago')),
  -- the day of 23 hours is over at 23:00 UTC
  (format('AAA0BBB,%s/2,%s/2', n, (n + 30) % 365), midnight + case when now() < midnight + interval '23 hours' then interval '0' else interval '23 hours' end),
  (format('AAA0BBB,%s/2,%s/2', (n + 335) % 365, n), midnight - interval '1 hour')) v (clock, starts_at);
create function pg_temp.try_by(clock text, reward uuid, redeemed_at timestamptz)
returns text
language plpgsql
as $$
begin
  update private.community_clocks c set time_zone = clock where c.since = '-infinity';
  perform pg_temp.shift(reward, redeemed_at);
  return pg_temp.try('anna', reward);
end $$;
select is(pg_temp.try('anna', reward), 'no error', clock || ': the first one') from d;
select is(pg_temp.try_by(clock, reward, starts_at), 'PT409 reward_limit_reached (1)', clock || ': not a second one since the day began') from d;
select is(pg_temp.try_by(clock, reward, starts_at - interval '1 microsecond'), 'no error', clock || ': but when the first one was a moment before') from d;
select tests.live_by('UTC');

-- ever
create temporary table e as select tests.create_reward('bakery', '{"limit_per_member": 2}') as reward;
select is(pg_temp.try('anna', reward), 'no error', 'ever: the first one') from e;
select pg_temp.shift(reward, now() - interval '20 years') from e;
select is(pg_temp.try('anna', reward), 'no error', 'ever: the second one, twenty years later') from e;
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (2)', 'ever: no third one') from e;
select is((select count(*)::int from public.redemptions join e on reward_id = reward), 2, 'two were redeemed');

-- without a limit
create temporary table n as select tests.create_reward('bakery') as reward;
select is(pg_temp.try('anna', reward), 'no error', format('without a limit: number %s', i)) from n, generate_series(1, 5) i;

-- raised and lowered
update public.rewards set limit_per_member = 6 where id = (select reward from n);
select is(pg_temp.try('anna', reward), 'no error', 'a limit given later counts what was before') from n;
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (6)', 'and ends it') from n;
update public.rewards set limit_per_member = 3 where id = (select reward from n);
select is(pg_temp.try('anna', reward), 'PT409 reward_limit_reached (3)', 'lowered below that, it stays so') from n;

-- what counts: everything that was not cancelled and did not fail
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), 'https://codes.example/ask', 'sealed secret');
create temporary table s as
select status, tests.create_reward('bakery', '{"limit_per_member": 1, "limit_period": "day", "code_source": "partner_api"}') as reward
from unnest('{pending,active,used,expired,cancelled,failed}'::text[]) status;
alter table s add id uuid;
update s set id = tests.redeem('anna', reward);
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''sealed code'')', id, tests.hash_of(status))) from s where status in ('active', 'used', 'expired', 'cancelled');
select tests.as_service_role(format('select public.use_code(%L, %L, ''T1'')', tests.create_api_key('bakery'), tests.hash_of('used')));
update public.redemptions set expires_at = now() where id = (select id from s where status = 'expired');
select ops.run_due_jobs(now());
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', tests.create_api_key('bakery'), id)) from s where status = 'cancelled';
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''No.'')', id)) from s where status = 'failed';
select is(r.status::text, s.status, s.status || ': is so') from s join public.redemptions r using (id) order by s.status;
select is(pg_temp.try('anna', reward), case when status in ('cancelled', 'failed') then 'no error' else 'PT409 reward_limit_reached (1)' end,
  status || case when status in ('cancelled', 'failed') then ': does not count' else ': counts' end) from s order by status;
select tests.books_are_right();

select * from finish();
rollback;
