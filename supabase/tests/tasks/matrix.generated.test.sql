-- Generated from docs/rooms/tasks.md by node dev/matrix/main.ts. Do not edit: change the page, or
-- dev/matrix/preamble.sql, and run it again.
begin;
select plan(616);

-- One task per state, touched an hour ago, so that any later change shows. The functions below are rolled back.
select tests.use_default_settings();
select tests.create_supabase_users('creator', 'helper', 'other');
create temporary table fixture as
select state, tests.task_in(state, 'creator', 'helper') as task_id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
update public.tasks set updated_at = now() - interval '1 hour' where id in (select task_id from fixture);
update public.task_offers set updated_at = now() - interval '1 hour' where task_id in (select task_id from fixture);

-- Everything there is about a task.
create function tests.everything_about(task_id uuid)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'task', (select to_jsonb(t) from public.tasks t where t.id = $1),
    'place', (select to_jsonb(l) from private.task_locations l where l.task_id = $1),
    'offers', (select jsonb_agg(to_jsonb(o) order by o.id) from public.task_offers o where o.task_id = $1),
    'events', (select jsonb_agg(to_jsonb(e) order by e.id) from public.task_events e where e.task_id = $1),
    'listed', (select to_jsonb(o) from private.open_tasks o where o.task_id = $1),
    'waiting', (select to_jsonb(p) from private.pending_confirmations p where p.task_id = $1),
    'ledger', (select jsonb_agg(to_jsonb(p) order by p.id) from public.point_transactions p where p.task_id = $1),
    'accounts', (select jsonb_agg(to_jsonb(a) order by a.user_id) from public.point_accounts a
                 where a.user_id in (tests.get_supabase_uid('creator'), tests.get_supabase_uid('helper'), tests.get_supabase_uid('other'))))
$$;

-- Tries one command as one actor, looks, and undoes everything.
create function tests.attempt(state text, action text, actor text)
returns jsonb
language plpgsql
as $$
declare
  v_task    uuid := (select f.task_id from fixture f where f.state = attempt.state);
  v_offer   uuid := tests.offer_on(v_task, 'helper');
  v_command text := format('select to_jsonb(r) from public.%I(%s) r', action, case action
    when 'update_task' then format('task_id => %L, title => %L', v_task, 'Mow the front lawn')
    when 'reject_completion' then format('task_id => %L, reason => %L', v_task, 'The hedge is still there.')
    when 'withdraw_offer' then format('offer_id => %L', v_offer)
    when 'decline_offer' then format('offer_id => %L', v_offer)
    when 'accept_offer' then format('offer_id => %L', v_offer)
    else format('task_id => %L', v_task) end);
  v_before  jsonb;
  v_row     jsonb;
  v_error   text;
  v_seen    text;
begin
  if actor = 'banned creator' then perform ops.ban_user(tests.get_supabase_uid('creator'), 'test'); end if;
  if actor = 'banned helper' then perform ops.ban_user(tests.get_supabase_uid('helper'), 'test'); end if;
  v_before := tests.everything_about(v_task);
  case
    when actor in ('creator', 'banned creator') then perform tests.authenticate_as('creator');
    when actor in ('assigned helper', 'banned helper') then perform tests.authenticate_as('helper');
    when actor = 'other member' then perform tests.authenticate_as('other');
    when actor = 'anonymous' then perform tests.clear_authentication();
    when actor = 'service role' then perform tests.authenticate_as_service_role();
  end case;
  begin
    execute v_command into strict v_row;
  exception when others then
    v_error := sqlstate || ' ' || sqlerrm;
  end;
  perform tests.reset_authentication();
  v_seen := jsonb_build_object(
    'error', v_error, 'row', v_row, 'before', v_before, 'after', tests.everything_about(v_task),
    'problems', case when v_error is null then
      (select jsonb_agg(to_jsonb(p)) from (select * from ops.audit_books() union all select * from ops.audit_tasks()) p) end);
  raise exception using errcode = 'TT001', message = v_seen;
exception when sqlstate 'TT001' then
  return sqlerrm::jsonb;
end $$;

