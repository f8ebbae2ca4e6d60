-- Written by npm run db:build from supabase/schemas/privacy/: edit there.

-- schemas/privacy/rules.sql

-- Room: privacy. What happens to a person's data when the account is deleted. The books stay, the person goes.

create function private.erase_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_task       public.tasks;
  v_redemption public.redemptions;
begin
  -- lock: all tasks concerned first, in order; then the member, which a create_task under way may hold
  perform from public.tasks t
  where t.id in (
    select c.id from public.tasks c where c.creator_id = old.id and c.status in ('open', 'assigned', 'in_progress')
    union select h.id from public.tasks h where h.helper_id = old.id and h.status in ('assigned', 'in_progress')
    union select p.id from public.tasks p where p.creator_id = old.id and p.image_paths <> '{}'
    union select o.task_id from public.task_offers o
      where o.helper_id = old.id and o.status in ('pending', 'not_chosen'))
  order by t.id for no key update;
  -- ratings being written by or about the member: whoever writes one holds this row and may go on to the member
  perform from private.rating_totals t where t.user_id = old.id for update;
  -- home and settings before the member, in the order of whoever changes them
  perform from public.user_contacts c where c.user_id = old.id for update;
  perform from public.user_settings s where s.user_id = old.id for update;
  update public.users u set is_active = false where u.id = old.id;
  -- before any point account: the job holds ratings and may wait for accounts
  update public.ratings r set comment = null
  where (r.rater_id = old.id or r.ratee_id = old.id) and r.comment is not null;
  -- what the member is just redeeming, and all redemptions before anything is paid back: whoever ends one holds it and
  -- waits for the account
  perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(old.id::text, 0));
  perform from public.redemptions r where r.user_id = old.id and r.status in ('pending', 'active') order by r.id
    for no key update;

  -- end what is under way, including what was posted or accepted while waiting; finished work that waits for
  -- confirmation is still paid, by its creator or by the deadline
  for v_task in
    select t.* from public.tasks t
    where old.id in (t.creator_id, t.helper_id) and t.status in ('open', 'assigned', 'in_progress')
    order by t.id for no key update
  loop
    if v_task.creator_id = old.id then
      perform private.close_task(v_task, old.id, 'cancelled', 'account_deleted');
    else
      perform private.reopen_task(v_task, old.id, 'account_deleted');
    end if;
  end loop;
  update public.task_offers o set status = 'withdrawn', decided_at = now(), updated_at = now()
  where o.helper_id = old.id and o.status in ('pending', 'not_chosen');
  update public.task_offers o set message = null where o.helper_id = old.id and o.message is not null;

  -- codes nobody can read any more; in order of rewards, because each may free its stock
  for v_redemption in
    select r.* from public.redemptions r where r.user_id = old.id and r.status in ('pending', 'active')
    order by r.reward_id, r.id
  loop
    perform private.end_redemption(v_redemption, 'cancelled', 'account_deleted', v_redemption.points_spent);
  end loop;
  -- the hash stays: an uploaded code that somebody has seen must not come in again
  update private.reward_codes c set ciphertext = '' from public.redemptions r
  where c.redemption_id = r.id and r.user_id = old.id and r.status <> 'used';

  -- the files themselves go through the Storage API: ops.abandoned_pictures lists them from now on
  update public.tasks t set image_paths = '{}' where t.creator_id = old.id and t.image_paths <> '{}';
  -- the stars stay, they are part of the place's mean; the words go
  update public.place_reviews r set comment = null where r.user_id = old.id and r.comment is not null;
  delete from public.preferences p where p.user_id = old.id;
  delete from private.place_authors a where a.user_id = old.id;
  delete from private.suggestion_rounds r where r.creator_id = old.id;
  delete from private.helper_suggestions s where s.user_id = old.id;

  -- settings before the outbox: a digest being made holds them
  delete from public.notification_preferences p where p.user_id = old.id;
  delete from public.notification_settings s where s.user_id = old.id;
  delete from private.push_subscriptions s where s.user_id = old.id;
  delete from public.notifications n where n.user_id = old.id;
  delete from private.notification_deliveries d where d.user_id = old.id;

  delete from public.task_locations l where l.creator_id = old.id;
  delete from public.user_contacts c where c.user_id = old.id;
  delete from public.user_settings s where s.user_id = old.id;
  delete from public.user_blocks b where old.id in (b.blocker_id, b.blocked_id);
  update public.users u
  set name = 'Deleted member', avatar_path = null, bio = null, is_email_verified = false, is_phone_verified = false,
    updated_at = now()
  where u.id = old.id;
  insert into private.audit_log (action, subject_id) values ('member_erased', old.id);
  return null;
end $$;
comment on function private.erase_member() is
  'Trigger on auth.users: deleting the login erases the person. Profile, pictures, contact data, exact places, offer '
  'messages and the comments of ratings by and about them go; tasks under way and unused codes end; ledger and audit '
  'log keep the bare id.';
create trigger member_is_erased after delete on auth.users
  for each row execute function private.erase_member();
