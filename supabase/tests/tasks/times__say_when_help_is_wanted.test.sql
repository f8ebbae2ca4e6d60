-- starts_at, ends_at, is_flexible: what they may be, how they are set and taken away, when an open task ends by them, and how it is found by them.
begin;
select plan(91);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.in_days(days integer, hours integer default 0) returns text language sql as $$ select tests.iso(date_trunc('second', now()) + make_interval(days => days, hours => hours)) $$;
grant execute on function pg_temp.in_days(integer, integer) to authenticated;
create function pg_temp.post(arguments text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as('anna');
  v_answer := tests.error_of(format($c$ select public.create_task('Carry a sofa', 'Third floor.', 'transport', -48.8767, -123.3933, 1, %s) $c$, arguments));
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.times(at uuid) returns text language sql as $$
  select concat_ws(' ', to_char(k.starts_at - date_trunc('second', now()), 'FMDD "days" FMHH24'), to_char(k.ends_at - k.starts_at, 'FMDD "+" FMHH24'), k.is_flexible) from public.tasks k where k.id = at $$;

-- input of create_task
select is(pg_temp.post($$ starts_at => 'tomorrow' $$), 'PT400 validation_failed (starts_at)', 'no moment');
select is(pg_temp.post($$ starts_at => '2999-01-01T10:00' $$), 'PT400 validation_failed (starts_at)', 'no offset');
select is(pg_temp.post($$ starts_at => '' $$), 'PT400 validation_failed (starts_at)', 'nothing');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(1), ends_at => 'later' $$), 'PT400 validation_failed (ends_at)', 'no end');
select is(pg_temp.post($$ starts_at => tests.iso(now()) $$), 'PT400 starts_at_in_past', 'now is too late');
select is(pg_temp.post($$ starts_at => tests.iso(now() + interval '1 year 1 second') $$), 'PT400 starts_at_too_far', 'more than a year ahead');
select is(pg_temp.post($$ ends_at => pg_temp.in_days(1) $$), 'PT400 ends_at_invalid', 'an end without a start');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(2), ends_at => pg_temp.in_days(1) $$), 'PT400 ends_at_invalid', 'an end before the start');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(2), ends_at => pg_temp.in_days(2) $$), 'PT400 ends_at_invalid', 'an end at the start');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(2), ends_at => tests.iso(date_trunc('second', now()) + interval '33 days 1 second') $$), 'PT400 ends_at_invalid', 'an end more than 31 days later');
select is((select count(*)::int from public.tasks where creator_id = tests.get_supabase_uid('anna')), 0, 'nothing was posted');
select is(pg_temp.post($$ starts_at => tests.iso(now() + interval '1 year') $$), 'no error', 'a year ahead');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(2), ends_at => pg_temp.in_days(33) $$), 'no error', '31 days long');
select is(pg_temp.post($$ starts_at => pg_temp.in_days(2), expires_at => pg_temp.in_days(5) $$), 'no error', 'a deadline after the start: what comes first ends it');
select is(pg_temp.post($$ is_flexible => null $$), 'no error', 'null is not flexible');
update public.tasks set status = 'cancelled', closed_at = now() where creator_id = tests.get_supabase_uid('anna');
delete from private.open_tasks where creator_id = tests.get_supabase_uid('anna');

-- the same key is the same task only with the same times
create temporary table t as select tests.get_supabase_uid('some key') as key, null::uuid as id;
grant all on t to authenticated;
select is(pg_temp.post(format($$ starts_at => pg_temp.in_days(2), idempotency_key => %L $$, key)), 'no error', 'with a key') from t;
select is(pg_temp.post(format($$ starts_at => pg_temp.in_days(2), idempotency_key => %L $$, key)), 'no error', 'repeated') from t;
select is(pg_temp.post(format($$ starts_at => pg_temp.in_days(3), idempotency_key => %L $$, key)), 'PT409 idempotency_key_reused', 'not with another start') from t;
select is((select count(*)::int from private.open_tasks where creator_id = tests.get_supabase_uid('anna')), 1, 'one task');
update t set id = (select task_id from private.open_tasks where creator_id = tests.get_supabase_uid('anna'));

