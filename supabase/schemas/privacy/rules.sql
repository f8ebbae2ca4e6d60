-- Room: privacy. What happens to a person's data when the account is deleted. The books stay, the person goes.

create function private.tasks_to_leave(user_id uuid)
returns setof uuid
language sql stable set search_path = ''
as $$
  select c.id from public.tasks c where c.creator_id = user_id
  union
  select h.id from public.tasks h
  where h.helper_id = user_id and h.status in ('assigned', 'in_progress', 'pending_confirmation')
  union
  select o.task_id from public.task_offers o where o.helper_id = user_id and o.status in ('pending', 'not_chosen')
$$;
comment on function private.tasks_to_leave(uuid) is
  'Tasks that the erasure of a member changes, or that must not change meanwhile: own ones, those they help with, '
  'those they offered help on.';

create function private.lock_leaving_member(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_id    uuid := user_id;
  v_tasks uuid[];
begin
  -- tasks before members: when one came while this waited for the member, everything is let go and locked again
  loop
    begin
      v_tasks := array(
        select t.id from public.tasks t where t.id in (select private.tasks_to_leave(v_id)) order by t.id
        for no key update);
      -- ratings being written by or about the member: whoever writes one holds this row and may go on to the member
      perform from private.rating_totals t where t.user_id = v_id for update;
      -- home and settings before the member, in the order of whoever changes them
      perform from public.user_contacts c where c.user_id = v_id for update;
      perform from public.user_settings s where s.user_id = v_id for update;
      -- the member, whom every command holds that writes about them, and whose tasks will be open again
      perform from public.users u
      where u.id = v_id
        or u.id in (select t.creator_id from public.tasks t where t.id = any (v_tasks) and t.helper_id = v_id)
      order by u.id for no key update;
      exit when not exists (select from private.tasks_to_leave(v_id) l (id) where l.id <> all (v_tasks));
      raise serialization_failure;
    exception when serialization_failure then null;
    end;
  end loop;
end $$;
comment on function private.lock_leaving_member(uuid) is
  'Locks a member who is being erased, with all that they take part in, in the one order: docs/locks.md.';

create function private.erase_member(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_id         uuid := user_id;
  v_task       public.tasks;
  v_redemption public.redemptions;
begin
  -- an older snapshot would not show what was written about the member since
  if pg_catalog.current_setting('transaction_isolation') <> 'read committed' then
    raise object_not_in_prerequisite_state using
      message = 'a login can only be deleted under read committed', hint = 'Begin the transaction at that level.';
  end if;
  perform private.lock_leaving_member(v_id);
  update public.users u set is_active = false where u.id = v_id;
  if not found then  -- an anonymous login was never a member
    return;
  end if;
  -- before any point account: the job holds ratings and may wait for accounts
  perform from public.ratings r where v_id in (r.rater_id, r.ratee_id) and r.comment is not null order by r.id
    for no key update;
  update public.ratings r set comment = null where v_id in (r.rater_id, r.ratee_id) and r.comment is not null;
  -- what the member is just redeeming, and all redemptions before anything is paid back: whoever ends one holds it and
  -- waits for the account
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(v_id::text, 0));
  perform from public.redemptions r where r.user_id = v_id and r.status in ('pending', 'active') order by r.id
    for no key update;

  -- end what is under way; finished work that waits for confirmation is still paid, by its creator or by the deadline
  for v_task in
    select t.* from public.tasks t
    where v_id in (t.creator_id, t.helper_id) and t.status in ('open', 'assigned', 'in_progress') order by t.id
  loop
    if v_task.creator_id = v_id then
      perform private.close_task(v_task, v_id, 'cancelled', 'account_deleted');
    else
      perform private.reopen_task(v_task, v_id, 'released', '{"reason": "account_deleted"}');
    end if;
  end loop;
  update public.task_offers o set status = 'withdrawn', decided_at = now(), updated_at = now()
  where o.helper_id = v_id and o.status in ('pending', 'not_chosen');
  update public.task_offers o set message = null where o.helper_id = v_id and o.message is not null;
  perform private.empty_tasks_of(v_id);
  perform private.delete_traces_of(v_id);

  -- changes nothing, but whoever redeems with an older snapshot fails on this row
  update public.point_accounts a set updated_at = a.updated_at where a.user_id = v_id;
  -- codes nobody can read any more; in order of rewards, because each may free its stock
  for v_redemption in
    select r.* from public.redemptions r where r.user_id = v_id and r.status in ('pending', 'active')
    order by r.reward_id, r.id
  loop
    perform private.end_redemption(v_redemption, 'cancelled', 'account_deleted', v_redemption.points_spent);
  end loop;
  -- the hash stays: an uploaded code that somebody has seen must not come in again
  update private.reward_codes c set ciphertext = '' from public.redemptions r
  where c.redemption_id = r.id and r.user_id = v_id and r.status <> 'used';

  update public.users u
  set name = 'Deleted member', avatar_path = null, bio = null, is_email_verified = false, is_phone_verified = false,
    updated_at = now()
  where u.id = v_id;
  insert into private.audit_log (action, subject_id) values ('member_erased', v_id);
end $$;
comment on function private.erase_member(uuid) is
  'Erases the person. Profile, pictures, contact data, exact places, offer messages and the comments of ratings by and '
  'about them go; tasks under way and unused codes end; ledger and audit log keep the bare id.';

create function private.empty_tasks_of(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- in order: the other side may be leaving, too
  perform from private.phone_shares p where empty_tasks_of.user_id in (p.user_id, p.actor_id)
  order by p.task_id, p.user_id, p.actor_id for update;
  delete from private.phone_shares p where empty_tasks_of.user_id in (p.user_id, p.actor_id);
  delete from private.task_locations l where l.creator_id = empty_tasks_of.user_id;
  delete from private.task_keys k where k.creator_id = empty_tasks_of.user_id;
  -- the words of a task belong to its creator alone until somebody is accepted for it; the files of the pictures go
  -- through the Storage API: ops.abandoned_pictures lists them from now on
  update public.tasks t
  set image_paths = '{}', metadata = '{}',
    title = case when private.had_helper(t.id) then t.title else 'Deleted task' end,
    description = case when private.had_helper(t.id) then t.description else 'Deleted task' end
  where t.creator_id = empty_tasks_of.user_id
    and (t.image_paths <> '{}' or t.metadata <> '{}' or not private.had_helper(t.id));
  -- and words that a task no longer has belong to nobody else
  update public.task_events e set details = private.without_words(e.details)
  where e.task_id in (select t.id from public.tasks t where t.creator_id = empty_tasks_of.user_id)
    and e.action = 'updated' and e.details <> private.without_words(e.details);
end $$;
comment on function private.empty_tasks_of(uuid) is
  'Part of an erasure: takes exact places, pictures, metadata and former words out of all tasks of a member, the words '
  'out of those that nobody was ever accepted for, and who may see whose phone number on shared ones.';

create function private.had_helper(task_id uuid)
returns boolean
language sql stable set search_path = ''
as $$
  select exists (select from public.task_events e where e.task_id = had_helper.task_id and e.helper_id is not null)
$$;
comment on function private.had_helper(uuid) is 'Whether anybody was ever accepted for a task.';

create function private.delete_traces_of(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_id uuid := user_id;
begin
  -- the stars stay, they are part of the place's mean; the words go. Reviews before places, as delete_review
  perform from public.place_reviews r where r.user_id = v_id order by r.id for update;
  update public.place_reviews r set comment = null where r.user_id = v_id and r.comment is not null;
  -- a place that nobody else has reviewed may be the member's own door
  perform from public.places p join private.place_authors a on a.place_id = p.id where a.user_id = v_id
    order by p.id for update of p;
  delete from public.places p using private.place_authors a
  where a.place_id = p.id and a.user_id = v_id and p.partner_id is null
    and not exists (select from public.place_reviews r where r.place_id = p.id and r.user_id <> v_id);
  delete from private.place_authors a where a.user_id = v_id;
  delete from public.preferences p where p.user_id = v_id;
  -- rounds first, in order: two members who leave are in each other's
  perform from private.suggestion_rounds r
  where r.creator_id = v_id
    or r.id in (select s.round_id from private.helper_suggestions s where s.user_id = v_id)
  order by r.id for update;
  delete from private.suggestion_rounds r where r.creator_id = v_id;
  delete from private.helper_suggestions s where s.user_id = v_id;

  delete from private.message_paces p where p.user_id = v_id;
  -- the words go, the marks stay in the other side's conversation
  update private.messages m set body = null, deleted_at = now() where m.sender_id = v_id and m.deleted_at is null;
  delete from public.message_settings s where s.user_id = v_id;

  -- settings before the outbox: a digest being made holds them. Then notifications and deliveries in order, as whoever
  -- reads or sends them; a delivery before its device
  delete from public.notification_preferences p where p.user_id = v_id;
  delete from public.notification_settings s where s.user_id = v_id;
  perform from public.notifications n where n.user_id = v_id order by n.id for update;
  perform from private.notification_deliveries d where d.user_id = v_id order by d.id for update;
  delete from private.notification_deliveries d where d.user_id = v_id;
  delete from public.notifications n where n.user_id = v_id;
  delete from private.push_subscriptions s where s.user_id = v_id;
  delete from private.refused_mailboxes m where m.user_id = v_id;
  -- nobody can upload into the folder any more
  delete from private.picture_names n where n.member_id = v_id;

  -- what others were shown of the member; what the member was shown stays for those whose it was
  delete from private.contact_reveals r where r.user_id = v_id;
  delete from public.user_contacts c where c.user_id = v_id;
  delete from public.user_settings s where s.user_id = v_id;
  perform from public.user_blocks b where v_id in (b.blocker_id, b.blocked_id) order by b.blocker_id, b.blocked_id
    for update;
  delete from public.user_blocks b where v_id in (b.blocker_id, b.blocked_id);
  delete from private.recent_actions a where a.user_id = v_id;
  perform from public.lapses l where l.helper_id = v_id order by l.id for update;
  delete from public.lapses l where l.helper_id = v_id;
  delete from private.lapse_totals t where t.user_id = v_id;
end $$;
comment on function private.delete_traces_of(uuid) is
  'Part of an erasure: deletes what only the member needs, and what others were told of them.';

create function private.follow_deleted_login()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- Auth deletes softly, too: the row stays with scrambled addresses and a moment in deleted_at
  if tg_op = 'DELETE' or (to_jsonb(new) ->> 'deleted_at' is not null and to_jsonb(old) ->> 'deleted_at' is null) then
    perform private.erase_member(old.id);
  end if;
  return null;
end $$;
comment on function private.follow_deleted_login() is
  'Trigger on auth.users: deleting the login, also softly, erases the person.';
create trigger member_is_erased after update or delete on auth.users
  for each row execute function private.follow_deleted_login();
