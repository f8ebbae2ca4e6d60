create function private.helper_reminders(as_of timestamptz)
returns table (user_id uuid, type text, task_id uuid, actor_id uuid, key text)
language sql stable set search_path = ''
as $$
  -- for a week each, as a run after a long pause does not remind of the past
  select p.user_id, d.type, t.id, p.actor_id,
    pg_catalog.format('%s %s %s', d.type, t.id, extract(epoch from w.expected_at)::bigint)
  from private.settings s
  cross join lateral (values
    ('start_reminder', '{assigned}'::text[], interval '0'),
    ('start_overdue', '{assigned}', pg_catalog.make_interval(hours => s.replace_grace_hours)),
    ('task_unended', '{assigned,in_progress}', pg_catalog.make_interval(days => s.unended_task_days))
  ) d (type, statuses, delay)
  join private.tasks_under_way w
    on w.expected_at <= as_of - d.delay and w.expected_at > as_of - d.delay - interval '7 days'
  join public.tasks t on t.id = w.task_id and t.status = any (d.statuses)
  cross join lateral (values
    (t.creator_id, t.helper_id, d.type <> 'start_reminder'), (t.helper_id, t.creator_id, d.type <> 'start_overdue')
  ) p (user_id, actor_id, is_told)
  where p.is_told
$$;
comment on function private.helper_reminders(timestamptz) is
  'Who is to be reminded of tasks under way: the helper when they are expected, the creator when the helper may be '
  'replaced, both when nobody ends it.';