-- One cell of the table. Allowed: the returned row has the status, is what the table holds now, and the audits find
-- nothing. Repeated: the returned row is the old one. Denied: code and slug. Repeated or denied: nothing changed.
create function tests.cell(state text, action text, actor text, expected text)
returns text
language plpgsql
as $$
declare
  v         jsonb := tests.attempt(state, action, actor);
  v_is_offer boolean := action in ('offer_help', 'withdraw_offer', 'decline_offer');
  v_stored  jsonb := case when v_is_offer
    then (select o from jsonb_array_elements(v -> 'after' -> 'offers') o where o -> 'id' = v -> 'row' -> 'id')
    else v -> 'after' -> 'task' end;
  v_changed boolean := v -> 'before' <> v -> 'after';
  v_outcome text := case
    when v ->> 'error' like '42501 permission denied for function %' then '42501'
    when v ->> 'error' is not null then v ->> 'error'
    when v -> 'row' is distinct from v_stored then 'a row that is not the stored one'
    when not v_changed then 'same'
    else v -> 'row' ->> 'status' end;
begin
  return is(
    v_outcome
      || case when v_changed and (v ->> 'error' is not null) then ', but something changed' else '' end
      || case when jsonb_typeof(v -> 'problems') = 'array' then ', but the audits find ' || (v ->> 'problems') else '' end,
    expected,
    format('%s: %s by %s', state, action, actor));
end $$;

