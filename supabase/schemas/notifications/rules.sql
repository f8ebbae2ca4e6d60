create function private.notify_of_event()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- the actions stand here, not in a WHEN, which PostgreSQL would read anew for every statement; confirmed comes first,
  -- the one path whose speed counts
  if new.action = 'confirmed' then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.helper_id, 'task_confirmed', new.task_id, new.actor_id);
  elsif new.action = 'auto_confirmed' then
    insert into public.notifications (user_id, type, task_id)
    values (new.helper_id, 'task_confirmed', new.task_id), (new.creator_id, 'task_auto_confirmed', new.task_id);
  elsif new.action in ('completion_rejected', 'cancelled') then
    if new.helper_id is not null then
      insert into public.notifications (user_id, type, task_id, actor_id)
      values (new.helper_id, case new.action when 'cancelled' then 'task_cancelled' else new.action end,
        new.task_id, new.actor_id);
    end if;
  elsif new.action = 'replaced' then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.helper_id, case when exists (
        select from public.lapses l
        where l.task_id = new.task_id and l.helper_id = new.helper_id and l.created_at = new.created_at)
      then 'no_show_recorded' else 'helper_replaced' end, new.task_id, new.actor_id);
  elsif new.action in ('started', 'finished', 'released', 'expired') then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.creator_id, 'task_' || new.action, new.task_id, new.actor_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_event() is 'Trigger on task_events: tells the other side.';
create trigger task_events_notify after insert on public.task_events
  for each row execute function private.notify_of_event();

create function private.notify_of_offer()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.status = 'pending' then
    -- once a day for each offer, however often it is taken back and made again
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id, dedupe_key)
    values (new.creator_id, 'offer_received', new.task_id, new.id, new.helper_id,
            'offer ' || new.id || ' ' || pg_catalog.to_char(private.community_day(now()), 'YYYY-MM-DD'))
    on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  else
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    values (new.helper_id, 'offer_' || new.status, new.task_id, new.id, new.creator_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_offer() is
  'Trigger on task_offers: tells the creator of an offer, the helper of the answer.';
create trigger task_offers_notify_of_new after insert on public.task_offers
  for each row when (new.status = 'pending') execute function private.notify_of_offer();
create function private.notify_of_returned_offer()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once a day for each offer, however often helpers come and go
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id, dedupe_key)
  values (new.helper_id, case when public.is_outdated(new) then 'task_changed' else 'offer_revived' end, new.task_id,
          new.id, new.creator_id,
          'revived ' || new.id || ' ' || pg_catalog.to_char(private.community_day(now()), 'YYYY-MM-DD'))
  on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  return null;
end $$;
comment on function private.notify_of_returned_offer() is
  'Trigger on task_offers: tells who was passed over that the offer is pending again.';

-- passed-over offers that come back are news to whoever made them; the creator is told of the task
create trigger task_offers_notify_of_return after update of status on public.task_offers
  for each row when (old.status = 'not_chosen' and new.status = 'pending')
  execute function private.notify_of_returned_offer();
create trigger task_offers_notify_of_answer after update of status on public.task_offers
  for each row when ((old.status = 'withdrawn' and new.status = 'pending')
    or (old.status <> new.status and new.status in ('accepted', 'declined', 'not_chosen')))
  execute function private.notify_of_offer();

create function private.notify_of_renewal()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
  values (new.creator_id, 'offer_renewed', new.task_id, new.id, new.helper_id);
  return null;
end $$;
comment on function private.notify_of_renewal() is
  'Trigger on task_offers: tells the creator that an offer holds for the task as it was changed.';
create trigger task_offers_notify_of_renewal after update of terms_version on public.task_offers
  for each row when (old.status = 'pending' and old.terms_version <> new.terms_version)
  execute function private.notify_of_renewal();

create function private.notify_of_change()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once until the offer is renewed, however often the task is changed: what changed is looked up when it is read
  insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
  select o.helper_id, 'task_changed', new.id, o.id, new.creator_id
  from public.task_offers o
  where o.task_id = new.id and o.status = 'pending' and o.terms_version = old.terms_version;
  return null;
