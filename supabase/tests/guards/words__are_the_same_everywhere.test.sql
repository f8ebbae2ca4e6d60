-- Where a rule says something about each word, it knows every word, and no other.
begin;
select plan(5);

create function pg_temp.words_in(source text, pattern text) returns setof text language sql
as $$ select distinct m[1] from regexp_matches(source, pattern, 'g') m $$;

select set_eq(
  $$ select word from unnest(private.task_statuses()) word, (values (null::uuid), (gen_random_uuid())) h (helper),
       (values (null::timestamptz), (now())) d (done), (values (null::timestamptz), (now())) e (ended)
     where private.status_fits(word, helper, done, ended) $$,
  'select unnest(private.task_statuses())', 'a task may have every status');
select set_eq(
  $$ select word from unnest(private.redemption_statuses()) word, (values (null::timestamptz), (now())) u (used),
       (values (null::timestamptz), (now())) e (ended)
     where private.status_fits_its_moments(word, used, ended) $$,
  'select unnest(private.redemption_statuses())', 'a redemption, too');
select set_eq(
  $$ select pg_temp.words_in(prosrc, $x$when '(\w+)' then new.amount$x$) from pg_proc
     where oid = 'private.post_transaction()'::regprocedure $$,
  'select unnest(private.point_transaction_types())', 'the ledger books every type of transaction');
select set_eq(
  $$ select pg_temp.words_in(pg_get_constraintdef(oid), $x$WHEN '(\w+)'::text THEN$x$) from pg_constraint
     where conname = 'discount_is_complete' $$,
  'select unnest(private.discount_types())', 'a reward may give every discount');
select set_eq(
  $$ select pg_temp.words_in(pg_get_constraintdef(oid), $x$'(\w+)'::text$x$) from pg_constraint
     where conname = 'place_category_is_known' $$,
  'select category from private.place_categories()', 'every category of places has its names');

select * from finish();
rollback;
