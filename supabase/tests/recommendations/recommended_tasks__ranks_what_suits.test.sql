-- The ranking of open tasks: as that of places, with the creator's ratings, and without what nearby_tasks leaves out.
begin;
select plan(32);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
insert into public.categories (slug, parent_slug, name_de, name_en) values ('pgtap-beds', 'garten', 'Beete', 'Beds'), ('pgtap-roses', 'pgtap-beds', 'Rosen', 'Roses');
create temporary table t as select tests.post_task('anna', 1, 'Tools', category => 'handwerk') as tools, tests.post_task('anna', 1, 'Roses', category => 'pgtap-roses') as roses,
  tests.post_task('ben', 1, 'Phone', category => 'technik') as phone, tests.post_task('ben', 1, 'Far phone', -48.8533, category => 'technik') as far;
grant select on t to public;
create function pg_temp.titles(arguments text default '') returns text[] language plpgsql
as $$
declare v_titles text[];
begin
  execute format('select coalesce(array_agg(title order by line), ''{}'') from (select row_number() over () as line, title from public.recommended_tasks(-48.8767, -123.3933 %s)) p', arguments) into v_titles;
  return v_titles;
end $$;
create function pg_temp.sorted() returns text[] language sql as $$ select array_agg(x order by x collate "C") from unnest(pg_temp.titles()) x $$;
grant execute on function pg_temp.titles(text), pg_temp.sorted() to public;

-- a new member
select tests.authenticate_as('cem');
select is((select count(*)::int from public.recommended_tasks(-48.8767, -123.3933)), 4, 'a new member gets everything');
select results_eq(
  $$ select part_preference, part_rating, part_popularity from public.recommended_tasks(-48.8767, -123.3933) where title = 'Tools' $$,
  $$ values (0.5::float8, 0.5::float8, 0::float8) $$, 'opinions that are not there are neutral');
select is(
  (select array_agg(key order by key collate "C") from jsonb_object_keys((select to_jsonb(n) from public.recommended_tasks(-48.8767, -123.3933, page_size => 1) n)) key),
  (select array_agg(name order by name collate "C") from (
     select attname::text from pg_attribute where attrelid = 'public.tasks'::regclass and attnum > 0 and not attisdropped
     union all select unnest('{distance_m,score,part_preference,part_rating,part_popularity,part_proximity,explanation_de,explanation_en,cursor}'::text[])) a (name)),
  'every column of the task; distance, score, parts, reasons, cursor');
select is_empty(
  $$ select n.id from public.recommended_tasks(-48.8767, -123.3933) n join public.tasks t using (id)
     where to_jsonb(n) - '{distance_m,score,part_preference,part_rating,part_popularity,part_proximity,explanation_de,explanation_en,cursor}'::text[] <> to_jsonb(t) $$,
  'with the values of the task');

-- distance to the cell, rounded; proximity from the rounded distance, so that it tells no more
select is_empty('select title from public.recommended_tasks(-48.8767, -123.3933, 50000) where distance_m % 100 <> 0', 'distances are rounded to 100 m');
select is_empty($$ select r.title from public.recommended_tasks(-48.8767, -123.3933) r join public.nearby_tasks(-48.8767, -123.3933) n using (id) where r.distance_m <> n.distance_m $$, 'and those of nearby_tasks');
select is_empty($$ select title from public.recommended_tasks(-48.8767, -123.3933) where part_proximity <> round(greatest(0, 1 - distance_m / 5000.0), 4) $$, 'proximity follows from the rounded distance');
select is_empty($$ select * from public.recommended_tasks(-48.8767, -123.3933) n where to_jsonb(n)::text like '%Sea Lane%' or to_jsonb(n)::text ~ '-48\.8767\D|-123\.3933\D' $$, 'the exact place is nowhere');

-- what the member likes, also by way of the category above
select public.set_preference('technik', 0), public.set_preference('garten', 4);
select is(pg_temp.titles(), '{Roses,Tools,Phone,"Far phone"}'::text[], 'liked first, disliked last, near before far');
select is((select part_preference from public.recommended_tasks(-48.8767, -123.3933) where title = 'Roses'), 0.8::float8, 'a category inherits from the nearest above');
select public.set_preference('pgtap-beds', 1);
select is((select part_preference from public.recommended_tasks(-48.8767, -123.3933) where title = 'Roses'), 0.2::float8, 'the nearest one counts');
select public.set_preference('pgtap-roses', 5);
select is((select part_preference from public.recommended_tasks(-48.8767, -123.3933) where title = 'Roses'), 1::float8, 'the own one most of all');

