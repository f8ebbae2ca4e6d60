-- monthly_statistics: figures of months for everyone, without those of groups under 5 people, also by subtraction.
begin;
select plan(42);
select tests.use_default_settings();
select ops.rebuild_statistics();
-- the months of this test are long ago, so that other data is not in them; what is counted is written as the job would
create function pg_temp.months_ago(n integer) returns date language sql as $$ select (date_trunc('month', now() at time zone 'Europe/Berlin') - make_interval(months => n))::date $$;
create function pg_temp.put(n integer, area text, place uuid, created integer, completed integer, issued integer, redeemed integer,
  people integer, creators integer, helpers integer, receivers integer, redeemers integer)
returns void language sql as $$
  insert into private.month_totals values (pg_temp.months_ago(n), area, place, created, completed, issued, redeemed, people, creators, helpers, receivers, redeemers) $$;
-- so many helpers who are on no leaderboard, or are
create function pg_temp.helpers(n integer, place uuid, hidden integer, shown integer default 0)
returns void language plpgsql as $$
declare
  v_id uuid;
begin
  for i in 1..hidden + shown loop
    v_id := gen_random_uuid();
    insert into auth.users (id, email, raw_user_meta_data) values (v_id, v_id || '@example.test', '{"name": "Helper"}');
    update public.user_settings set show_on_leaderboard = i > hidden where user_id = v_id;
    insert into private.member_months values (pg_temp.months_ago(n), v_id, place, 0, 0, 1, 10, 0, 0);
  end loop;
end $$;
create function pg_temp.figures(n integer, place uuid default null)
returns text
language plpgsql
as $$
begin
  return (select concat_ws(' ', coalesce(m.tasks_created::text, '-'), coalesce(m.tasks_completed::text, '-'), coalesce(m.points_issued::text, '-'),
            coalesce(m.points_redeemed::text, '-'), coalesce(m.people::text, '-'), case when m.is_suppressed then 'suppressed' end)
          from public.monthly_statistics(120, place) m where m.month = pg_temp.months_ago(n));
end $$;
grant execute on function pg_temp.figures(integer, uuid), pg_temp.months_ago(integer) to anon, authenticated;
delete from private.month_totals where month < pg_temp.months_ago(60);
delete from private.member_months where month < pg_temp.months_ago(60);

create temporary table places as
select name, gen_random_uuid() as id, n from (values ('a', 1), ('b', 2), ('c', 3)) p (name, n);
insert into public.neighbourhoods (id, slug, name, area)
select id, 'test-' || name, 'Test ' || name, extensions.st_multi(extensions.st_makeenvelope(170 + n, -80, 170.5 + n, -79, 4326)) from places;
create function pg_temp.place(wanted text) returns uuid language sql as $$ select id from places where name = wanted $$;
grant select on places to anon, authenticated;
grant execute on function pg_temp.place(text) to anon, authenticated;

-- everywhere ------------------------------------------------------------------------------------------------------------------
select pg_temp.put(61, 'everywhere', null, 20, 12, 300, 80, 9, 5, 6, 6, 5), pg_temp.helpers(61, null, 5, 1);
select pg_temp.put(62, 'everywhere', null, 20, 12, 300, 80, 4, 4, 4, 4, 4), pg_temp.helpers(62, null, 4);
select pg_temp.put(63, 'everywhere', null, 20, 12, 300, 80, 9, 4, 4, 4, 4), pg_temp.helpers(63, null, 4);
select pg_temp.put(64, 'everywhere', null, 20, 12, 300, 80, 9, 5, 5, 4, 4), pg_temp.helpers(64, null, 5);
select pg_temp.put(65, 'everywhere', null, 20, 0, 0, 0, 5, 5, 0, 0, 0);
select pg_temp.put(66, 'everywhere', null, 20, 12, 300, 0, 9, 9, 6, 6, 0), pg_temp.helpers(66, null, 4, 2);
select pg_temp.put(67, 'everywhere', null, 20, 12, 300, -10, 9, 9, 6, 7, 5), pg_temp.helpers(67, null, 6);

