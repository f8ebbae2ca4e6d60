begin;
select plan(30);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil');
create temporary table t as select tests.task_in('open', 'anna', 'ben') as id;
grant select on t to authenticated;
create temporary table o as select tests.offer_on(id, 'ben') as ben, tests.offer_help('cem', id) as cem, tests.offer_help('dora', id) as dora, tests.offer_help('emil', id) as emil from t;
grant select on o to authenticated;
select tests.authenticate_as('emil');
select public.withdraw_offer(emil) from o;
select tests.authenticate_as('anna');
select public.decline_offer(dora) from o;

select results_eq('select k.id, k.status::text, k.helper_id, k.assigned_at, k.started_at from o, public.accept_offer(ben) k',
  $$ select id, 'assigned', tests.get_supabase_uid('ben'), now(), null::timestamptz from t $$, 'the task is assigned to whoever offered');
select results_eq('select f.status::text, f.decided_at from public.task_offers f join o on f.id = o.ben', $$ values ('accepted', now()) $$, 'the offer is accepted');
select results_eq('select f.status::text, f.decided_at from public.task_offers f join o on f.id = o.cem', $$ values ('not_chosen', now()) $$, 'another one was not chosen');
select results_eq('select f.status::text from public.task_offers f join o on f.id in (o.dora, o.emil) order by 1', array['declined', 'withdrawn'], 'declined and withdrawn ones stay what they were');
select results_eq('select action::text, actor_id, helper_id from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('assigned', tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben')) $$, 'the event names both');
select tests.authenticate_as('cem');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'the task is no longer found');
select tests.authenticate_as('ben');
select is((select c.address from t, public.reveal_task_contact(id) c), 'Sea Lane 1', 'the helper is shown the exact place');

-- repeated, and too late for others
select tests.reset_authentication();
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
create temporary table before as select k as task from public.tasks k join t using (id);
grant select on before to authenticated;
select tests.authenticate_as('anna');
select is((public.accept_offer(ben)), (select task from before), 'accepting again returns the same task') from o;
select is((select count(*)::int from public.task_events join t on task_id = t.id where action = 'assigned'), 1, 'there is one event');
select is(tests.error_of(format('select public.accept_offer(%L)', cem)), 'PT409 task_not_open (assigned)', 'a second offer cannot be accepted') from o;
select is((select helper_id from public.tasks join t using (id)), tests.get_supabase_uid('ben'), 'the first helper stays');
select tests.authenticate_as('ben');
select public.start_task(id) from t;
select tests.authenticate_as('anna');
select is((public.accept_offer(ben)).status, 'in_progress', 'a late repeat shows how far the task is meanwhile') from o;
select tests.reset_authentication();
select tests.books_are_right();

-- helpers who cannot help
create temporary table u as select tests.task_in('open', 'anna', 'cem') as banned, tests.task_in('open', 'anna', 'dora') as blocked, tests.task_in('open', 'anna', 'emil') as blocking,
  tests.task_in('open', 'anna', 'ben') as late;
grant select on u to authenticated;
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');
select tests.pass_deadline(late) from u;
select tests.authenticate_as('emil');
select public.block_user(tests.get_supabase_uid('anna'));
select tests.authenticate_as('anna');
select public.block_user(tests.get_supabase_uid('dora'));
create function pg_temp.accept(task_id uuid, who text) returns text language sql as $$
  select tests.error_of(format('select public.accept_offer(%L)', tests.offer_on(task_id, who))) $$;
grant execute on function pg_temp.accept(uuid, text) to authenticated;
select is(pg_temp.accept(banned, 'cem'), 'PT409 helper_unavailable', 'a helper who is banned') from u;
select is(pg_temp.accept(blocked, 'dora'), 'PT409 helper_unavailable', 'a helper whom the creator blocks') from u;
select is(pg_temp.accept(blocking, 'emil'), 'PT409 helper_unavailable', 'a helper who blocks the creator') from u;
select is(pg_temp.accept(late, 'ben'), 'PT409 task_not_open (open)', 'a task past its deadline, before the job comes') from u;
select results_eq('select distinct k.status::text, k.helper_id from public.tasks k join u on k.id in (banned, blocked, blocking, late)', $$ values ('open', null::uuid) $$, 'all of these are still open');
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('cem'));
select tests.authenticate_as('anna');
select is(pg_temp.accept(banned, 'cem'), 'no error', 'when the ban is lifted the helper can be accepted') from u;
select public.unblock_user(tests.get_supabase_uid('dora'));
select is(pg_temp.accept(blocked, 'dora'), 'no error', 'when the block is lifted, too') from u;

-- cancelled after all: a late repeat shows that
select tests.authenticate_as('anna');
select public.cancel_task(id) from t;
select is((public.accept_offer(ben)).status, 'cancelled', 'a repeat after cancelling shows the cancelled task') from o;
select tests.reset_authentication();
select tests.books_are_right();

-- constraints behind it
select throws_like($$ update public.tasks set helper_id = creator_id, status = 'assigned' where id = (select late from u) $$, '%"creator_is_not_helper"%', 'nobody helps oneself');
select throws_like($$ update public.task_offers set helper_id = creator_id where task_id = (select late from u) $$, '%"creator_does_not_offer"%', 'nor offers to');
select throws_like($$ insert into public.task_offers (task_id, creator_id, helper_id) select late, tests.get_supabase_uid('anna'), tests.get_supabase_uid('ben') from u $$, '%"member_offers_once_per_task"%', 'a member has one offer per task');
select throws_like($$ update public.task_offers set status = 'maybe' where task_id = (select late from u) $$, '%"offer_status_is_known"%', 'with a status that exists');
select throws_like($$ update public.task_offers set message = repeat('x', 1001) where task_id = (select late from u) $$, '%"message_has_at_most_1000_characters"%', 'and a message of bearable length');
select throws_like($$ update private.task_locations set address = repeat('x', 501) where task_id = (select late from u) $$, '%"address_has_at_most_500_characters"%', 'as has an address');
select is((select status from public.task_offers where task_id = (select late from u)), 'pending', 'nothing of that was stored');
select is_empty($$ select * from public.tasks where helper_id = creator_id $$, 'nowhere');

select * from finish();
rollback;
