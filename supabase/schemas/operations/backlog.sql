-- Monitoring: what waits in the queues of room outbox, and what was given up.

create index webhook_messages_given_up on private.webhook_messages (created_at) where status = 'dead';
create index notification_deliveries_given_up on private.notification_deliveries (channel, created_at)
  where status = 'dead';

create function private.lately()
returns timestamptz
language sql stable set search_path = ''
as $$ select now() - private.give_up_after() - interval '1 day' $$;
comment on function private.lately() is
  'What was made since then and given up is news: what was given up for its age may be a day old.';

create function ops.list_outbox_backlog()
returns table (queue text, pending bigint, due bigint, oldest_due_at timestamptz, waits_seconds numeric, dead bigint,
  dead_lately bigint)
-- by the partial indexes, which hold only what waits or was given up, however much was sent; compiling costs more
language sql stable security definer set search_path = '' set enable_seqscan = off set jit = off
as $$
  with q as (
    select 'webhooks' as queue, count(*) as pending,
      count(*) filter (where m.next_attempt_at <= now() and e.is_enabled and e.paused_until <= now()) as due,
      min(m.next_attempt_at) filter (where m.next_attempt_at <= now() and e.is_enabled and e.paused_until <= now())
        as oldest_due_at, d.dead, d.dead_lately
    from (select count(*) as dead, count(*) filter (where g.created_at > private.lately()) as dead_lately
          from private.webhook_messages g where g.status = 'dead') d
    left join (private.webhook_messages m join private.webhook_endpoints e on e.id = m.endpoint_id)
      on m.status = 'pending'
    group by d.dead, d.dead_lately
    union all
    select c.queue, p.pending, p.due, p.oldest_due_at, d.dead, d.dead_lately
    from (values ('email'), ('web_push')) c (queue)
    cross join lateral (
      select count(*) as pending, count(*) filter (where w.next_attempt_at <= now()) as due,
        min(w.next_attempt_at) filter (where w.next_attempt_at <= now()) as oldest_due_at
      from private.notification_deliveries w where w.status = 'pending' and w.channel = c.queue) p
    cross join lateral (
      select count(*) as dead, count(*) filter (where g.created_at > private.lately()) as dead_lately
      from private.notification_deliveries g where g.status = 'dead' and g.channel = c.queue) d
    union all
    -- rows that wait are all there are: the others are redemptions with a code, or refunded
    select 'partner_codes', count(*), count(*) filter (where r.next_attempt_at <= now() and r.deadline_at > now()),
      min(r.next_attempt_at) filter (where r.next_attempt_at <= now() and r.deadline_at > now()), 0, 0
    from private.partner_requests r
  )
  select q.queue, q.pending, q.due, q.oldest_due_at, coalesce(private.seconds_since(q.oldest_due_at), 0), q.dead,
    q.dead_lately
  from q order by 1
$$;
comment on function ops.list_outbox_backlog() is 'The rows of ops.outbox_backlog.';
grant execute on function ops.list_outbox_backlog() to service_role, app_read;

create view ops.outbox_backlog with (security_invoker = true) as select * from ops.list_outbox_backlog();
comment on view ops.outbox_backlog is
  'How the queues of room outbox are doing: one row each, also when nothing waits.';
comment on column ops.outbox_backlog.queue is 'webhooks, email, web_push, partner_codes.';
comment on column ops.outbox_backlog.pending is 'Waiting, for their time or after a failure.';
comment on column ops.outbox_backlog.due is
  'Waiting although their time has come; without webhooks to endpoints that are disabled or paused.';
comment on column ops.outbox_backlog.oldest_due_at is 'Since when the oldest of these is due.';
comment on column ops.outbox_backlog.waits_seconds is
  'The same in seconds. Long: nobody calls the function that sends, or the channel is not set up.';
comment on column ops.outbox_backlog.dead is 'Given up; forgotten after 90 days.';
comment on column ops.outbox_backlog.dead_lately is 'Given up, of the last four days: most can still be sent again.';
grant select on ops.outbox_backlog to service_role, app_read;

create function private.alerts_of_backlog()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  with b as materialized (select b.* from ops.list_outbox_backlog() b)
  select 'outbox_waits', max(b.waits_seconds),
    pg_catalog.string_agg(pg_catalog.format('%s: %s due', b.queue, b.due), ', ' order by b.queue)
      filter (where b.due > 0)
  from b
  union all
  select 'dead_letters', pg_catalog.sum(b.dead_lately),
    pg_catalog.string_agg(pg_catalog.format('%s: %s', b.queue, b.dead_lately), ', ' order by b.queue)
      filter (where b.dead_lately > 0)
  from b
$$;
comment on function private.alerts_of_backlog() is 'Part of ops.alerts: what is not sent.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('outbox_waits', 600, 3600, 'seconds',
   'How long the oldest message has been due: see ops.outbox_backlog. Nobody calls the function that sends, or e-mail '
   'or push is not set up.'),
  ('dead_letters', 10, 100, 'messages',
   'Messages of the last four days that were given up: see ops.outbox_backlog, ops.webhook_endpoints_health and '
   'ops.notification_outbox. Mend the cause, then send them again.');