select tests.clear_authentication();
select is(pg_temp.figures(61), '20 12 300 80 9', 'anon: five people behind each figure are enough');
select is(pg_temp.figures(62), '- - - - - suppressed', 'four people in a month: nothing');
select is(pg_temp.figures(63), '- - - - 9 suppressed', 'nine people, but four behind each figure: only how many there were');
select is(pg_temp.figures(64), '20 12 - - 9 suppressed', 'each figure by its own people');
select is(pg_temp.figures(65), '20 0 0 0 5', 'a figure with nobody behind it is 0');
select is(pg_temp.figures(66), '20 - - 0 9 suppressed', 'of six helpers two are on the leaderboard: what the others earned is not to be had by subtraction');
select is(pg_temp.figures(67), '20 12 300 -10 9', 'more refunded than redeemed in a month: below 0');
select is(pg_temp.figures(70), '- - - - - suppressed', 'a month without anything looks like one with few');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.monthly_statistics()', '42501', 'permission denied for function monthly_statistics', 'service role: has the full figures in ops');
select tests.reset_authentication();
select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select is(pg_temp.figures(61), '20 12 300 80 9', 'member: the same as anon');
select is(pg_temp.figures(62), '- - - - - suppressed', 'member: no more than anon');

-- neighbourhoods ----------------------------------------------------------------------------------------------------------------
-- 70: a and b are large, c has three creators; without more, everywhere less a and b would be c
select tests.reset_authentication();
select pg_temp.put(71, 'everywhere', null, 33, 0, 0, 0, 20, 20, 0, 0, 0), pg_temp.put(71, 'neighbourhood', pg_temp.place('a'), 10, 0, 0, 0, 8, 8, 0, 0, 0),
  pg_temp.put(71, 'neighbourhood', pg_temp.place('b'), 20, 0, 0, 0, 9, 9, 0, 0, 0), pg_temp.put(71, 'neighbourhood', pg_temp.place('c'), 3, 0, 0, 0, 3, 3, 0, 0, 0);
-- 72: the same, but five people elsewhere hide c
select pg_temp.put(72, 'everywhere', null, 38, 0, 0, 0, 25, 25, 0, 0, 0), pg_temp.put(72, 'neighbourhood', pg_temp.place('a'), 10, 0, 0, 0, 8, 8, 0, 0, 0),
  pg_temp.put(72, 'neighbourhood', pg_temp.place('b'), 20, 0, 0, 0, 9, 9, 0, 0, 0), pg_temp.put(72, 'neighbourhood', pg_temp.place('c'), 3, 0, 0, 0, 3, 3, 0, 0, 0),
  pg_temp.put(72, 'elsewhere', null, 5, 0, 0, 0, 5, 5, 0, 0, 0);
-- 73: everything lies in a, but for one person elsewhere
select pg_temp.put(73, 'everywhere', null, 11, 0, 0, 0, 9, 9, 0, 0, 0), pg_temp.put(73, 'neighbourhood', pg_temp.place('a'), 10, 0, 0, 0, 8, 8, 0, 0, 0),
  pg_temp.put(73, 'elsewhere', null, 1, 0, 0, 0, 1, 1, 0, 0, 0);
-- 74: everything lies in a
select pg_temp.put(74, 'everywhere', null, 10, 6, 60, 0, 8, 8, 6, 6, 0), pg_temp.put(74, 'neighbourhood', pg_temp.place('a'), 10, 6, 60, 0, 8, 8, 6, 6, 0), pg_temp.helpers(74, pg_temp.place('a'), 6);
-- 75: in a most helpers are on the leaderboard; everywhere enough are not
select pg_temp.put(75, 'everywhere', null, 30, 12, 120, 0, 30, 20, 12, 12, 0), pg_temp.put(75, 'neighbourhood', pg_temp.place('a'), 15, 6, 60, 0, 15, 10, 6, 6, 0),
  pg_temp.put(75, 'neighbourhood', pg_temp.place('b'), 15, 6, 60, 0, 15, 10, 6, 6, 0),
  pg_temp.helpers(75, pg_temp.place('a'), 1, 5), pg_temp.helpers(75, pg_temp.place('b'), 6);
