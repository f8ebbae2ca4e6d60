-- tasks, task_offers, task_events: what each actor reads, in every state.
-- anna creates, ben helps, cem was passed over, dora was declined, emil withdrew, fay has no part, gita is blocked by anna, hans blocks anna, ines is banned.
begin;
select plan(38);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil', 'fay', 'gita', 'hans', 'ines');
create temporary table t as
select state, tests.post_task('anna', 10) as id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
grant select on t to authenticated, service_role;
select tests.offer_help(who, id) from t, unnest('{ben,cem,dora,emil}'::text[]) who;
select tests.authenticate_as('emil');
select public.withdraw_offer(o.id) from public.task_offers o;
select tests.authenticate_as('anna');
select public.decline_offer(tests.offer_on(id, 'dora')) from t;
select public.accept_offer(tests.offer_on(id, 'ben')) from t where state not in ('open', 'expired');
select tests.authenticate_as('ben');
select public.start_task(id) from t where state = 'in_progress';
select public.finish_task(id, 'A note.') from t where state in ('pending_confirmation', 'completed', 'archived');
select tests.authenticate_as('anna');
select public.confirm_task(id) from t where state in ('completed', 'archived');
select public.cancel_task(id) from t where state = 'cancelled';
select public.block_user(tests.get_supabase_uid('gita'));
select tests.authenticate_as('hans');
select public.block_user(tests.get_supabase_uid('anna'));
select tests.reset_authentication();
select private.close_task(k, null, 'expired', null) from public.tasks k join t using (id) where state = 'expired';
update public.tasks k set status = 'archived' from t where t.id = k.id and state = 'archived';
select ops.ban_user(tests.get_supabase_uid('ines'), 'test');
select tests.books_are_right('the fixture is right');
select is((select count(*)::int from t join public.tasks k using (id) where k.status = t.state), 8, 'each task is in its state');

create function pg_temp.reads(relation text)
returns text[]
language plpgsql
as $$
declare
  v_states text[];
begin
  execute format('select coalesce(array_agg(distinct t.state order by t.state), ''{}'') from t join public.%I r on r.%I = t.id', relation, case relation when 'tasks' then 'id' else 'task_id' end) into v_states;
  return v_states;
end $$;
create function pg_temp.every_state() returns text[] language sql as $$ select '{archived,assigned,cancelled,completed,expired,in_progress,open,pending_confirmation}'::text[] $$;
grant execute on function pg_temp.reads(text), pg_temp.every_state() to authenticated, service_role, anon;

-- anna, the creator
select tests.authenticate_as('anna');
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'creator: reads the task in every state');
select is(pg_temp.reads('task_offers'), pg_temp.every_state(), 'creator: reads its offers');
select is((select count(*)::int from public.task_offers), 32, 'creator: all of them');
select is(pg_temp.reads('task_events'), pg_temp.every_state(), 'creator: reads its events');

-- ben, the helper (in open and expired: a member whose offer was not accepted)
select tests.authenticate_as('ben');
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'helper: reads the task in every state');
select is((select count(*)::int from public.task_offers), 8, 'helper: reads the own offers');
select is_empty('select * from public.task_offers where helper_id <> auth.uid()', 'helper: and no other');
select is(pg_temp.reads('task_events'), '{archived,assigned,cancelled,completed,in_progress,pending_confirmation}'::text[], 'helper: reads events where the own offer was accepted');
select is_empty($$ select * from public.task_events where action = 'created' $$, 'helper: from then on');

-- cem, passed over; dora, declined; emil, withdrawn
select tests.authenticate_as('cem');
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'passed over: keeps reading the task');
select is((select count(*)::int from public.task_offers), 8, 'passed over: reads the own offers');
select is_empty('select * from public.task_offers where helper_id <> auth.uid()', 'passed over: and no other');
select is(pg_temp.reads('task_events'), '{}'::text[], 'passed over: no events');
select tests.authenticate_as('dora');
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'declined: keeps reading the task');
select is(pg_temp.reads('task_events'), '{}'::text[], 'declined: no events');
select tests.authenticate_as('emil');
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'withdrawn: keeps reading the task');

-- fay, any other member
select tests.authenticate_as('fay');
select is(pg_temp.reads('tasks'), '{open}'::text[], 'other member: reads open tasks only');
select is(pg_temp.reads('task_offers'), '{}'::text[], 'other member: no offers');
select is(pg_temp.reads('task_events'), '{}'::text[], 'other member: no events');
select is_empty($$ select * from public.tasks k join t using (id) where t.state <> 'open' and k.points_reward > 0 $$, 'other member: no filter reaches the others');

-- gita and hans, blocked one way and the other
select tests.authenticate_as('gita');
select is(pg_temp.reads('tasks'), '{}'::text[], 'blocked by the creator: reads nothing');
select tests.authenticate_as('hans');
select is(pg_temp.reads('tasks'), '{}'::text[], 'blocking the creator: reads nothing');

-- a block does not tear apart what is shared already
select tests.authenticate_as('ben');
select public.block_user(tests.get_supabase_uid('anna'));
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'helper who blocks the creator: keeps reading shared tasks');
select public.unblock_user(tests.get_supabase_uid('anna'));

-- ines, banned: reads like any other member
select tests.authenticate_as('ines');
select is(pg_temp.reads('tasks'), '{open}'::text[], 'banned member: reads open tasks');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('fay');
select is(pg_temp.reads('tasks'), '{open}'::text[], 'a banned creator''s open tasks can be read by id, though not found');
select tests.authenticate_as('anna');
select is(pg_temp.reads('task_events'), pg_temp.every_state(), 'banned creator: reads the own tasks'' events');

-- a token without a member
select tests.act_as('authenticated', null);
select is(pg_temp.reads('task_offers'), '{}'::text[], 'without a member id: no offers');
select is(pg_temp.reads('task_events'), '{}'::text[], 'no events');

-- the service role and anon
select tests.authenticate_as_service_role();
select is(pg_temp.reads('tasks'), pg_temp.every_state(), 'service role: reads every task');
select is(pg_temp.reads('task_offers'), pg_temp.every_state(), 'service role: every offer');
select is(pg_temp.reads('task_events'), pg_temp.every_state(), 'service role: every event');
select throws_ok('select * from private.open_tasks', '42501', 'permission denied for table open_tasks', 'service role: not the projection');
select tests.clear_authentication();
select throws_ok('select * from public.tasks', '42501', 'permission denied for table tasks', 'anon: no tasks');
select throws_ok('select * from public.task_offers', '42501', 'permission denied for table task_offers', 'anon: no offers');
select throws_ok('select * from public.task_events', '42501', 'permission denied for table task_events', 'anon: no events');

-- when the helper steps back
select tests.authenticate_as('ben');
select public.release_task(id) from t where state = 'in_progress';
select is((select count(*)::int from public.task_events e join t on t.id = e.task_id where t.state = 'in_progress' and e.action = 'released'), 1, 'but the event of it');
select tests.authenticate_as('anna');

select * from finish();
rollback;