-- how the creator is rated
select tests.reset_authentication();
update public.users set rating_average = 4.5, rating_count = 3 where id = tests.get_supabase_uid('ben');
select tests.authenticate_as('dora');
select results_eq($$ select distinct part_rating, part_popularity from public.recommended_tasks(-48.8767, -123.3933) where creator_id = tests.get_supabase_uid('ben') $$,
  $$ values (0.9::float8, round((ln(4) / ln(101))::numeric, 4)::float8) $$, 'open tasks follow the ratings of their creator');
select is((pg_temp.titles())[1], 'Phone', 'a well rated creator first');
select tests.reset_authentication();
select tests.post_task('ben', 1, 'Tablet', category => 'technik');
select tests.authenticate_as('dora');
select is((select part_rating from public.recommended_tasks(-48.8767, -123.3933) where title = 'Tablet'), 0.9::float8, 'new ones have them from the start');
select results_eq($$ select explanation_de, explanation_en from public.recommended_tasks(-48.8767, -123.3933) where title = 'Far phone' $$,
  $$ select 'Technik: von dir noch nicht bewertet · Ben: 4,5 von 5 bei 3 Bewertungen · ' || replace(d, '.', ',') || ' km entfernt', 'Technology: not rated by you yet · Ben: 4.5 of 5 from 3 ratings · ' || d || ' km away'
     from (select to_char(distance_m / 1000.0, 'FM0.0') as d from public.recommended_tasks(-48.8767, -123.3933) where title = 'Far phone') x $$, 'said in both languages');
select is_empty(
  $$ select title from public.recommended_tasks(-48.8767, -123.3933)
     where score <> round((0.6 * part_preference + 0.2 * part_rating + 0.1 * part_popularity + 0.1 * part_proximity)::numeric, 4)::float8 $$, 'the score is the weighed sum of the parts');

-- what nearby_tasks leaves out
select tests.authenticate_as('ben');
select is(pg_temp.sorted(), '{Roses,Tools}'::text[], 'own tasks are left out');
select tests.authenticate_as('cem');
select public.block_user(tests.get_supabase_uid('anna'));
select is(pg_temp.sorted(), '{"Far phone",Phone,Tablet}'::text[], 'those of a member one blocks, too');
select tests.authenticate_as('ben');
select public.block_user(tests.get_supabase_uid('dora'));
select tests.authenticate_as('dora');
select is(pg_temp.sorted(), '{Roses,Tools}'::text[], 'and those of a member who blocks one');
select tests.reset_authentication();
select tests.pass_deadline(tools) from t;
select tests.authenticate_as('dora');
select is(pg_temp.titles(), '{Roses}'::text[], 'past its deadline a task is not recommended');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('dora');
select is(pg_temp.titles(), '{}'::text[], 'nor those of banned members');
select tests.authenticate_as('anna');
select is(cardinality(pg_temp.titles()), 3, 'a banned member can look');
select tests.reset_authentication();
select tests.task_in(s, 'ben', 'cem') from unnest('{assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) s;
select tests.authenticate_as('anna');
select is(cardinality(pg_temp.titles()), 3, 'nothing but open tasks');
select is(cardinality(pg_temp.titles(', 1000')), 2, 'nor those outside the radius');

-- pages
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));
update private.settings set open_task_limit = 100;
select tests.post_task('anna', 1, 'Nr. ' || n, -48.8767 + n % 5 * 0.003) from generate_series(1, 30) n;
select tests.create_supabase_user('emil');
select tests.authenticate_as('emil');
create temporary table whole as select row_number() over () as line, id, score from public.recommended_tasks(-48.8767, -123.3933, page_size => 100);
create function pg_temp.pages(size integer) returns setof uuid language plpgsql
as $$
declare v_after text; v_row record;
begin
  loop
    v_row := null;
    for v_row in select p.id, p.cursor from public.recommended_tasks(-48.8767, -123.3933, page_size => size, after => v_after) p loop return next v_row.id; end loop;
    exit when v_row is null;
    v_after := v_row.cursor;
  end loop;
end $$;
select is((select count(*)::int from whole), 34, 'one page holds them all');
select is_empty('select * from whole a join whole b on b.line = a.line + 1 where b.score > a.score', 'best first');
select results_eq('select * from pg_temp.pages(7)', 'select id from whole order by line', 'page after page gives the same, without gap or repetition');
select results_eq('select * from pg_temp.pages(1)', 'select id from whole order by line', 'also one by one, through equals');

-- errors and callers
select is(tests.error_of('select * from public.recommended_tasks(null, 0)'), 'PT400 coordinates_invalid', 'a place that is none');
select is(tests.error_of('select * from public.recommended_tasks(0, 0, after => ''x'')'), 'PT400 cursor_invalid', 'a cursor that is none');
select tests.clear_authentication();
select throws_ok('select * from public.recommended_tasks(0, 0)', '42501', 'permission denied for function recommended_tasks', 'anon has none');

select * from finish();
rollback;