create function private.remind_of_deadlines(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  -- reminders only of what is still to come: a run after a long pause does not remind of the past
  failed := 0;
  insert into public.notifications (user_id, type, task_id, redemption_id, actor_id, dedupe_key)
  select r.* from (
    select t.creator_id, 'confirmation_reminder', t.id, null::uuid, t.helper_id,
      pg_catalog.format('confirm %s %s %s', t.id, extract(epoch from p.finished_at)::bigint, d.days) as key
    from (values (3, 10), (10, 1000)) d (days, until)
    join private.pending_confirmations p
      on p.finished_at <= as_of - pg_catalog.make_interval(days => d.days)
        and p.finished_at > as_of - pg_catalog.make_interval(days => d.until)
    join public.tasks t on t.id = p.task_id and t.status = 'pending_confirmation'
    union all
    select o.creator_id, 'task_expires_soon', o.task_id, null, null,
      pg_catalog.format('expiry %s %s', o.task_id, extract(epoch from o.expires_at)::bigint)
    from private.open_tasks o
    where o.expires_at > as_of and o.expires_at <= as_of + interval '24 hours'
      and o.created_at <= o.expires_at - interval '24 hours'
    union all
    select h.user_id, h.type, h.task_id, null, h.actor_id, h.key from private.helper_reminders(as_of) h
    union all
    -- a day before, or two hours before what was given away later than that
    select m.user_id, 'task_starts_soon', t.id, null, null,
      pg_catalog.format('start %s %s', t.id, extract(epoch from t.starts_at)::bigint)
    from public.tasks t cross join lateral (values (t.creator_id), (t.helper_id)) m (user_id)
    where t.starts_at > as_of and t.starts_at <= as_of + interval '24 hours' and t.status = 'assigned'
      and t.assigned_at <= t.starts_at - interval '2 hours'
      and (t.assigned_at <= t.starts_at - interval '24 hours' or t.starts_at <= as_of + interval '2 hours')
    union all
    select c.user_id, 'code_expires_soon', null, c.id, null, pg_catalog.format('code %s', c.id)
    from public.redemptions c
    where c.status = 'active' and c.expires_at > as_of and c.expires_at <= as_of + interval '3 days'
      and c.redeemed_at <= c.expires_at - interval '3 days'
  ) r (user_id, type, task_id, redemption_id, actor_id, key)
  where not exists (select from public.notifications n where n.user_id = r.user_id and n.dedupe_key = r.key)
  limit batch
  on conflict (user_id, dedupe_key) where dedupe_key is not null do nothing;
  get diagnostics processed = row_count;
end $$;
comment on function private.remind_of_deadlines(timestamptz, integer) is
  'Job: reminds members of deadlines, of starts, and of tasks under way.';

create function private.queue_notifications(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_notification public.notifications;
begin
  processed := 0; failed := 0;
  for v_notification in
    -- what a member is just reading comes with the next run, if it is still unread; so does what is told to members who
    -- are busy, which may be an erasure
    select n.* from public.notifications n join public.users u on u.id = n.user_id
    where n.queued_at is null order by n.id limit batch
    for no key update of n skip locked for share of u skip locked
  loop
    begin
      perform private.queue_notification(v_notification);
      processed := processed + 1;
    exception when others then  -- one bad row must not hold up the others; it is reported and tried again next time
      failed := failed + 1;
      raise warning 'notification % could not be queued: % %', v_notification.id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.queue_notifications(timestamptz, integer) is
  'Job: puts new notifications into the outbox.';

create function private.queue_digests(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_settings public.notification_settings;
  v_newest   bigint;
begin
  processed := 0; failed := 0;
  for v_settings in
    select s.* from public.notification_settings s
    where s.next_digest_at <= as_of order by s.next_digest_at limit batch for no key update skip locked
  loop
    begin
      select max(n.id) into v_newest from public.notifications n
        where n.user_id = v_settings.user_id and n.id > v_settings.digested_id and n.read_at is null;
      if v_newest is not null and v_settings.is_email_enabled then
        insert into private.notification_deliveries (user_id, channel, kind, after_id, next_attempt_at)
        values (v_settings.user_id, 'email', 'digest', v_settings.digested_id,
          private.may_be_sent_at(v_settings.user_id, now()));
      end if;
      update public.notification_settings s
      set next_digest_at = private.next_digest_at(s.user_id, as_of), digested_id = coalesce(v_newest, s.digested_id)
      where s.user_id = v_settings.user_id;
      processed := processed + 1;
    exception when others then  -- as above
      failed := failed + 1;
      raise warning 'the digest of member % could not be queued: % %', v_settings.user_id, sqlstate, sqlerrm;
    end;
  end loop;
end $$;
comment on function private.queue_digests(timestamptz, integer) is
  'Job: puts weekly digests into the outbox.';

create function private.purge_deliveries(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  -- old news is no news: where mail was not set up for days, its first mails are not about last month
  failed := 0;
  processed := private.purge_queue('private.notification_deliveries', as_of, batch, 'true', 'too old');
end $$;
comment on function private.purge_deliveries(timestamptz, integer) is
  'Job: gives up deliveries that waited for 3 days, and forgets them after outbox_retention_days.';

create function private.forget_notifications(as_of timestamptz, batch integer, out processed integer,
  out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from public.notifications n
  where (n.user_id, n.id) in (
    select o.user_id, o.id from public.notifications o
    where o.queued_at < as_of - (select pg_catalog.make_interval(days => s.notification_retention_days)
        from private.settings s)
      -- a sender may hold a delivery, and a delete would wait for it
      and not exists (select from private.notification_deliveries d
        where (d.user_id, d.notification_id) = (o.user_id, o.id))
    order by o.queued_at limit batch for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.forget_notifications(timestamptz, integer) is
  'Job: forgets notifications, read or not, notification_retention_days after they came.';

create function private.has_work_for_send_notifications()
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from private.notification_deliveries d where d.status = 'pending' and d.next_attempt_at <= now())
$$;
comment on function private.has_work_for_send_notifications() is 'Whether an e-mail or a push is waiting for its turn.';

insert into private.jobs (job, room, step, every) values
  ('remind_of_deadlines', 'notifications', 100, '1 minute'),
  ('queue_notifications', 'notifications', 101, '1 minute'),
  ('queue_digests', 'notifications', 102, '1 minute'),
  ('purge_deliveries', 'notifications', 103, '1 hour'),
  ('forget_notifications', 'notifications', 104, '1 hour');
-- undo: delete from private.jobs where room = 'notifications';

insert into private.jobs (job, room, runs_in) values ('send_notifications', 'notifications', 'function');
-- undo: nothing
