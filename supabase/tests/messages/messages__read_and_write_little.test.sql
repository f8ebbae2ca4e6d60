-- What a message costs does not depend on how many there are: everything is found by index, and a message between two who
-- write back and forth changes no index of the conversations. With sequential scans switched off the planner takes one
-- only where no index will do.
begin;
select plan(13);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna') as id;
create temporary table o as select tests.offer_help('ben', id) as id from t;
create temporary table p as select tests.offer_help('cem', id) as id from t;
grant select on o, p to public;
set local enable_seqscan = off;

create function pg_temp.scans() returns bigint language sql as $$
  select sum(pg_stat_get_xact_numscans(relation))::bigint
  from unnest('{private.messages,private.conversations,private.message_paces,public.notifications,public.task_offers,public.tasks,public.users,public.user_blocks}'::regclass[]) relation
$$;
create function pg_temp.scans_of(member text, command text) returns bigint language plpgsql as $$
declare
  v_before bigint;
begin
  v_before := pg_temp.scans();
  perform tests.authenticate_as(member);
  execute command;
  perform tests.reset_authentication();
  return pg_temp.scans() - v_before;
end $$;

select is(pg_temp.scans_of('ben', format('select public.send_message(%L, ''First'', gen_random_uuid())', id)), 0::bigint, 'the first message') from o;
select is(pg_temp.scans_of('anna', format('select public.send_message(%L, ''Second'', gen_random_uuid())', id)), 0::bigint, 'the next') from o;
select is(pg_temp.scans_of('anna', format('select public.list_messages(%L)', id)), 0::bigint, 'list_messages') from o;
select is(pg_temp.scans_of('anna', format('select public.list_messages(%L, 5, 1, true)', id)), 0::bigint, 'list_messages, catching up') from o;
select is(pg_temp.scans_of('anna', 'select public.list_conversations()'), 0::bigint, 'list_conversations');
select is(pg_temp.scans_of('anna', format('select public.list_conversations(only_offer_id => %L)', id)), 0::bigint, 'one of them') from o;
select is(pg_temp.scans_of('anna', 'select public.count_unread_messages()'), 0::bigint, 'count_unread_messages');
select is(pg_temp.scans_of('anna', format('select public.mark_conversation_read(%L)', id)), 0::bigint, 'mark_conversation_read') from o;
select is(pg_temp.scans_of('ben', format('select public.delete_message(%L, %s)', offer_id, m.id)), 0::bigint, 'delete_message') from private.messages m where body = 'First';
select is((select string_agg(coalesce(m.body, '-'), ' ' order by m.id) from private.messages m join o on o.id = m.offer_id), '- Second', 'these were real calls');
create function pg_temp.scan() returns bigint language sql security definer as $$ select count(body) from private.messages $$;
grant execute on function pg_temp.scan() to authenticated;
select cmp_ok(pg_temp.scans_of('anna', 'select pg_temp.scan()'), '>', 0::bigint, 'a scan would be seen');

-- heap-only updates
create function pg_temp.full_updates() returns bigint language sql as $$
  select pg_stat_get_xact_tuples_updated(relation) - pg_stat_get_xact_tuples_hot_updated(relation) from (select 'private.conversations'::regclass as relation) c $$;
create temporary table before as select pg_temp.full_updates() as count;
select tests.send_message(case i % 2 when 0 then 'anna' else 'ben' end, o.id) from o, generate_series(1, 20) i;
select is(pg_temp.full_updates() - (select count from before), 0::bigint, 'twenty messages back and forth change no index');
select tests.send_message('cem', id) from p;
select tests.send_message('anna', id) from o;
select cmp_ok(pg_temp.full_updates() - (select count from before), '>', 0::bigint, 'one that overtakes another conversation does');

select * from finish();
rollback;
