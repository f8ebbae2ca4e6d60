-- Asking from many places must not find a home: two homes at opposite ends of one home square answer alike, always.
begin;
select plan(5);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 200, suggestion_limit_per_day = 200, points_limit_per_creator = 100000;
select tests.create_supabase_users('anna', 'west', 'east');
-- the corners of one home square, 20 m inside; the middle of the Pacific
create temporary table corners as
with c as (select floor((private.mercator(-48.8767, -123.3933))[0] / 2048) as x, floor((private.mercator(-48.8767, -123.3933))[1] / 2048) as y)
select degrees((x * 2048 + 30) / 6371008.8) as west, degrees((x * 2048 + 2018) / 6371008.8) as east,
  degrees(2 * atan(exp((y * 2048 + 30) / 6371008.8)) - pi() / 2) as south, degrees(2 * atan(exp((y * 2048 + 2018) / 6371008.8)) - pi() / 2) as north from c;
update public.user_contacts u set latitude = c.south, longitude = c.west from corners c where u.user_id = tests.get_supabase_uid('west');
update public.user_contacts u set latitude = c.north, longitude = c.east from corners c where u.user_id = tests.get_supabase_uid('east');
update public.user_settings set is_open_to_suggestions = true where user_id in (tests.get_supabase_uid('west'), tests.get_supabase_uid('east'));
select is((select count(distinct home_square)::int from private.open_helpers where user_id in (tests.get_supabase_uid('west'), tests.get_supabase_uid('east'))), 1, 'both homes lie in one home square');
select cmp_ok((select extensions.st_distance(extensions.st_makepoint(west, south)::extensions.geography, extensions.st_makepoint(east, north)::extensions.geography) from corners), '>', 1500::float8,
  'a kilometre and a half apart');

-- tasks all around: a spiral out to 13 km
create temporary table probes as
select n, tests.post_task('anna', 1, 'Probe ' || n, -48.8767 + n * 0.0028 * cos(n), -123.3933 + n * 0.0042 * sin(n)) as task from generate_series(0, 39) n;
grant select on probes to public;
select tests.authenticate_as('anna');
create temporary table answers as
select p.n, s.name, s.distance_band, s.part_distance from probes p left join lateral public.suggest_helpers(p.task) s on true;
select is_empty(
  $$ select n from answers group by n having count(*) filter (where name = 'West') <> count(*) filter (where name = 'East') or count(distinct distance_band) > 1 or count(distinct part_distance) > 1 $$,
  'from everywhere both are suggested in the same band, or neither');
select is((select array_agg(distinct distance_band::text order by distance_band::text) from answers where name is not null), '{1_to_3_km,3_to_10_km,under_1_km}'::text[], 'the places asked from reach every band');
select isnt_empty($$ select n from answers where name is null $$, 'and beyond');

select * from finish();
rollback;
