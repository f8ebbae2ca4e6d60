-- Areas in the middle of the Pacific, where no other data lies.
begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');

create function pg_temp.square(west double precision, south double precision, size double precision) returns extensions.geometry
language sql as $$ select extensions.st_multi(extensions.st_makeenvelope(west, south, west + size, south + size, 4326)) $$;
create function pg_temp.slug_of(id uuid) returns text
language sql as $$ select n.slug from public.neighbourhoods n where n.id = slug_of.id $$;
create function pg_temp.home_of(name text) returns text
language sql as $$ select pg_temp.slug_of(c.neighbourhood_id) from public.user_contacts c where c.user_id = tests.get_supabase_uid(name) $$;

insert into public.neighbourhoods (slug, name, area) values
  ('pgtap-west', 'West', pg_temp.square(-123.5, -49, 0.2)), ('pgtap-wide', 'Wide', pg_temp.square(-124, -50, 2));
grant execute on function pg_temp.square(double precision, double precision, double precision), pg_temp.slug_of(uuid) to public;

-- homes
select tests.authenticate_as('anna');
select is(pg_temp.slug_of((public.update_contact(latitude => -48.9, longitude => -123.4)).neighbourhood_id), 'pgtap-west', 'a home lies in its neighbourhood, the smaller of two');
select is(pg_temp.slug_of((public.update_contact(latitude => -49.5, longitude => -123.4)).neighbourhood_id), 'pgtap-wide', 'moving moves');
select is((public.update_contact(latitude => 0, longitude => -123.4)).neighbourhood_id, null, 'outside of all: none');
select is(pg_temp.slug_of((public.update_contact(latitude => -48.9, longitude => -123.4)).neighbourhood_id), 'pgtap-west', 'back again');
select is(pg_temp.slug_of((public.update_contact(phone_number => '030 1234')).neighbourhood_id), 'pgtap-west', 'another change leaves it');
select tests.authenticate_as('ben');
select is((select count(*)::int from public.user_contacts where neighbourhood_id is not null), 0, 'nobody else learns where somebody lives');
select tests.reset_authentication();
update public.user_contacts set neighbourhood_id = null where user_id = tests.get_supabase_uid('anna');
select is(pg_temp.home_of('anna'), 'pgtap-west', 'Studio cannot put a home elsewhere');

-- tasks
create temporary table task as select tests.post_task('anna', latitude => -48.9, longitude => -123.4) as id;
create function pg_temp.task_at() returns text
language sql as $$ select pg_temp.slug_of(t.neighbourhood_id) from public.tasks t join task using (id) $$;
create function pg_temp.listed_at() returns text
language sql as $$ select pg_temp.slug_of(o.neighbourhood_id) from private.open_tasks o join task on task.id = o.task_id $$;
select is(pg_temp.task_at(), 'pgtap-west', 'a task lies in its neighbourhood');
select is(pg_temp.listed_at(), 'pgtap-west', 'and is listed there');
select tests.authenticate_as('ben');
select is((select pg_temp.slug_of(n.neighbourhood_id) from public.nearby_tasks(-48.9, -123.4, 1000) n), 'pgtap-west', 'the search tells it');
select tests.reset_authentication();

-- areas change
update public.neighbourhoods set area = pg_temp.square(-123.39, -49, 0.1) where slug = 'pgtap-west';
select is(pg_temp.home_of('anna'), 'pgtap-wide', 'redrawn: a home that lies outside now finds the next');
select is(pg_temp.task_at(), 'pgtap-wide', 'so does a task');
select is(pg_temp.listed_at(), 'pgtap-wide', 'and its entry in the search');
update public.neighbourhoods set area = pg_temp.square(-123.5, -49, 0.2) where slug = 'pgtap-west';
select is(pg_temp.home_of('anna'), 'pgtap-west', 'redrawn again: back');
select is(pg_temp.listed_at(), 'pgtap-west', 'with the task');
insert into public.neighbourhoods (slug, name, area) values ('pgtap-tiny', 'Tiny', pg_temp.square(-123.41, -48.91, 0.02));
select is(pg_temp.home_of('anna'), 'pgtap-tiny', 'a new, smaller area takes its homes');
select is(pg_temp.task_at(), 'pgtap-tiny', 'and tasks');
delete from public.neighbourhoods where slug in ('pgtap-tiny', 'pgtap-west');
select is(pg_temp.home_of('anna'), 'pgtap-wide', 'removed: what is left counts');
select is(pg_temp.listed_at(), 'pgtap-wide', 'for tasks, too');
delete from public.neighbourhoods where slug = 'pgtap-wide';
select is(pg_temp.home_of('anna'), null, 'no area is left');
select is(pg_temp.listed_at(), null, 'for the task neither');
select tests.books_are_right('the projection agrees with the tasks all along');

-- what can be an area
select throws_ok($$ insert into public.neighbourhoods (slug, name, area) values ('pgtap-x', 'Xy', extensions.st_geomfromtext('MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))', 4326)) $$,
  '23514', 'new row for relation "neighbourhoods" violates check constraint "area_is_a_valid_shape"', 'an outline that crosses itself is refused');
select throws_ok($$ insert into public.neighbourhoods (slug, name, area) values ('pgtap-x', 'Xy', extensions.st_geomfromtext('MULTIPOLYGON EMPTY', 4326)) $$, '23514', 'new row for relation "neighbourhoods" violates check constraint "area_is_a_valid_shape"', 'so is no area');
select throws_ok($$ insert into public.neighbourhoods (slug, name, area) values ('Pgtap X', 'Xy', pg_temp.square(0, 0, 1)) $$, '23514', 'new row for relation "neighbourhoods" violates check constraint "neighbourhood_slug_is_lower_case_words"', 'and a slug that is none');
select throws_ok($$ insert into public.neighbourhoods (slug, name, area) values ('pgtap-x', ' ', pg_temp.square(0, 0, 1)) $$, '23514', 'new row for relation "neighbourhoods" violates check constraint "neighbourhood_name_is_visible"', 'and no name');

-- who reads and writes
insert into public.neighbourhoods (slug, name, area) values ('pgtap-x', 'Xy', pg_temp.square(0, 0, 1));
select tests.clear_authentication();
select is((select outline ->> 'type' from public.neighbourhoods where slug = 'pgtap-x'), 'MultiPolygon', 'everyone reads areas, as GeoJSON, too');
select throws_ok($$ delete from public.neighbourhoods $$, '42501', 'permission denied for table neighbourhoods', 'nobody removes them');
select tests.authenticate_as('anna');
select throws_ok($$ update public.neighbourhoods set name = 'Mine' $$, '42501', 'permission denied for table neighbourhoods', 'nor changes them');
select tests.authenticate_as_service_role();
select throws_ok($$ insert into public.neighbourhoods (slug, name, area) values ('pgtap-y', 'Yz', pg_temp.square(0, 0, 1)) $$, '42501', 'permission denied for table neighbourhoods', 'the service role neither');

select * from finish();
rollback;