-- update_task
create function pg_temp.change(arguments text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as('anna');
  v_answer := (select tests.error_of(format('select public.update_task(%L, %s)', id, arguments)) from t);
  perform tests.reset_authentication();
  return concat_ws(': ', nullif(v_answer, 'no error'), pg_temp.times(id)) from t;
end $$;
select is(pg_temp.times(id), '2 days 0 f', 'as posted') from t;
select is(pg_temp.change($$ title => 'Carry a heavy sofa' $$), '2 days 0 f', 'null leaves them');
select is(pg_temp.change($$ ends_at => pg_temp.in_days(2, 3) $$), '2 days 0 0 + 3 f', 'an end');
select is(pg_temp.change($$ is_flexible => true $$), '2 days 0 0 + 3 t', 'flexible');
select is(pg_temp.change($$ starts_at => pg_temp.in_days(3) $$), 'PT400 ends_at_invalid: 2 days 0 0 + 3 t', 'a start after the end');
select is(pg_temp.change($$ starts_at => pg_temp.in_days(3), ends_at => pg_temp.in_days(4, 5) $$), '3 days 0 1 + 5 t', 'both');
select is(pg_temp.change($$ ends_at => '' $$), '3 days 0 t', 'an empty end takes it away');
select is(pg_temp.change($$ ends_at => pg_temp.in_days(3, 1) $$), '3 days 0 0 + 1 t', 'and back');
select is(pg_temp.change($$ starts_at => '' $$), 't', 'an empty start takes both away');
select is(pg_temp.change($$ ends_at => pg_temp.in_days(3, 1) $$), 'PT400 ends_at_invalid: t', 'no end without a start');
select is(pg_temp.change($$ starts_at => '', ends_at => pg_temp.in_days(3, 1) $$), 'PT400 ends_at_invalid: t', 'nor with one that is taken away');
select is(pg_temp.change($$ starts_at => tests.iso(now() - interval '1 hour') $$), 'PT400 starts_at_in_past: t', 'not into the past, flexible or not');
select is(pg_temp.change($$ starts_at => tests.iso(now() + interval '2 years') $$), 'PT400 starts_at_too_far: t', 'nor too far ahead');
select is(pg_temp.change($$ starts_at => ' ' $$), 'PT400 validation_failed (starts_at): t', 'a blank is no moment');
select is(pg_temp.change($$ starts_at => pg_temp.in_days(2) $$), '2 days 0 t', 'a start again');

-- an open task whose start has passed
create function pg_temp.listed_until() returns timestamptz language sql as $$ select o.expires_at from private.open_tasks o join t on t.id = o.task_id $$;
select is(pg_temp.listed_until(), 'infinity', 'flexible: it stays open');
select is(pg_temp.change($$ is_flexible => false $$), '2 days 0 f', 'no longer flexible');
select is(pg_temp.listed_until(), date_trunc('second', now()) + interval '2 days', 'it ends by itself at its start');
select pg_temp.change($$ expires_at => pg_temp.in_days(1) $$);
select is(pg_temp.listed_until(), date_trunc('second', now()) + interval '1 day', 'or at its deadline, if that comes first');
select pg_temp.change($$ expires_at => pg_temp.in_days(9), is_flexible => true $$);
select tests.books_are_right('the projection followed');
create temporary table o as select tests.offer_help('ben', id) as id from t;
grant select on o to authenticated;
update public.tasks set starts_at = date_trunc('second', now()) - interval '1 hour' where id = (select id from t);
update public.task_offers f set terms_version = k.terms_version from public.tasks k where k.id = f.task_id and f.id = (select id from o);
select is(pg_temp.change($$ description => 'Fourth floor.' $$), '0 days -1 t', 'flexible: it can be changed after its start');
select is(pg_temp.change($$ is_flexible => false $$), 'PT400 starts_at_in_past: 0 days -1 t', 'but not lose its flexibility with it');
select tests.run_jobs('tasks', now(), 1000);
select is((select status from public.tasks join t using (id)), 'open', 'it does not expire');
update public.tasks set is_flexible = false where id = (select id from t);
select is(pg_temp.change($$ title => 'Too late' $$), 'PT409 task_not_open (open): 0 days -1 f', 'fixed: from its start on it cannot be changed');
select tests.authenticate_as('anna');
select is(tests.error_of(format('select public.accept_offer(%L)', id)), 'PT409 task_not_open (open)', 'nor given away') from o;
select tests.authenticate_as('ben');
select is(tests.error_of(format('select public.renew_offer(%L, 0)', id)), 'PT409 task_not_open (open)', 'nor renewed for') from o;
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'nor found');
select tests.reset_authentication();
select tests.run_jobs('tasks', now(), 1000);
select is((select status from public.tasks join t using (id)), 'expired', 'the job writes it down');
insert into t (id) select tests.post_task('anna');
delete from t where key is not null;
update public.tasks set starts_at = now() - interval '1 minute' where id = (select id from t);
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.run_jobs('tasks', now(), 1000);
select is((select status from public.tasks join t using (id)), 'expired', 'also for a banned creator, whose tasks are not listed');
select ops.unban_user(tests.get_supabase_uid('anna'));
select tests.books_are_right();

