-- Writing ends 14 days after the task, by a block of either side, and when one leaves. Reading does not.
begin;
select plan(29);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create function pg_temp.says(member text, offer_id uuid) returns text language plpgsql as $$
declare
  v_error text;
begin
  perform tests.authenticate_as(member);
  v_error := tests.error_of(format('select public.send_message(%L, ''Hi'', gen_random_uuid())', offer_id));
  perform tests.reset_authentication();
  return v_error;
end $$;
create function pg_temp.is_open(member text, offer_id uuid) returns boolean language plpgsql as $$
declare
  v_is_open boolean;
begin
  perform tests.authenticate_as(member);
  select is_open into v_is_open from public.list_conversations(only_offer_id => is_open.offer_id);
  perform tests.reset_authentication();
  return v_is_open;
end $$;
create function pg_temp.reads(member text, offer_id uuid) returns integer language plpgsql as $$
declare
  v_count integer;
begin
  perform tests.authenticate_as(member);
  select count(*) into v_count from public.list_messages(offer_id);
  perform tests.reset_authentication();
  return v_count;
end $$;

-- the end of the task, whichever it is
create temporary table t as
  select s.status, tests.task_in(s.status, 'anna', 'ben') as id
  from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired}'::text[]) s (status);
create temporary table o as select t.status, t.id as task_id, tests.offer_on(t.id, 'ben') as id from t;
select is(pg_temp.says('ben', o.id), 'no error', 'ben writes while ' || o.status) from o;
update public.tasks t set completed_at = t.completed_at - interval '14 days' + interval '1 second', closed_at = t.closed_at - interval '14 days' + interval '1 second'
where t.id in (select task_id from o);
select is(array(select o.status from o where pg_temp.says('anna', o.id) <> 'no error'), '{}', 'anna until 14 days after');
update public.tasks t set completed_at = t.completed_at - interval '1 second', closed_at = t.closed_at - interval '1 second' where t.id in (select task_id from o);
select is(array(select o.status || ': ' || pg_temp.says('anna', o.id) from o where o.status in ('completed', 'cancelled', 'expired')),
  array['completed: PT409 conversation_closed', 'cancelled: PT409 conversation_closed', 'expired: PT409 conversation_closed'], 'not anna afterwards');
select is(array(select pg_temp.says('ben', o.id) from o where o.status in ('completed', 'cancelled', 'expired')),
  array_fill('PT409 conversation_closed'::text, array[3]), 'nor ben');
select is(array(select o.status from o where pg_temp.says('ben', o.id) = 'no error'), array['open', 'assigned', 'in_progress', 'pending_confirmation'], 'others go on');
select is(array(select o.status from o where pg_temp.is_open('ben', o.id) order by o.status), array['assigned', 'in_progress', 'open', 'pending_confirmation'], 'the list says so');
select is(pg_temp.reads('ben', (select id from o where status = 'completed')), 2, 'what was written is read');
update public.tasks t set status = 'archived' where t.id = (select task_id from o where status = 'completed');
select is(pg_temp.says('ben', (select id from o where status = 'completed')), 'PT409 conversation_closed', 'archived, too');

-- an offer that was taken back or declined ends nothing
select tests.as_member('ben', format('select public.withdraw_offer(%L)', (select id from o where status = 'open')));
select is(pg_temp.says('ben', (select id from o where status = 'open')), 'no error', 'an offer taken back');

-- blocks: neither is told whose it is
create temporary table open as select id from o where status = 'assigned';
select tests.as_member('ben', format('select public.block_user(%L)', tests.get_supabase_uid('anna')));
select is(pg_temp.says('anna', id), 'PT409 conversation_closed', 'the blocked side') from open;
select is(pg_temp.says('ben', id), 'PT409 conversation_closed', 'hears what the blocking side hears') from open;
select ok(not pg_temp.is_open('anna', id) and not pg_temp.is_open('ben', id), 'both see that it is closed') from open;
select cmp_ok(pg_temp.reads('anna', id), '>', 1, 'both read') from open;
select tests.as_member('ben', format('select public.unblock_user(%L)', tests.get_supabase_uid('anna')));
select is(pg_temp.says('anna', id), 'no error', 'lifted') from open;
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.says('ben', id), 'PT409 conversation_closed', 'the other way round') from open;
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));
-- a first message, too
create temporary table f as select tests.offer_help('cem', id) as id from (select tests.post_task('anna') as id) n;
select tests.as_member('cem', format('select public.block_user(%L)', tests.get_supabase_uid('anna')));
select is(pg_temp.says('anna', id), 'PT409 conversation_closed', 'where nothing was written yet') from f;

-- a banned side: reads, and can be written to
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select is(pg_temp.says('anna', id), 'no error', 'to a banned member') from open;
select is(pg_temp.reads('ben', id), pg_temp.reads('anna', id), 'who reads it') from open;

-- who left
delete from auth.users where id = tests.get_supabase_uid('ben');
select is(pg_temp.says('anna', id), 'PT409 conversation_closed', 'to nobody') from open;
select results_eq($$ select count(*) filter (where body is null and deleted_at is not null)::int, count(*) filter (where body is not null)::int from private.messages where sender_id = tests.get_supabase_uid('ben') $$,
  $$ select count(*)::int, 0 from private.messages where sender_id = tests.get_supabase_uid('ben') $$, 'their words are gone, the marks stay');
select isnt_empty($$ select from private.messages where recipient_id = tests.get_supabase_uid('ben') and body is not null $$, 'what was written to them is the other side''s');
select is_empty($$ select from private.message_paces where user_id = tests.get_supabase_uid('ben') union all select from public.message_settings where user_id = tests.get_supabase_uid('ben') $$, 'nothing else is left');
select tests.books_are_right();

select * from finish();
rollback;
