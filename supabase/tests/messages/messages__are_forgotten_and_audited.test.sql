-- What becomes of conversations: forgotten after a while, proved by an audit, asked by other rooms.
begin;
select plan(25);
select tests.use_default_settings();
-- whatever else the database holds is older work
select tests.run_jobs('messages', now() + interval '10 years', 100000);
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select 'ben' as helper, tests.offer_help('ben', id) as id from t union all select 'cem', tests.offer_help('cem', id) from t;
select tests.send_message('ben', o.id, 'One'), tests.send_message('anna', o.id, 'Two') from o where helper = 'ben';
select tests.send_message('cem', o.id, 'Three') from o where helper = 'cem';

-- has_written
create function pg_temp.has_written(member text, since interval) returns boolean language sql as $$ select private.has_written(t.id, tests.get_supabase_uid(member), now() - since) from t $$;
select is(array[pg_temp.has_written('anna', '1 hour'), pg_temp.has_written('ben', '1 hour'), pg_temp.has_written('cem', '1 hour')], '{t,t,t}', 'each has written');
select is(pg_temp.has_written('ben', '0'), true, 'at that very moment, too');
select is(pg_temp.has_written('ben', '-1 second'), false, 'not since');
select is(private.has_written(gen_random_uuid(), tests.get_supabase_uid('ben'), '-infinity'), false, 'nor elsewhere');
select tests.create_supabase_users('dora');
select is(pg_temp.has_written('dora', '1 year'), false, 'nor a stranger');
select tests.as_member('ben', format('select public.delete_message(%L, %s)', m.offer_id, m.id)) from private.messages m where m.body = 'One';
select is(pg_temp.has_written('ben', '1 hour'), true, 'what was deleted counts');

-- forgotten: so many days after the last message
create function pg_temp.jobs(as_of interval) returns text language sql as $$
  select coalesce(string_agg(processed || ' ' || failed, ''), 'none') from tests.run_jobs('messages', now() + as_of, 1000) $$;
create temporary view left_ as select string_agg(o.helper, ' ' order by o.helper) as helpers from o where exists (select from private.conversations c where c.offer_id = o.id) and exists (select from private.messages m where m.offer_id = o.id);
select is(pg_temp.jobs('365 days'), '0 0', 'a year later');
select is((select helpers from left_), 'ben cem', 'all are there');
update private.messages set created_at = now() + interval '100 days' where body = 'Two';
select is(pg_temp.jobs('365 days 1 second'), '1 0', 'and a second');
select is((select helpers from left_), 'ben', 'the one that was written to in between is there');
select is((select checked_at from private.conversations), now() + interval '100 days', 'and is looked at when its time comes');
select is(pg_temp.jobs('465 days'), '0 0', 'not before');
update private.settings set message_retention_days = 30;
select is(pg_temp.jobs('131 days'), '1 0', 'by the setting');
select is((select helpers from left_), null, 'nothing is left');
select lives_ok($$ select tests.send_message('ben', o.id, 'Again') from o where helper = 'ben' $$, 'and can begin anew');
select is((select count(*)::int from ops.run_due_jobs(now()) where job = 'forget_conversations'), 1, 'ops.run_due_jobs does it');

-- the audit
select tests.send_message('anna', o.id, 'Well') from o where helper = 'ben';
select is_empty('select * from ops.audit_messages()', 'nothing is wrong');
create function pg_temp.found(damage text) returns text language plpgsql as $$
declare
  v_found text;
begin
  execute damage;
  select string_agg(distinct problem, ' ' order by problem) into v_found from ops.audit_messages();
  raise exception 'undo: %', coalesce(v_found, 'nothing');
exception when raise_exception then
  return substr(sqlerrm, 7);
end $$;
select is(pg_temp.found('update private.conversations set creator_unread = creator_unread + 1'), 'conversation_counters_differ', 'a wrong number of unread ones');
select is(pg_temp.found('update private.conversations set helper_read_id = 9e15'), 'conversation_counters_differ', 'a wrong mark');
select is(pg_temp.found('delete from private.messages where body = ''Well'''), 'conversation_counters_differ', 'a missing message');
select is(pg_temp.found('update private.conversations set place = 9e15'), 'conversation_misplaced', 'a place after the last message');
select is(pg_temp.found('update private.messages set recipient_id = tests.get_supabase_uid(''cem'')'), 'conversation_counters_differ message_by_stranger', 'a message to somebody else');
select is(pg_temp.found('update private.conversations set helper_id = tests.get_supabase_uid(''cem'')'), 'conversation_counters_differ conversation_of_others', 'a conversation of others');

-- for Studio: who writes how much, without a word of what
select results_eq('select c.messages, c.creator_unread, c.helper_unread from ops.conversations c', 'values (2::bigint, 1, 1)', 'how much');
select is_empty($$ select from information_schema.columns where (table_schema, table_name) = ('ops', 'conversations') and column_name like '%body%' $$, 'no words');

select * from finish();
rollback;