-- 76: a person elsewhere redeemed, which is nobody's in a neighbourhood
select pg_temp.put(76, 'everywhere', null, 10, 0, 0, 90, 9, 8, 0, 0, 1), pg_temp.put(76, 'neighbourhood', pg_temp.place('a'), 10, 0, 0, 0, 8, 8, 0, 0, 0),
  pg_temp.put(76, 'elsewhere', null, 0, 0, 0, 90, 1, 0, 0, 0, 1);

select tests.clear_authentication();
select is(pg_temp.figures(71), '33 0 0 0 20', 'the total is there');
select is(pg_temp.figures(71, pg_temp.place('c')), '- - - - - suppressed', 'a small neighbourhood is not');
select is(pg_temp.figures(71, pg_temp.place('b')), '20 0 0 - 9', 'a large one is');
select is(pg_temp.figures(71, pg_temp.place('a')), '- 0 0 - 8 suppressed', 'the smaller of the large ones is kept back: the total less the others would be the small one');
select is(pg_temp.figures(72, pg_temp.place('a')), '10 0 0 - 8', 'with enough people elsewhere it need not be');
select is(pg_temp.figures(72, pg_temp.place('c')), '- - - - - suppressed', 'but the small one stays back');
select is(pg_temp.figures(73, pg_temp.place('a')), '- 0 0 - 8 suppressed', 'one person elsewhere is protected, too');
select is(pg_temp.figures(74, pg_temp.place('a')), '10 6 60 - 8', 'nobody elsewhere: nothing to protect; redemptions have no place');
select is(pg_temp.figures(75), '30 12 120 0 30', 'everywhere enough helpers are not on the leaderboard');
select is(pg_temp.figures(75, pg_temp.place('a')), '15 - - - 15 suppressed', 'in a neighbourhood too few');
select is(pg_temp.figures(75, pg_temp.place('b')), '15 6 60 - 15', 'in another enough');
select is(pg_temp.figures(76), '10 0 0 - 9 suppressed', 'one person redeemed: kept back');
select is(pg_temp.figures(76, pg_temp.place('a')), '10 0 0 - 8', 'which takes nothing from a neighbourhood');

-- no subtraction of what is shown gives a group of 1 to 4: tried for every month and figure
select tests.reset_authentication();
create temporary table shown as
select m.month, p.id as place, m.tasks_created from places p, public.monthly_statistics(120, p.id) m;
select is_empty($$
  select r.month from (
    select t.month, sum(t.creators) filter (where t.area = 'elsewhere' or s.tasks_created is null) as upper,
      max(t.creators) filter (where t.area = 'elsewhere' or s.tasks_created is null) as largest
    from private.month_totals t left join shown s on s.month = t.month and s.place = t.neighbourhood_id
    where t.area <> 'everywhere' and t.month < pg_temp.months_ago(60)
    group by t.month) r
  where r.largest between 1 and 4 $$, 'what is left of every month has five people or nobody behind it');

-- input
select tests.clear_authentication();
select is((select count(*)::int from public.monthly_statistics()), 12, 'twelve months by default');
select results_eq('select month from public.monthly_statistics(3)', 'select pg_temp.months_ago(n) from generate_series(0, 2) n', 'the current month first, none left out');
select is((select count(*)::int from public.monthly_statistics(0)), 1, 'less than one month is one');
select is((select count(*)::int from public.monthly_statistics(-2147483648)), 1, 'whatever it is');
select is((select count(*)::int from public.monthly_statistics(2147483647)), 120, 'more than ten years are ten');
select is((select count(*)::int from public.monthly_statistics(null, null)), 12, 'null is the default');
select is(tests.error_of('select * from public.monthly_statistics(1, gen_random_uuid())'), 'PT404 neighbourhood_not_found', 'a neighbourhood that does not exist');

-- in full, for reporting and the secret key
select throws_ok('select * from ops.monthly_statistics()', '42501', 'permission denied for schema ops', 'anon: not in full');
select tests.authenticate_as('anna');
select throws_ok('select * from ops.monthly_statistics()', '42501', 'permission denied for schema ops', 'member: not in full');
select throws_ok('select * from private.month_totals', '42501', 'permission denied for table month_totals', 'member: not past the door');
-- app_read cannot reach pgTAP: the role is taken on around the one command
select tests.reset_authentication();
grant app_read to current_user;
create function pg_temp.as_app_read(command text)
returns text
language plpgsql
as $$
declare
  v_answer text;
