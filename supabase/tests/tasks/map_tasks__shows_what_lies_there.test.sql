-- What the map shows: markers by zoom and bounds, who sees what, filters, and never more than a cell.
begin;
select plan(52);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 10000, points_limit_per_creator = 1000000;
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
insert into public.categories (slug, parent_slug, name_de, name_en) values ('pgtap-root', null, 'Wurzel', 'Root'), ('pgtap-child', 'pgtap-root', 'Kind', 'Child');
create function pg_temp.post(creator text, title text, latitude float8, longitude float8, category text default 'garten') returns uuid language sql
  as $$ select tests.post_task(creator, 1, title, latitude, longitude, category) $$;
-- three in one cell, one in the next, one three kilometres farther
create temporary table t as select pg_temp.post('anna', 'First', -48.8767, -123.3933) as first, pg_temp.post('anna', 'Second', -48.8766, -123.3931) as second,
  pg_temp.post('ben', 'Third', -48.8767, -123.3933, 'pgtap-child') as third, pg_temp.post('ben', 'Next door', -48.8740, -123.3933) as next, pg_temp.post('anna', 'Far', -48.85, -123.3933) as far;
update public.tasks k set created_at = timestamptz '2026-01-01 12:00 UTC' + row.n * interval '1 minute' from t, unnest(array[first, second, third, next, far]) with ordinality row (id, n) where k.id = row.id;
update private.open_tasks o set created_at = k.created_at from public.tasks k, t where k.id = o.task_id and k.id in (first, second, third, next, far);
grant select on t to authenticated;
-- the map around the tasks, so narrow that no zoom is lowered for it
create function pg_temp.map(zoom integer, arguments text default '', bounds text default '-123.397, -48.88, -123.389, -48.847') returns setof public.task_marker language plpgsql
  as $$ begin return query execute format('select * from public.map_tasks(%s, %s %s)', bounds, zoom, arguments); end $$;
create function pg_temp.seen(zoom integer, arguments text default '', bounds text default '-123.397, -48.88, -123.389, -48.847') returns text language sql
  as $$ select coalesce(string_agg(concat(m.task_count, ':', (select string_agg(k ->> 'title', '+') from jsonb_array_elements(m.tasks) k)), ' ' order by m.latitude, m.longitude), '') from pg_temp.map(zoom, arguments, bounds) m $$;
grant execute on function pg_temp.map(integer, text, text), pg_temp.seen(integer, text, text) to authenticated, anon;

-- what a marker shows, at each zoom
select tests.authenticate_as('cem');
select is(pg_temp.seen(18), '3:Third+Second+First 1:Next door 1:Far', 'near: a marker for each cell, with its tasks, newest first');
select is(pg_temp.seen(12), '4: 1:Far', 'farther away: what lies in one tile is a cluster; what lies alone is shown');
select is(pg_temp.seen(3), '5:', 'far away: one cluster');
select is(pg_temp.seen(-5), pg_temp.seen(0), 'a zoom below 0 is 0');
select is(pg_temp.seen(2000000000), pg_temp.seen(18), 'one beyond all maps is the nearest');
select is((select array_agg(key order by key) from pg_temp.map(18) m, jsonb_array_elements(m.tasks) task, jsonb_object_keys(task) key where task ->> 'title' = 'Far'), '{category,id,points_reward,starts_at,title}', 'the facts of a task');
select is((select (task ->> 'id')::uuid from pg_temp.map(18) m, jsonb_array_elements(m.tasks) task where task ->> 'title' = 'Far'), far, 'and its id') from t;
select is_empty($$ select m.* from pg_temp.map(18) m, jsonb_array_elements(m.tasks) task join public.tasks k on k.id = (task ->> 'id')::uuid where (m.latitude, m.longitude) <> (k.latitude, k.longitude) $$,
  'a marker with tasks stands in the centre of their cell');
select is_empty($$ select m.* from pg_temp.map(18) m where m.tasks is null or m.splits_at_zoom is not null $$, 'nothing is left to fall apart');
select is((select splits_at_zoom from pg_temp.map(12) where tasks is null), (select min(z) from generate_series(12, 18) z where (select count(*) from pg_temp.map(z)) = 3), 'a cluster says when it falls apart');
select is((select (select count(*)::int from pg_temp.map(m.splits_at_zoom - 1)) from pg_temp.map(3) m), 1, 'not before');
select is((select (select count(*)::int from pg_temp.map(m.splits_at_zoom)) from pg_temp.map(3) m), 2, 'but then');
select is_empty($$ select z, m.* from generate_series(0, 18) z, pg_temp.map(z) m where m.latitude not between -49.5 and -48.2 and m.tasks is null and z > 7 or not m.longitude between -180 and 0 $$, 'a cluster stands near what it counts');
select is_empty($$ select z from generate_series(0, 20) z where (select sum(task_count) from pg_temp.map(z)) <> 5 $$, 'at every zoom every task is counted, once');