end $$;
comment on function private.notify_of_change() is
  'Trigger on tasks: tells whoever has offered help that their offer is outdated.';
create trigger tasks_notify_of_change
  after update of title, description, latitude, longitude, points_reward, starts_at, ends_at, is_flexible
  on public.tasks
  for each row when (new.status = 'open' and old.terms_version <> new.terms_version)
  execute function private.notify_of_change();

create function private.notify_of_decision()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id)
  values (new.helper_id, 'no_show_' || new.decision, new.task_id);
  return null;
end $$;
comment on function private.notify_of_decision() is
  'Trigger on lapses: tells the helper what admins decided about a no-show.';
create trigger lapses_notify_of_decision after update of decision on public.lapses
  for each row when (new.decision is distinct from old.decision and new.decision is not null)
  execute function private.notify_of_decision();

create function private.notify_of_message()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- once until it is read: the first unread message tells, the others say nothing
  if old.creator_unread = 0 and new.creator_unread > 0 then
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    select new.creator_id, 'message_received', o.task_id, o.id, new.helper_id
    from public.task_offers o where o.id = new.offer_id;
  elsif old.helper_unread = 0 and new.helper_unread > 0 then
    insert into public.notifications (user_id, type, task_id, offer_id, actor_id)
    select new.helper_id, 'message_received', o.task_id, o.id, new.creator_id
    from public.task_offers o where o.id = new.offer_id;
  else
    update public.notifications n set read_at = now()
    where n.user_id = case when new.creator_unread < old.creator_unread then new.creator_id else new.helper_id end
      and n.read_at is null and n.type = 'message_received' and n.offer_id = new.offer_id;
  end if;
  return null;
end $$;
comment on function private.notify_of_message() is
  'Trigger on conversations: tells the reader of the first unread message, and that all are read.';
create trigger conversations_notify after update of creator_unread, helper_unread on private.conversations
  for each row when ((old.creator_unread = 0) <> (new.creator_unread = 0)
    or (old.helper_unread = 0) <> (new.helper_unread = 0))
  execute function private.notify_of_message();

create function private.notify_of_rating()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, task_id, rating_id, actor_id)
  values (new.ratee_id, 'rating_received', new.task_id, new.id, new.rater_id);
  return null;
end $$;
comment on function private.notify_of_rating() is
  'Trigger on ratings: tells the rated member, not before everybody may read the rating.';
create trigger ratings_notify after update of revealed_at on public.ratings
  for each row when (old.revealed_at is null and new.revealed_at is not null)
  execute function private.notify_of_rating();

create function private.notify_of_phone_number()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.shared_at is null then
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.user_id, 'phone_number_requested', new.task_id, new.actor_id);
  elsif not private.are_blocked(new.user_id, new.actor_id) then  -- who is blocked would look for it in vain
    insert into public.notifications (user_id, type, task_id, actor_id)
    values (new.actor_id, 'phone_number_shared', new.task_id, new.user_id);
  end if;
  return null;
end $$;
comment on function private.notify_of_phone_number() is
  'Trigger on phone_shares: tells the owner that somebody asks, and who may see it that they do.';
create trigger phone_shares_notify after insert or update of shared_at on private.phone_shares
  for each row execute function private.notify_of_phone_number();

create function private.notify_of_redemption()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, redemption_id)
  values (new.user_id, case new.status when 'active' then 'code_ready' when 'expired' then 'code_expired'
    else 'redemption_' || new.status end, new.id);
  return null;
end $$;
comment on function private.notify_of_redemption() is
  'Trigger on redemptions: tells the member of what they did not do themselves.';
-- a code that comes within a minute is shown by the app that is waiting for it; what a member returns is no news either
create trigger redemptions_notify after update of status on public.redemptions
  for each row when (old.status <> new.status and (
    new.status in ('failed', 'expired')
    or (new.status = 'cancelled' and new.end_reason = 'partner_cancelled')
    or (new.status = 'active' and new.redeemed_at < now() - interval '1 minute')))
  execute function private.notify_of_redemption();
