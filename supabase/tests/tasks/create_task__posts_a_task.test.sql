begin;
select plan(19);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create temporary table posted (label text, task public.tasks);
grant all on posted to authenticated;

select tests.authenticate_as('anna');
insert into posted
select 'full', t from public.create_task(
  title => '  Water the tomatoes ', description => E'Every evening.\nTen minutes.', category => 'garten', latitude => -47.53201, longitude => 13.38422,
  points_reward => 20, address => ' Back yard ', image_paths => array[tests.get_supabase_uid('anna') || '/tomatoes.jpg'],
  expires_at => tests.iso(now() + interval '7 days'), metadata => '{"colour": "red"}') t;
insert into posted select 'short', t from public.create_task('Fix', 'x', 'technik', -33.5, 151.2, 1) t;
insert into posted
select 'nulls', t from public.create_task('Fix', 'x', 'technik', -33.5, 151.2, 1, address => null, image_paths => null, expires_at => null, metadata => null) t;

select results_eq(
  $$ select (task).creator_id, (task).helper_id, (task).title, (task).description, (task).category, (task).points_reward, (task).reward_funding::text, (task).status::text,
       (task).image_paths, (task).expires_at, (task).metadata from posted where label = 'full' $$,
  $$ values (tests.get_supabase_uid('anna'), null::uuid, 'Water the tomatoes', E'Every evening.\nTen minutes.', 'garten', 20, 'community', 'open',
       array[tests.get_supabase_uid('anna') || '/tomatoes.jpg'], now() + interval '7 days', '{"colour": "red"}'::jsonb) $$,
  'the returned task is what was asked for, texts trimmed');
select results_eq(
  $$ select (task).created_at, (task).updated_at, (task).assigned_at, (task).started_at, (task).finished_at, (task).completed_at, (task).closed_at from posted where label = 'full' $$,
  $$ values (now(), now(), null::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz, null::timestamptz) $$, 'its times begin now');
select results_eq(
  $$ select (task).image_paths, (task).expires_at, (task).metadata from posted where label = 'short' $$,
  $$ values ('{}'::text[], null::timestamptz, '{}'::jsonb) $$, 'address, pictures, deadline and metadata may be left out');
select results_eq(
  $$ select (task).image_paths, (task).expires_at, (task).metadata from posted where label = 'nulls' $$,
  $$ values ('{}'::text[], null::timestamptz, '{}'::jsonb) $$, 'or be null');
select set_eq('select to_jsonb(task) from posted', 'select to_jsonb(t) from public.tasks t where creator_id = auth.uid()', 'what was returned is what is stored');
select results_eq(
  $$ select action::text, actor_id, creator_id, helper_id, details from public.task_events where task_id = (select (task).id from posted where label = 'full') $$,
  $$ values ('created', tests.get_supabase_uid('anna'), tests.get_supabase_uid('anna'), null::uuid, null::jsonb) $$, 'there is one event');
select is_empty('select * from public.point_transactions', 'with community funding no points move');
select results_eq(
  $$ select l.latitude, l.longitude, l.address from posted, public.get_task_location((task).id) l where label = 'full' $$,
  $$ values (-47.53201::float8, 13.38422::float8, 'Back yard') $$, 'the exact place is kept apart');

-- nobody but the creator learns the exact place
select isnt((select array[(task).latitude, (task).longitude] from posted where label = 'full'), array[-47.53201, 13.38422]::float8[], 'the task itself shows another point');
select tests.authenticate_as('ben');
select is(tests.error_of(format('select * from public.get_task_location(%L)', (select (task).id from posted where label = 'full'))), 'PT404 task_not_found', 'others do not read the exact place');
select results_eq('select id from public.nearby_tasks(-47.53, 13.38)', $$ select (task).id from posted where label = 'full' $$, 'others find the task');

-- the grid: everywhere on earth a cell of about 300 m whose centre says nothing about the place in it
select tests.reset_authentication();
create temporary table places as
select latitude, longitude, c.latitude_centre, c.longitude_centre,
  extensions.st_distance(extensions.st_makepoint(longitude, latitude)::extensions.geography, extensions.st_makepoint(c.longitude_centre, c.latitude_centre)::extensions.geography) as distance
from (select (n * 37 % 1701) / 10.0 - 85 + n / 100000.0 as latitude, (n * 73 % 3599) / 10.0 - 179.9 + n / 100000.0 as longitude from generate_series(1, 2000) n) p
cross join lateral private.cell_centre(latitude, longitude) c;
select is((select count(*)::int from places where distance > 225), 0, 'no place is farther from the centre than half the diagonal of its cell');
select cmp_ok((select max(distance) from places), '>', 190::float8, 'and places lie in all of the cell, not only near its centre');
select is((select count(*)::int from places p cross join lateral private.cell_centre(p.latitude_centre, p.longitude_centre) c
           where (c.latitude_centre, c.longitude_centre) <> (p.latitude_centre, p.longitude_centre)), 0, 'the centre of a centre is itself: repeating reveals nothing');
select is((select count(distinct (c.latitude_centre, c.longitude_centre))::int
           from generate_series(0, 20) a, generate_series(0, 20) b
           cross join lateral private.cell_centre(52.5204 + a * 0.00001, 13.4012 + b * 0.00001) c), 1, 'neighbouring doors share a centre');
select results_eq(
  $$ select c.latitude_centre between -90 and 90 and c.longitude_centre between -180 and 180
     from (values (90, 0), (-90, 0), (90, 180), (-90, -180), (0, 180), (0, -180), (0, 0), (89.9999, 179.9999)) v (latitude, longitude)
     cross join lateral private.cell_centre(latitude, longitude) c $$,
  'select true from generate_series(1, 8)', 'the ends of the world have cells too');
select is((select l.latitude from private.task_locations l join posted on (task).id = l.task_id where label = 'short'), -33.5::float8, 'places south of the equator keep their sign');

-- an admin who edits a task in Studio is bound by the same rules
select is(tests.error_of($$ update public.tasks set title = ' ' $$), 'PT400 text_blank (title)', 'a blank title is refused with its slug');
select tests.authenticate_as('anna');
select is((select count(*)::int from public.tasks where creator_id = auth.uid()), 3, 'each call posted one task');

select * from finish();
rollback;
