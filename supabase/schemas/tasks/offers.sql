create function private.check_is_open(task public.tasks)
returns void
language plpgsql stable set search_path = ''
as $$
begin
  if task.status <> 'open' or private.deadline_of(task) <= now()
     or (select u.is_banned from public.users u where u.id = task.creator_id) then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = task.status,
      hint = 'This task is no longer open.';
  end if;
end $$;
comment on function private.check_is_open(public.tasks) is
  'Raises PT409 task_not_open for a task that takes no offers: not open, past its deadline, or of a banned member.';

create function private.offer_help(task_id uuid, message text)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: shared, so that offers run side by side while changes of the task wait
  select t.* into v_task from public.tasks t where t.id = offer_help.task_id for share;
  -- and the member, so that parallel offers count each other, and what is said goes with its author
  perform private.lock_member(v_me);
  -- check: a task the member could not have read is as good as absent
  select o.* into v_offer from public.task_offers o where o.task_id = v_task.id and o.helper_id = v_me;
  if v_task.id is null or private.are_blocked(v_task.creator_id, v_me)
     or (v_task.status <> 'open' and v_task.creator_id <> v_me and v_offer.id is null) then
    raise exception using errcode = 'PT404', message = 'task_not_found', hint = 'There is no such task.';
  end if;
  if v_task.creator_id = v_me then
    raise exception using errcode = 'PT409', message = 'cannot_help_own_task', hint = 'This is your own task.';
  end if;
  if v_offer.status in ('pending', 'accepted') then
    return v_offer;
  end if;
  perform private.check_is_open(v_task);
  if v_offer.status = 'declined' then
    raise exception using errcode = 'PT409', message = 'offer_declined', hint = 'The creator has declined your offer.';
  end if;
  perform private.count_action(v_me, 'offer_limit_reached', (select s.offer_limit_per_day from private.settings s));
  if v_task.reward_funding = 'community' then
    perform private.require_verified(v_me);
  end if;
  -- act
  insert into public.task_offers as o (task_id, creator_id, helper_id, message, terms_version)
  values (v_task.id, v_task.creator_id, v_me, private.clean_optional_text(offer_help.message, 'message',
    private.max_message_length(), true), v_task.terms_version)
  on conflict on constraint member_offers_once_per_task do update
    set status     = case when o.status in ('withdrawn', 'not_chosen') then 'pending' else o.status end,
        decided_at = case when o.status in ('withdrawn', 'not_chosen') then null else o.decided_at end,
        message    = case when o.status in ('withdrawn', 'not_chosen') then excluded.message else o.message end,
        updated_at = case when o.status in ('withdrawn', 'not_chosen') then now() else o.updated_at end,
        terms_version = case when o.status in ('withdrawn', 'not_chosen') then excluded.terms_version
          else o.terms_version end
  returning o.* into v_offer;
  return v_offer;
end $$;
grant execute on function private.offer_help(uuid, text) to authenticated;

create function public.offer_help(task_id uuid, message text default null)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.offer_help(task_id, message); end $$;
comment on function public.offer_help(uuid, text) is
  'Offers help on an open task and returns the offer; repeating it returns the same offer. Errors: task_not_found, '
  'task_not_open, cannot_help_own_task, offer_declined, offer_limit_reached, contact_not_verified, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.offer_help(uuid, text) to authenticated;

create function private.renew_offer(offer_id uuid, terms_version integer)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: task and member as offer_help; then the offer, which the creator may be declining
  select t.* into v_task
  from public.tasks t join public.task_offers o on o.task_id = t.id
  where o.id = renew_offer.offer_id and o.helper_id = v_me
  for share of t;
  perform private.lock_member(v_me);
  -- check: between members who are blocked it is as good as absent
  if v_task.id is null or private.are_blocked(v_task.creator_id, v_me) then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  select o.* into v_offer from public.task_offers o where o.id = renew_offer.offer_id for no key update;
  if v_offer.status in ('pending', 'accepted') and v_offer.terms_version = v_task.terms_version then
    return v_offer;
  end if;
  if v_offer.status <> 'pending' then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  perform private.check_is_open(v_task);
  if renew_offer.terms_version <> v_task.terms_version then
    raise exception using errcode = 'PT409', message = 'offer_outdated', detail = v_task.terms_version::text,
      hint = 'The task was changed once more; please look at it again.';
  end if;
  perform private.count_action(v_me, 'offer_limit_reached', (select s.offer_limit_per_day from private.settings s));
  -- act
  update public.task_offers o set terms_version = v_task.terms_version, updated_at = now()
  where o.id = v_offer.id
  returning o.* into v_offer;
  return v_offer;
end $$;
grant execute on function private.renew_offer(uuid, integer) to authenticated;

create function public.renew_offer(offer_id uuid, terms_version integer default null)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.renew_offer(offer_id, terms_version); end $$;
comment on function public.renew_offer(uuid, integer) is
  'Makes the caller''s own pending offer hold for the task as it was changed, and returns it; repeating it changes '
  'nothing. terms_version is that of the task the caller has seen: when the task has another one by now, the offer '
  'stays outdated; null for the task as it is. Counts as an offer for the limit of a day. Errors: offer_not_found, '
  'offer_not_pending, task_not_open, offer_outdated, offer_limit_reached, not_signed_in, user_banned, user_inactive.';
grant execute on function public.renew_offer(uuid, integer) to authenticated;

create function public.is_outdated(task_offers public.task_offers)
returns boolean
language sql stable set search_path = ''
as $$
  select t.terms_version > task_offers.terms_version from public.tasks t where t.id = task_offers.task_id