-- bounds
select is(pg_temp.seen(18, '', '-123.397, -48.88, -123.389, -48.86'), '3:Third+Second+First 1:Next door', 'what lies outside is left out');
select is(pg_temp.seen(18, '', '-123.39, -48.88, -123.385, -48.86'), '', 'on every side');
select is(pg_temp.seen(18, '', format('%s, %s, %s, %s', k.longitude, k.latitude, k.longitude, k.latitude)), '3:Third+Second+First', 'bounds may be one point') from t join public.tasks k on k.id = t.first;
select is(pg_temp.seen(22, '', '-180, -90, 180, 90'), pg_temp.seen(2, '', '-180, -90, 180, 90'), 'bounds too wide for their zoom lower it');
select is((select sum(task_count)::int from pg_temp.map(0, '', '-180, -60, 0, -40')), 5, 'half a world');

-- a category and everything below it; times
select is(pg_temp.seen(18, ', category => ''pgtap-root'''), '1:Third', 'a root includes its children');
select is(pg_temp.seen(3, ', category => ''pgtap-root'''), '1:Third', 'at any zoom: what is alone is shown');
select is(pg_temp.seen(18, ', category => ''garten'''), '2:Second+First 1:Next door 1:Far', 'a category leaves out the others');
select is(pg_temp.seen(18, ', category => null, starts_from => null, starts_until => null'), pg_temp.seen(18), 'null is no filter');
select tests.reset_authentication();
update public.tasks k set starts_at = '2027-05-01 10:00 UTC', is_flexible = true from t where k.id = t.second;
update public.tasks k set starts_at = '2027-05-02 10:00 UTC', is_flexible = true from t where k.id in (t.third, t.far);
select tests.authenticate_as('cem');
select is(pg_temp.seen(18, ', starts_from => ''2027-05-01T10:00:00Z'''), '2:Third+Second 1:Far', 'from a moment, with it; what has no start is left out');
select is(pg_temp.seen(18, ', starts_until => ''2027-05-02T10:00:00Z'''), '1:Second', 'until a moment, without it');
select is(pg_temp.seen(18, ', starts_from => ''2027-05-01T10:00:01Z'', starts_until => ''2027-05-03T00:00:00Z'''), '1:Third 1:Far', 'between two');
select is(pg_temp.seen(3, ', starts_from => ''2027-05-02T00:00:00Z'', category => ''pgtap-root'''), '1:Third', 'with a category');
select is(pg_temp.seen(18), '3:Third+Second+First 1:Next door 1:Far', 'without them all are there');

