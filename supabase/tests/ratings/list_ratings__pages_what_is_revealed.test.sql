-- The list of a member's revealed ratings: last revealed first, page by page, with their authors.
begin;
select plan(20);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
-- 7 revealed ones about ben, of which three at the same moment; one hidden; one about cem
insert into public.ratings (task_id, rater_id, ratee_id, score, comment, revealed_at)
select gen_random_uuid(), tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben'), 1 + n % 5, 'n' || n, case when n <= 7 then now() - least(n, 5) * interval '1 day' end
from generate_series(1, 8) n;
insert into public.ratings (task_id, rater_id, ratee_id, score, revealed_at) values (gen_random_uuid(), tests.get_supabase_uid('anna'), tests.get_supabase_uid('cem'), 1, now());
create function pg_temp.pages(page_size integer) returns text[]
language plpgsql as $$
declare
  v_after uuid;
  v_all   text[] := '{}';
  v_page  text[];
begin
  loop
    select array_agg(l.comment order by l.place), (array_agg(l.id order by l.place desc))[1] into v_page, v_after
    from (select r.comment, r.id, row_number() over () as place from public.list_ratings(tests.get_supabase_uid('ben'), page_size, v_after) r) l;
    exit when v_page is null;
    v_all := v_all || v_page;
  end loop;
  return v_all;
end $$;
grant execute on function pg_temp.pages(integer) to public;

select tests.authenticate_as('cem');
create temporary table a as select array(select comment from public.list_ratings(tests.get_supabase_uid('ben'))) as comments;
select is(cardinality(comments), 7, 'all revealed ones') from a;
select is(comments[1:4], '{n1,n2,n3,n4}', 'last revealed first') from a;
select is(array(select unnest(comments[5:7]) order by 1), '{n5,n6,n7}', 'equal moments last') from a;
select is(pg_temp.pages(size), (select comments from a), format('pages of %s make the same list', size)) from unnest(array[1, 2, 3, 7, 100]) size;
select is((select count(*)::int from public.list_ratings(tests.get_supabase_uid('ben'), size)), found, format('page_size %s', coalesce(size::text, 'null')))
from (values (0, 1), (-5, 1), (2147483647, 7), (null, 7)) v (size, found);
select results_eq($$ select rater_id, rater_name, score, revealed_at from public.list_ratings(tests.get_supabase_uid('ben'), 1) $$,
  $$ values (tests.get_supabase_uid('anna'), 'Anna', 2, now() - interval '1 day') $$, 'with their author');
select is((select count(*)::int from public.list_ratings(auth.uid())), 1, 'one''s own');
select is(tests.error_of('select public.list_ratings(gen_random_uuid())'), 'PT404 user_not_found', 'nobody of this id');
select is(tests.error_of('select public.list_ratings(null)'), 'PT404 user_not_found', 'nobody');
select is(tests.error_of(format('select public.list_ratings(%L, 20, %L)', tests.get_supabase_uid('ben'), gen_random_uuid())), 'PT400 cursor_invalid', 'a cursor that is no rating');
select is(tests.error_of(format('select public.list_ratings(%L, 20, (select id from public.list_ratings(%L)))', tests.get_supabase_uid('ben'), auth.uid())), 'PT400 cursor_invalid', 'a cursor of another list');
select tests.authenticate_as('anna');
select is((select count(*)::int from public.list_ratings(tests.get_supabase_uid('ben'))), 7, 'author: the hidden one is not in the list');
select is(tests.error_of(format('select public.list_ratings(%L, 20, (select id from public.ratings where revealed_at is null))', tests.get_supabase_uid('ben'))), 'PT400 cursor_invalid', 'author: nor a cursor');

select * from finish();
rollback;
