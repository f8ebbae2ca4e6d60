-- Each kind of damage is planted and found, with the name of what is wrong.
begin;
select plan(11);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
insert into public.places (id, name, source, latitude, longitude) values (tests.get_supabase_uid('bench'), 'Bench', 'community', -48.8767, -123.3933);
select tests.authenticate_as('anna');
select public.review_place(tests.get_supabase_uid('bench'), 4);
select tests.reset_authentication();
create temporary table t as select tests.post_task('anna') as task;
update public.user_settings set is_open_to_suggestions = true where user_id = tests.get_supabase_uid('ben');
update public.user_contacts set latitude = -48.8767, longitude = -123.3933 where user_id = tests.get_supabase_uid('ben');
select is_empty('select * from ops.audit_recommendations()', 'before: nothing');

create function pg_temp.finds(damage text) returns text language plpgsql
as $$
declare v_found text;
begin
  execute damage;
  select string_agg(problem || ' ' || case subject_id when tests.get_supabase_uid('bench')::text then 'bench' when tests.get_supabase_uid('ben')::text then 'ben' when (select task from t)::text then 'task' end, ', ' order by problem)
  into v_found from ops.audit_recommendations();
  raise exception using message = v_found;  -- takes the damage back
exception when raise_exception then return v_found;
end $$;
select is(pg_temp.finds('update public.places set rating_sum = 5 where name = ''Bench'''), 'place_rating_differs_from_reviews bench', 'a wrong sum');
select is(pg_temp.finds('update public.places set rating_average = 5 where name = ''Bench'''), 'place_rating_differs_from_reviews bench', 'a wrong mean');
select is(pg_temp.finds('delete from private.listed_places where place_id = tests.get_supabase_uid(''bench'')'), 'shown_place_not_listed bench', 'a place that is missing');
select is(pg_temp.finds('alter table public.places disable trigger user; update public.places set is_active = false where name = ''Bench'''), 'listed_place_not_shown bench', 'one that is too many');
select is(pg_temp.finds('update private.listed_places set square = 1 where place_id = tests.get_supabase_uid(''bench'')'), 'listed_place_differs bench', 'one in the wrong cell');
select is(pg_temp.finds('update private.listed_places set quality = 0 where place_id = tests.get_supabase_uid(''bench'')'), 'listed_place_differs bench', 'one that is weighed wrong');
select is(pg_temp.finds('update private.open_tasks set part_rating = 0 where task_id = (select task from t)'), 'open_task_rated_wrong task', 'a task that is rated wrong');
select is(pg_temp.finds('delete from private.open_helpers where user_id = tests.get_supabase_uid(''ben'')'), 'open_helpers_differ ben', 'a helper who is missing');
select is(pg_temp.finds('alter table public.user_settings disable trigger user; update public.user_settings set is_open_to_suggestions = false where user_id = tests.get_supabase_uid(''ben'')'),
  'open_helpers_differ ben', 'one who did not agree');
select is_empty('select * from ops.audit_recommendations()', 'after: nothing');

select * from finish();
rollback;