-- found by their start
select is(pg_temp.post(format($$ starts_at => %L, is_flexible => %L $$, pg_temp.in_days(d), d = 3)), 'no error', format('posted for day %s', d)) from unnest(array[1, 2, 3, null]) d;
create function pg_temp.found(call text) returns integer[] language plpgsql as $$
declare
  v_days integer[];
begin
  perform tests.authenticate_as('ben');
  execute format('select array_agg(extract(day from f.starts_at - date_trunc(''second'', now()))::integer order by f.starts_at) from public.%s f', call) into v_days;
  perform tests.reset_authentication();
  return v_days;
end $$;
select is(pg_temp.found(format(c.call, '')), '{1,2,3,null}', 'whenever: ' || c.name) from (values ('newest', 'nearby_tasks(-48.8767, -123.3933%s)'),
  ('distance', 'nearby_tasks(-48.8767, -123.3933, sort => ''distance''%s)'), ('wide', 'nearby_tasks(-48.8767, -123.3933, 50000%s)'), ('words', 'search_tasks(''sofa'', -48.8767, -123.3933%s)')) c (name, call);
-- page by page, in the same order as without a filter
create function pg_temp.pages(call text) returns uuid[] language plpgsql as $$
declare
  v_ids  uuid[] := '{}';
  v_id   uuid;
  v_after text;
begin
  perform tests.authenticate_as('ben');
  for i in 1 .. 6 loop
    execute format('select f.id, f.cursor from public.nearby_tasks(-48.8767, -123.3933, 50000, page_size => 1, after => %L, %s) f', v_after, call) into v_id, v_after;
    exit when v_id is null;
    v_ids := v_ids || v_id;
  end loop;
  perform tests.reset_authentication();
  return v_ids;
end $$;
update public.tasks set latitude = latitude + 0.01 where creator_id = tests.get_supabase_uid('anna') and starts_at > now() + interval '2 days';
create function pg_temp.all_at_once(sort text) returns uuid[] language plpgsql as $$
declare
  v_ids uuid[];
begin
  perform tests.authenticate_as('ben');
  v_ids := array(select f.id from public.nearby_tasks(-48.8767, -123.3933, 50000, sort => all_at_once.sort) with ordinality f where f.starts_at is not null order by f.ordinality);
  perform tests.reset_authentication();
  return v_ids;
end $$;
select is(pg_temp.pages(format('sort => %L, starts_from => pg_temp.in_days(0)', sort)), pg_temp.all_at_once(sort), 'page by page: ' || sort) from unnest(private.nearby_sorts()) sort;
create temporary table calls (name text, call text);
insert into calls values ('newest', 'nearby_tasks(-48.8767, -123.3933%s)'), ('distance', 'nearby_tasks(-48.8767, -123.3933, sort => ''distance''%s)'),
  ('wide', 'nearby_tasks(-48.8767, -123.3933, 50000%s)'), ('words', 'search_tasks(''sofa'', -48.8767, -123.3933%s)'), ('spelt alike', 'search_tasks(''soffa'', -48.8767, -123.3933%s)');
select is(pg_temp.found(format(c.call, ', starts_from => pg_temp.in_days(2), starts_until => pg_temp.in_days(3)')), '{2}', 'from one moment, before another: ' || c.name) from calls c;
select is(pg_temp.found(format(c.call, ', starts_from => pg_temp.in_days(2)')), '{2,3}', 'from a moment on: ' || c.name) from calls c;
select is(pg_temp.found(format(c.call, ', starts_until => pg_temp.in_days(2)')), '{1}', 'before a moment: ' || c.name) from calls c;
select is(tests.error_of(format('select pg_temp.found(%L)', format(c.call, ', starts_from => ''Saturday'''))), 'PT400 validation_failed (starts_from)', 'no moment: ' || c.name) from calls c;
select tests.reset_authentication();
select is(tests.error_of(format('select pg_temp.found(%L)', format(c.call, ', starts_from => pg_temp.in_days(2), starts_until => pg_temp.in_days(2)'))), 'PT400 validation_failed (starts_until)', 'an empty period: ' || c.name) from calls c;
select tests.reset_authentication();
update public.tasks set starts_at = now() + interval '2 days' where creator_id = tests.get_supabase_uid('anna') and starts_at > now() + interval '2 days';
select is(cardinality(pg_temp.found(format(c.call, ', starts_from => pg_temp.in_days(2)'))), 2, 'a start that was moved: ' || c.name) from calls c;
select is_empty('select * from ops.audit_search()', 'the search agrees');
select tests.books_are_right();

select * from finish();
rollback;
