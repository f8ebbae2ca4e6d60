-- One task per state, touched an hour ago, so that any later change shows. The functions below are rolled back.
select tests.use_default_settings();
select tests.create_supabase_users('creator', 'helper', 'other');
create temporary table fixture as
select state, tests.task_in(state, 'creator', 'helper') as task_id
from unnest('{open,assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) state;
update public.tasks set updated_at = now() - interval '1 hour' where id in (select task_id from fixture);
update public.task_offers set updated_at = now() - interval '1 hour' where task_id in (select task_id from fixture);
update private.tasks_under_way set expected_at = now() - interval '1 year' where task_id in (select task_id from fixture);

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
    'under_way', (select to_jsonb(w) from private.tasks_under_way w where w.task_id = $1),
    'lapses', (select jsonb_agg(to_jsonb(l) order by l.id) from public.lapses l where l.task_id = $1),
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
    when 'replace_helper' then format('task_id => %L, reason => %L', v_task, 'Nobody came.')
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