$$;
comment on function public.is_outdated(public.task_offers) is
  'Computed field task_offers.is_outdated: whether the task was changed after the offer was made or renewed. Such an '
  'offer cannot be accepted.';
grant execute on function public.is_outdated(public.task_offers) to authenticated, service_role;

create function private.decide_offer(offer_id uuid, member_id uuid, decision text)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$
declare
  v_offer public.task_offers;
begin
  -- lock: the offer is enough, because whoever accepts it locks it, too
  select o.* into v_offer from public.task_offers o
  where o.id = offer_id and member_id = case decision when 'withdrawn' then o.helper_id else o.creator_id end
  for no key update;
  -- check
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  if v_offer.status = decision then
    return v_offer;
  end if;
  if v_offer.status not in ('pending', 'not_chosen') then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  -- act
  update public.task_offers o set status = decision, decided_at = now(), updated_at = now()
  where o.id = v_offer.id
  returning o.* into v_offer;
  return v_offer;
end $$;
comment on function private.decide_offer(uuid, uuid, text) is
  'Withdraws (by its helper) or declines (by the creator) an offer that is not accepted.';

create function private.withdraw_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$ begin return private.decide_offer(offer_id, private.require_active_user(), 'withdrawn'); end $$;
grant execute on function private.withdraw_offer(uuid) to authenticated;

create function public.withdraw_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.withdraw_offer(offer_id); end $$;
comment on function public.withdraw_offer(uuid) is
  'Takes the caller''s own offer back and returns it; repeating it changes nothing. An accepted offer is given back '
  'with release_task. Errors: offer_not_found, offer_not_pending, not_signed_in, user_banned, user_inactive.';
grant execute on function public.withdraw_offer(uuid) to authenticated;

create function private.decline_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile security definer set search_path = ''
as $$ begin return private.decide_offer(offer_id, private.require_active_user(), 'declined'); end $$;
grant execute on function private.decline_offer(uuid) to authenticated;

create function public.decline_offer(offer_id uuid)
returns public.task_offers
language plpgsql volatile set search_path = ''
as $$ begin return private.decline_offer(offer_id); end $$;
comment on function public.decline_offer(uuid) is
  'Declines an offer on the caller''s task for good and returns it; repeating it changes nothing. Errors: '
  'offer_not_found, offer_not_pending, not_signed_in, user_banned, user_inactive.';
grant execute on function public.decline_offer(uuid) to authenticated;

create function private.accept_offer(offer_id uuid)
returns public.tasks
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_task  public.tasks;
  v_offer public.task_offers;
begin
  -- lock: one winner per task; then the offer, which its helper may be withdrawing
  select t.* into v_task
  from public.tasks t join public.task_offers o on o.task_id = t.id
  where o.id = accept_offer.offer_id and t.creator_id = v_me
  for no key update of t;
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  select o.* into v_offer from public.task_offers o where o.id = accept_offer.offer_id for no key update;
  -- check
  if v_offer.status = 'accepted' then
    return v_task;
  end if;
  if v_task.status <> 'open' or private.deadline_of(v_task) <= now() then
    raise exception using errcode = 'PT409', message = 'task_not_open', detail = v_task.status,
      hint = 'This task is no longer open.';
  end if;
  if v_offer.status <> 'pending' then
    raise exception using errcode = 'PT409', message = 'offer_not_pending', detail = v_offer.status,
      hint = 'This offer was decided already.';
  end if;
  if v_offer.terms_version < v_task.terms_version then
    raise exception using errcode = 'PT409', message = 'offer_outdated',
      hint = 'The task was changed after this offer; the member has to renew it first.';
  end if;
  -- lock: both, so that promises to and by either count each other
  perform private.lock_member(v_me, v_offer.helper_id);
  if not (select u.is_active and not u.is_banned from public.users u where u.id = v_offer.helper_id)
     or private.are_blocked(v_me, v_offer.helper_id) then
    raise exception using errcode = 'PT409', message = 'helper_unavailable',
      hint = 'This member cannot help at the moment.';
  end if;
  if v_task.reward_funding = 'community' then
    perform private.check_acceptance(v_task, v_offer.helper_id);
  end if;
  -- act
  update public.tasks t set status = 'assigned', helper_id = v_offer.helper_id, assigned_at = now(), updated_at = now()
  where t.id = v_task.id
  returning t.* into v_task;
  delete from private.open_tasks o where o.task_id = v_task.id;
  update public.task_offers o
  set status = case when o.id = v_offer.id then 'accepted' else 'not_chosen' end, decided_at = now(), updated_at = now()
  where o.task_id = v_task.id and o.status = 'pending';
  -- record
  perform private.record_event(v_task, v_task.helper_id, v_me, 'assigned');
  return v_task;
end $$;
grant execute on function private.accept_offer(uuid) to authenticated;

create function public.accept_offer(offer_id uuid)
returns public.tasks
language plpgsql volatile set search_path = ''
as $$ begin return private.accept_offer(offer_id); end $$;
comment on function public.accept_offer(uuid) is
  'Accepts an offer on the caller''s open task: the task is assigned to that helper and returned, other offers are '
  'passed over; repeating it returns the task. Errors: offer_not_found, task_not_open, offer_not_pending, '
  'offer_outdated (the task was changed since), helper_unavailable, helper_not_verified, contact_not_verified, '
  'pair_points_limit_reached, helper_points_limit_reached, not_signed_in, user_banned, user_inactive.';
grant execute on function public.accept_offer(uuid) to authenticated;