-- State: open -------------------------------------------------------------------------------------------------------
select tests.cell('open', 'update_task', 'anonymous', '42501');
select tests.cell('open', 'update_task', 'creator', 'open');
select tests.cell('open', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'update_task', 'service role', '42501');
select tests.cell('open', 'offer_help', 'anonymous', '42501');
select tests.cell('open', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('open', 'offer_help', 'assigned helper', 'same');
select tests.cell('open', 'offer_help', 'other member', 'pending');
select tests.cell('open', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'offer_help', 'service role', '42501');
select tests.cell('open', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('open', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('open', 'withdraw_offer', 'assigned helper', 'withdrawn');
select tests.cell('open', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('open', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'withdraw_offer', 'service role', '42501');
select tests.cell('open', 'decline_offer', 'anonymous', '42501');
select tests.cell('open', 'decline_offer', 'creator', 'declined');
select tests.cell('open', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('open', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('open', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'decline_offer', 'service role', '42501');
select tests.cell('open', 'accept_offer', 'anonymous', '42501');
select tests.cell('open', 'accept_offer', 'creator', 'assigned');
select tests.cell('open', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('open', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('open', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'accept_offer', 'service role', '42501');
select tests.cell('open', 'start_task', 'anonymous', '42501');
select tests.cell('open', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('open', 'start_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'start_task', 'service role', '42501');
select tests.cell('open', 'finish_task', 'anonymous', '42501');
select tests.cell('open', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('open', 'finish_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'finish_task', 'service role', '42501');
select tests.cell('open', 'confirm_task', 'anonymous', '42501');
select tests.cell('open', 'confirm_task', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('open', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'confirm_task', 'service role', '42501');
select tests.cell('open', 'reject_completion', 'anonymous', '42501');
select tests.cell('open', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('open', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'reject_completion', 'service role', '42501');
select tests.cell('open', 'release_task', 'anonymous', '42501');
select tests.cell('open', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('open', 'release_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'release_task', 'service role', '42501');
select tests.cell('open', 'cancel_task', 'anonymous', '42501');
select tests.cell('open', 'cancel_task', 'creator', 'cancelled');
select tests.cell('open', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('open', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('open', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('open', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('open', 'cancel_task', 'service role', '42501');
-- State: assigned ---------------------------------------------------------------------------------------------------
select tests.cell('assigned', 'update_task', 'anonymous', '42501');
select tests.cell('assigned', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('assigned', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('assigned', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'update_task', 'service role', '42501');
select tests.cell('assigned', 'offer_help', 'anonymous', '42501');
select tests.cell('assigned', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('assigned', 'offer_help', 'assigned helper', 'same');
select tests.cell('assigned', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'offer_help', 'service role', '42501');
select tests.cell('assigned', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('assigned', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('assigned', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('assigned', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('assigned', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'withdraw_offer', 'service role', '42501');
select tests.cell('assigned', 'decline_offer', 'anonymous', '42501');
select tests.cell('assigned', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('assigned', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('assigned', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('assigned', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'decline_offer', 'service role', '42501');
select tests.cell('assigned', 'accept_offer', 'anonymous', '42501');
select tests.cell('assigned', 'accept_offer', 'creator', 'same');
select tests.cell('assigned', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('assigned', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('assigned', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'accept_offer', 'service role', '42501');
select tests.cell('assigned', 'start_task', 'anonymous', '42501');
select tests.cell('assigned', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('assigned', 'start_task', 'assigned helper', 'in_progress');
select tests.cell('assigned', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'start_task', 'service role', '42501');
select tests.cell('assigned', 'finish_task', 'anonymous', '42501');
select tests.cell('assigned', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('assigned', 'finish_task', 'assigned helper', 'pending_confirmation');
select tests.cell('assigned', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'finish_task', 'service role', '42501');
select tests.cell('assigned', 'confirm_task', 'anonymous', '42501');
select tests.cell('assigned', 'confirm_task', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('assigned', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('assigned', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'confirm_task', 'service role', '42501');
select tests.cell('assigned', 'reject_completion', 'anonymous', '42501');
select tests.cell('assigned', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('assigned', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('assigned', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'reject_completion', 'service role', '42501');
select tests.cell('assigned', 'release_task', 'anonymous', '42501');
select tests.cell('assigned', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('assigned', 'release_task', 'assigned helper', 'open');
select tests.cell('assigned', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'release_task', 'service role', '42501');
select tests.cell('assigned', 'cancel_task', 'anonymous', '42501');
select tests.cell('assigned', 'cancel_task', 'creator', 'cancelled');
select tests.cell('assigned', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('assigned', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('assigned', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('assigned', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('assigned', 'cancel_task', 'service role', '42501');
-- State: in_progress ------------------------------------------------------------------------------------------------
select tests.cell('in_progress', 'update_task', 'anonymous', '42501');
select tests.cell('in_progress', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('in_progress', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('in_progress', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'update_task', 'service role', '42501');
select tests.cell('in_progress', 'offer_help', 'anonymous', '42501');
select tests.cell('in_progress', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('in_progress', 'offer_help', 'assigned helper', 'same');
select tests.cell('in_progress', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'offer_help', 'service role', '42501');
select tests.cell('in_progress', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('in_progress', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('in_progress', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('in_progress', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('in_progress', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'withdraw_offer', 'service role', '42501');
select tests.cell('in_progress', 'decline_offer', 'anonymous', '42501');
select tests.cell('in_progress', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('in_progress', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('in_progress', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('in_progress', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'decline_offer', 'service role', '42501');
select tests.cell('in_progress', 'accept_offer', 'anonymous', '42501');
select tests.cell('in_progress', 'accept_offer', 'creator', 'same');
select tests.cell('in_progress', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('in_progress', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('in_progress', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'accept_offer', 'service role', '42501');
select tests.cell('in_progress', 'start_task', 'anonymous', '42501');
select tests.cell('in_progress', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('in_progress', 'start_task', 'assigned helper', 'same');
select tests.cell('in_progress', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'start_task', 'service role', '42501');
select tests.cell('in_progress', 'finish_task', 'anonymous', '42501');
select tests.cell('in_progress', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('in_progress', 'finish_task', 'assigned helper', 'pending_confirmation');
select tests.cell('in_progress', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'finish_task', 'service role', '42501');
select tests.cell('in_progress', 'confirm_task', 'anonymous', '42501');
select tests.cell('in_progress', 'confirm_task', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('in_progress', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('in_progress', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'confirm_task', 'service role', '42501');
select tests.cell('in_progress', 'reject_completion', 'anonymous', '42501');
select tests.cell('in_progress', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('in_progress', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('in_progress', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'reject_completion', 'service role', '42501');
select tests.cell('in_progress', 'release_task', 'anonymous', '42501');
select tests.cell('in_progress', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('in_progress', 'release_task', 'assigned helper', 'open');
select tests.cell('in_progress', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'release_task', 'service role', '42501');
select tests.cell('in_progress', 'cancel_task', 'anonymous', '42501');
select tests.cell('in_progress', 'cancel_task', 'creator', 'cancelled');
select tests.cell('in_progress', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('in_progress', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('in_progress', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('in_progress', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('in_progress', 'cancel_task', 'service role', '42501');
-- State: pending_confirmation ---------------------------------------------------------------------------------------
select tests.cell('pending_confirmation', 'update_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('pending_confirmation', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'update_task', 'service role', '42501');
select tests.cell('pending_confirmation', 'offer_help', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('pending_confirmation', 'offer_help', 'assigned helper', 'same');
select tests.cell('pending_confirmation', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'offer_help', 'service role', '42501');
select tests.cell('pending_confirmation', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('pending_confirmation', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'withdraw_offer', 'service role', '42501');
select tests.cell('pending_confirmation', 'decline_offer', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('pending_confirmation', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'decline_offer', 'service role', '42501');
select tests.cell('pending_confirmation', 'accept_offer', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'accept_offer', 'creator', 'same');
select tests.cell('pending_confirmation', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('pending_confirmation', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'accept_offer', 'service role', '42501');
select tests.cell('pending_confirmation', 'start_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'start_task', 'assigned helper', 'PT409 task_not_assigned');
select tests.cell('pending_confirmation', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'start_task', 'service role', '42501');
select tests.cell('pending_confirmation', 'finish_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'finish_task', 'assigned helper', 'same');
select tests.cell('pending_confirmation', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'finish_task', 'service role', '42501');
select tests.cell('pending_confirmation', 'confirm_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'confirm_task', 'creator', 'completed');
select tests.cell('pending_confirmation', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'confirm_task', 'service role', '42501');
select tests.cell('pending_confirmation', 'reject_completion', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'reject_completion', 'creator', 'in_progress');
select tests.cell('pending_confirmation', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'reject_completion', 'service role', '42501');
select tests.cell('pending_confirmation', 'release_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'release_task', 'assigned helper', 'PT409 task_not_releasable');
select tests.cell('pending_confirmation', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'release_task', 'service role', '42501');
select tests.cell('pending_confirmation', 'cancel_task', 'anonymous', '42501');
select tests.cell('pending_confirmation', 'cancel_task', 'creator', 'PT409 task_not_cancellable');
select tests.cell('pending_confirmation', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('pending_confirmation', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('pending_confirmation', 'cancel_task', 'service role', '42501');
-- State: completed --------------------------------------------------------------------------------------------------
select tests.cell('completed', 'update_task', 'anonymous', '42501');
select tests.cell('completed', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('completed', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('completed', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'update_task', 'service role', '42501');
select tests.cell('completed', 'offer_help', 'anonymous', '42501');
select tests.cell('completed', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('completed', 'offer_help', 'assigned helper', 'same');
select tests.cell('completed', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'offer_help', 'service role', '42501');
select tests.cell('completed', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('completed', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('completed', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('completed', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('completed', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'withdraw_offer', 'service role', '42501');
select tests.cell('completed', 'decline_offer', 'anonymous', '42501');
select tests.cell('completed', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('completed', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('completed', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('completed', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'decline_offer', 'service role', '42501');
select tests.cell('completed', 'accept_offer', 'anonymous', '42501');
select tests.cell('completed', 'accept_offer', 'creator', 'same');
select tests.cell('completed', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('completed', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('completed', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'accept_offer', 'service role', '42501');
select tests.cell('completed', 'start_task', 'anonymous', '42501');
select tests.cell('completed', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('completed', 'start_task', 'assigned helper', 'PT409 task_not_assigned');
select tests.cell('completed', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'start_task', 'service role', '42501');
select tests.cell('completed', 'finish_task', 'anonymous', '42501');
select tests.cell('completed', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('completed', 'finish_task', 'assigned helper', 'PT409 task_not_in_progress');
select tests.cell('completed', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'finish_task', 'service role', '42501');
select tests.cell('completed', 'confirm_task', 'anonymous', '42501');
select tests.cell('completed', 'confirm_task', 'creator', 'same');
select tests.cell('completed', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('completed', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'confirm_task', 'service role', '42501');
select tests.cell('completed', 'reject_completion', 'anonymous', '42501');
select tests.cell('completed', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('completed', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('completed', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'reject_completion', 'service role', '42501');
select tests.cell('completed', 'release_task', 'anonymous', '42501');
select tests.cell('completed', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('completed', 'release_task', 'assigned helper', 'PT409 task_not_releasable');
select tests.cell('completed', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'release_task', 'service role', '42501');
select tests.cell('completed', 'cancel_task', 'anonymous', '42501');
select tests.cell('completed', 'cancel_task', 'creator', 'PT409 task_not_cancellable');
select tests.cell('completed', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('completed', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('completed', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('completed', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('completed', 'cancel_task', 'service role', '42501');
-- State: cancelled --------------------------------------------------------------------------------------------------
select tests.cell('cancelled', 'update_task', 'anonymous', '42501');
select tests.cell('cancelled', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('cancelled', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('cancelled', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'update_task', 'service role', '42501');
select tests.cell('cancelled', 'offer_help', 'anonymous', '42501');
select tests.cell('cancelled', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('cancelled', 'offer_help', 'assigned helper', 'same');
select tests.cell('cancelled', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'offer_help', 'service role', '42501');
select tests.cell('cancelled', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('cancelled', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('cancelled', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('cancelled', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('cancelled', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'withdraw_offer', 'service role', '42501');
select tests.cell('cancelled', 'decline_offer', 'anonymous', '42501');
select tests.cell('cancelled', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('cancelled', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('cancelled', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('cancelled', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'decline_offer', 'service role', '42501');
select tests.cell('cancelled', 'accept_offer', 'anonymous', '42501');
select tests.cell('cancelled', 'accept_offer', 'creator', 'same');
select tests.cell('cancelled', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('cancelled', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('cancelled', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'accept_offer', 'service role', '42501');
select tests.cell('cancelled', 'start_task', 'anonymous', '42501');
select tests.cell('cancelled', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('cancelled', 'start_task', 'assigned helper', 'PT409 task_not_assigned');
select tests.cell('cancelled', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'start_task', 'service role', '42501');
select tests.cell('cancelled', 'finish_task', 'anonymous', '42501');
select tests.cell('cancelled', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('cancelled', 'finish_task', 'assigned helper', 'PT409 task_not_in_progress');
select tests.cell('cancelled', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'finish_task', 'service role', '42501');
select tests.cell('cancelled', 'confirm_task', 'anonymous', '42501');
select tests.cell('cancelled', 'confirm_task', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('cancelled', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('cancelled', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'confirm_task', 'service role', '42501');
select tests.cell('cancelled', 'reject_completion', 'anonymous', '42501');
select tests.cell('cancelled', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('cancelled', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('cancelled', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'reject_completion', 'service role', '42501');
select tests.cell('cancelled', 'release_task', 'anonymous', '42501');
select tests.cell('cancelled', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('cancelled', 'release_task', 'assigned helper', 'PT409 task_not_releasable');
select tests.cell('cancelled', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'release_task', 'service role', '42501');
select tests.cell('cancelled', 'cancel_task', 'anonymous', '42501');
select tests.cell('cancelled', 'cancel_task', 'creator', 'same');
select tests.cell('cancelled', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('cancelled', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('cancelled', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('cancelled', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('cancelled', 'cancel_task', 'service role', '42501');
-- State: expired ----------------------------------------------------------------------------------------------------
select tests.cell('expired', 'update_task', 'anonymous', '42501');
select tests.cell('expired', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('expired', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'update_task', 'service role', '42501');
select tests.cell('expired', 'offer_help', 'anonymous', '42501');
select tests.cell('expired', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('expired', 'offer_help', 'assigned helper', 'PT409 task_not_open');
select tests.cell('expired', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'offer_help', 'service role', '42501');
select tests.cell('expired', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('expired', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('expired', 'withdraw_offer', 'assigned helper', 'withdrawn');
select tests.cell('expired', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('expired', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'withdraw_offer', 'service role', '42501');
select tests.cell('expired', 'decline_offer', 'anonymous', '42501');
select tests.cell('expired', 'decline_offer', 'creator', 'declined');
select tests.cell('expired', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('expired', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('expired', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'decline_offer', 'service role', '42501');
select tests.cell('expired', 'accept_offer', 'anonymous', '42501');
select tests.cell('expired', 'accept_offer', 'creator', 'PT409 task_not_open');
select tests.cell('expired', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('expired', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('expired', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'accept_offer', 'service role', '42501');
select tests.cell('expired', 'start_task', 'anonymous', '42501');
select tests.cell('expired', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('expired', 'start_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'start_task', 'service role', '42501');
select tests.cell('expired', 'finish_task', 'anonymous', '42501');
select tests.cell('expired', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('expired', 'finish_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'finish_task', 'service role', '42501');
select tests.cell('expired', 'confirm_task', 'anonymous', '42501');
select tests.cell('expired', 'confirm_task', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('expired', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'confirm_task', 'service role', '42501');
select tests.cell('expired', 'reject_completion', 'anonymous', '42501');
select tests.cell('expired', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('expired', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'reject_completion', 'service role', '42501');
select tests.cell('expired', 'release_task', 'anonymous', '42501');
select tests.cell('expired', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('expired', 'release_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'release_task', 'service role', '42501');
select tests.cell('expired', 'cancel_task', 'anonymous', '42501');
select tests.cell('expired', 'cancel_task', 'creator', 'PT409 task_not_cancellable');
select tests.cell('expired', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('expired', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('expired', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('expired', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('expired', 'cancel_task', 'service role', '42501');
-- State: archived ---------------------------------------------------------------------------------------------------
select tests.cell('archived', 'update_task', 'anonymous', '42501');
select tests.cell('archived', 'update_task', 'creator', 'PT409 task_not_open');
select tests.cell('archived', 'update_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('archived', 'update_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'update_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'update_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'update_task', 'service role', '42501');
select tests.cell('archived', 'offer_help', 'anonymous', '42501');
select tests.cell('archived', 'offer_help', 'creator', 'PT409 cannot_help_own_task');
select tests.cell('archived', 'offer_help', 'assigned helper', 'same');
select tests.cell('archived', 'offer_help', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'offer_help', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'offer_help', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'offer_help', 'service role', '42501');
select tests.cell('archived', 'withdraw_offer', 'anonymous', '42501');
select tests.cell('archived', 'withdraw_offer', 'creator', 'PT404 offer_not_found');
select tests.cell('archived', 'withdraw_offer', 'assigned helper', 'PT409 offer_not_pending');
select tests.cell('archived', 'withdraw_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('archived', 'withdraw_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'withdraw_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'withdraw_offer', 'service role', '42501');
select tests.cell('archived', 'decline_offer', 'anonymous', '42501');
select tests.cell('archived', 'decline_offer', 'creator', 'PT409 offer_not_pending');
select tests.cell('archived', 'decline_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('archived', 'decline_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('archived', 'decline_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'decline_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'decline_offer', 'service role', '42501');
select tests.cell('archived', 'accept_offer', 'anonymous', '42501');
select tests.cell('archived', 'accept_offer', 'creator', 'same');
select tests.cell('archived', 'accept_offer', 'assigned helper', 'PT404 offer_not_found');
select tests.cell('archived', 'accept_offer', 'other member', 'PT404 offer_not_found');
select tests.cell('archived', 'accept_offer', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'accept_offer', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'accept_offer', 'service role', '42501');
select tests.cell('archived', 'start_task', 'anonymous', '42501');
select tests.cell('archived', 'start_task', 'creator', 'PT404 task_not_found');
select tests.cell('archived', 'start_task', 'assigned helper', 'PT409 task_not_assigned');
select tests.cell('archived', 'start_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'start_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'start_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'start_task', 'service role', '42501');
select tests.cell('archived', 'finish_task', 'anonymous', '42501');
select tests.cell('archived', 'finish_task', 'creator', 'PT404 task_not_found');
select tests.cell('archived', 'finish_task', 'assigned helper', 'PT409 task_not_in_progress');
select tests.cell('archived', 'finish_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'finish_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'finish_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'finish_task', 'service role', '42501');
select tests.cell('archived', 'confirm_task', 'anonymous', '42501');
select tests.cell('archived', 'confirm_task', 'creator', 'same');
select tests.cell('archived', 'confirm_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('archived', 'confirm_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'confirm_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'confirm_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'confirm_task', 'service role', '42501');
select tests.cell('archived', 'reject_completion', 'anonymous', '42501');
select tests.cell('archived', 'reject_completion', 'creator', 'PT409 task_not_pending_confirmation');
select tests.cell('archived', 'reject_completion', 'assigned helper', 'PT404 task_not_found');
select tests.cell('archived', 'reject_completion', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'reject_completion', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'reject_completion', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'reject_completion', 'service role', '42501');
select tests.cell('archived', 'release_task', 'anonymous', '42501');
select tests.cell('archived', 'release_task', 'creator', 'PT404 task_not_found');
select tests.cell('archived', 'release_task', 'assigned helper', 'PT409 task_not_releasable');
select tests.cell('archived', 'release_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'release_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'release_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'release_task', 'service role', '42501');
select tests.cell('archived', 'cancel_task', 'anonymous', '42501');
select tests.cell('archived', 'cancel_task', 'creator', 'PT409 task_not_cancellable');
select tests.cell('archived', 'cancel_task', 'assigned helper', 'PT404 task_not_found');
select tests.cell('archived', 'cancel_task', 'other member', 'PT404 task_not_found');
select tests.cell('archived', 'cancel_task', 'banned creator', 'PT403 user_banned');
select tests.cell('archived', 'cancel_task', 'banned helper', 'PT403 user_banned');
select tests.cell('archived', 'cancel_task', 'service role', '42501');

select * from finish();
rollback;