begin
  perform tests.act_as('app_read', null);
  begin
    execute command into v_answer;
  exception when others then
    v_answer := sqlstate || ' ' || sqlerrm;
  end;
  reset role;
  return v_answer;
end $$;
select is(pg_temp.as_app_read(format('select format(''%%s %%s of %%s'', area, tasks_created, creators) from ops.monthly_statistics(120) where people between 1 and 4 and month = %L', pg_temp.months_ago(71))),
  'neighbourhood 3 of 3', 'app_read: in full, small groups included');
select is(pg_temp.as_app_read('select people from private.month_totals'), '42501 permission denied for schema private', 'app_read: through the function only');
select is(pg_temp.as_app_read('select ops.rebuild_statistics()'), '42501 permission denied for function rebuild_statistics', 'app_read: reads only');
select is(pg_temp.as_app_read('select count(*) from ops.audit_statistics() where problem = ''no such problem'''), '0', 'app_read: may run the audit');
select tests.authenticate_as_service_role();
select is((select count(*)::int from ops.monthly_statistics(120) where month = (date_trunc('month', now() at time zone 'Europe/Berlin') - interval '62 months')::date and people = 4), 1, 'service role: in full');

-- what the job writes: months of the event by the community's clock, areas, people -----------------------------------------------------------------
select tests.reset_authentication();
delete from private.month_totals where true;
delete from private.member_months where true;
delete from auth.users where email like '%@example.test' and raw_user_meta_data ->> 'name' = 'Helper';
insert into public.neighbourhoods (slug, name, area) values ('test-sea', 'Test sea', extensions.st_multi(extensions.st_makeenvelope(-124, -49, -123, -48, 4326)));
select tests.create_supabase_users('ben', 'carla');
create temporary table progress as select * from private.statistics_progress;
select tests.post_task('anna', 5), tests.task_in('completed', 'anna', 'ben', 30), tests.post_task('ben', 5, latitude => 10, longitude => 10);
insert into public.task_events (task_id, creator_id, action, created_at)
select t.id, t.creator_id, 'created', '2020-02-29 23:00:00+00' from public.tasks t where t.creator_id = tests.get_supabase_uid('ben');
insert into public.point_transactions (user_id, amount, type, balance_after) values (tests.get_supabase_uid('carla'), 9, 'bonus', 0);
select tests.run_jobs('statistics', now(), 1000);
select set_eq($$ select m.month, m.area, m.tasks_created, m.tasks_completed, m.points_issued, m.points_redeemed, m.people, m.creators, m.helpers, m.receivers, m.redeemers
    from private.month_totals m $$,
  $$ values (pg_temp.months_ago(0), 'everywhere', 3::bigint, 1::bigint, 39::bigint, 0::bigint, 3::bigint, 2::bigint, 1::bigint, 2::bigint, 0::bigint),
    (pg_temp.months_ago(0), 'neighbourhood', 2, 1, 30, 0, 2, 1, 1, 1, 0), (pg_temp.months_ago(0), 'elsewhere', 1, 0, 9, 0, 2, 1, 0, 1, 0),
    ('2020-03-01', 'everywhere', 1, 0, 0, 0, 1, 1, 0, 0, 0), ('2020-03-01', 'elsewhere', 1, 0, 0, 0, 1, 1, 0, 0, 0) $$,
  'months in Berlin, where the task lay, and how many people stand behind each figure');
-- an area drawn anew later changes no month
delete from public.neighbourhoods where slug = 'test-sea';
select tests.task_in('completed', 'anna', 'ben', 30);
select tests.run_jobs('statistics', now(), 1000);
select results_eq($$ select tasks_created, tasks_completed from private.month_totals where area = 'neighbourhood' $$, $$ values (2::bigint, 1::bigint) $$,
  'a task stays where it was counted, and new ones do not count for an area that is gone');

select * from finish();
rollback;