-- people
select tests.authenticate_as('anna');
select is(pg_temp.seen(18), '1:Third 1:Next door', 'own tasks are left out');
select tests.authenticate_as('cem');
select public.block_user(tests.get_supabase_uid('anna'));
select is(pg_temp.seen(18), '1:Third 1:Next door', 'those of a member one blocks, too');
select is(pg_temp.seen(3), '2:', 'and from the counts');
select tests.authenticate_as('ben');
select public.block_user(tests.get_supabase_uid('dora'));
select tests.authenticate_as('dora');
select is(pg_temp.seen(18), '2:Second+First 1:Far', 'and those of a member who blocks one');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('dora');
select is(pg_temp.seen(18), '', 'those of banned members are left out');
select tests.authenticate_as('anna');
select is(pg_temp.seen(18), '1:Third 1:Next door', 'a banned member can look');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));
select tests.pass_deadline(first), tests.pass_deadline(far) from t;
select tests.authenticate_as('dora');
select is(pg_temp.seen(18), '1:Second', 'past its deadline a task is not found');
select tests.authenticate_as('ben');
select tests.reset_authentication();
select tests.create_supabase_users('emil', 'fay');
select tests.task_in(state, 'emil', 'fay') from unnest('{assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
select tests.authenticate_as('dora');
select is(pg_temp.seen(18), '1:Second', 'nothing but open tasks is found');

-- errors
create function pg_temp.refusal(arguments text) returns text language sql as $$ select tests.error_of('select * from public.map_tasks(' || arguments || ')') $$;
grant execute on function pg_temp.refusal(text) to authenticated;
select is_empty(
  $$ select a, pg_temp.refusal(a) from unnest(array['null, 0, 1, 1, 3', '0, null, 1, 1, 3', '0, 0, null, 1, 3', '0, 0, 1, null, 3', '''NaN'', 0, 1, 1, 3', '0, ''NaN'', 1, 1, 3', '0, 0, ''Infinity'', 1, 3',
       '0, 0, 1, ''-Infinity'', 3', '-180.01, 0, 1, 1, 3', '0, -90.01, 1, 1, 3', '0, 0, 180.01, 1, 3', '0, 0, 1, 90.01, 3']) a where pg_temp.refusal(a) <> 'PT400 coordinates_invalid' $$, 'bounds that are none');
select is(pg_temp.refusal('0, 1, 1, 0, 3'), 'PT400 validation_failed (north)', 'upside down');
select is(pg_temp.refusal('0, 0, 1, 1, null'), 'PT400 validation_failed (zoom)', 'no zoom');
select is(pg_temp.refusal('0, 0, 1, 1, 3, ''gardening'''), 'PT400 category_not_found (gardening)', 'an unknown category');
select is(pg_temp.refusal('0, 0, 1, 1, 3, starts_from => ''tomorrow'''), 'PT400 validation_failed (starts_from)', 'no moment');
select is(pg_temp.refusal('0, 0, 1, 1, 3, starts_from => ''2027-01-02T00:00:00Z'', starts_until => ''2027-01-01T00:00:00Z'''), 'PT400 validation_failed (starts_until)', 'a period that ends before it begins');
select tests.act_as('authenticated', null);
select is(pg_temp.refusal('0, 0, 1, 1, 3'), 'PT401 not_signed_in', 'no member, no map');
select tests.clear_authentication();
select throws_ok('select * from public.map_tasks(0, 0, 1, 1, 3)', '42501', 'permission denied for function map_tasks', 'not for anon');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.map_tasks(0, 0, 1, 1, 3)', '42501', 'permission denied for function map_tasks', 'nor for the service role');

-- many: the same with lower limits
select tests.reset_authentication();
create or replace function private.max_marker_count() returns integer language sql immutable set search_path = '' return 2;
create or replace function private.max_marked_tasks() returns integer language sql immutable set search_path = '' return 1;
select tests.post_task('emil', 1, 'Task ' || n) from generate_series(1, 3) n;
select tests.authenticate_as('fay');
select is(pg_temp.seen(3), '2:', 'counting ends');
select is((select splits_at_zoom from pg_temp.map(3)), 4, 'and how far it reaches is not known');
select is(pg_temp.seen(3, ', category => ''garten'''), '2:', 'so it does with a category');
select results_eq($$ select task_count, jsonb_array_length(tasks), splits_at_zoom from pg_temp.map(18) where latitude < -48.8745 $$, $$ values (2, 1, null::integer) $$, 'one cell is shown all the same, with the newest');

-- everywhere on earth, in every direction across every edge
select tests.reset_authentication();
select is_empty($$ select place, latitude, longitude from tests.edges() e (place, latitude, longitude), private.tile_middle(private.tile_at(latitude, longitude), 18) m (a, o)
  where abs(latitude) < 85 and (abs(a - latitude) > 0.0008 or abs(o - longitude) > 0.0008 and abs(o - longitude) < 359.999) $$, 'a place lies in its tile');
create temporary table edges as select a.edge, tests.post_task('emil', 1, 'Edge', a.latitude, a.longitude) as id from tests.around_edges() a;
grant select on edges to authenticated;
select tests.authenticate_as('fay');
select is_empty(
  $$ select z, e.edge, k.latitude, k.longitude from edges e join public.tasks k on k.id = e.id, unnest('{13,18}'::integer[]) z
     where not exists (select from public.map_tasks(case when k.longitude < -179.99 then k.longitude + 359.99 else k.longitude - 0.01 end, greatest(k.latitude - 0.01, -90),
       case when k.longitude > 179.99 then k.longitude - 359.99 else k.longitude + 0.01 end, least(k.latitude + 0.01, 90), z) m where m.tasks @> jsonb_build_array(jsonb_build_object('id', k.id))
         or m.tasks is null and z < 18 or abs(k.latitude) > 85.06) $$, 'found wherever it lies, across the date line and around the poles, too');
select tests.reset_authentication();
select is_empty('select * from ops.audit_tasks()', 'the projection agrees with the tasks');

select * from finish();
rollback;
