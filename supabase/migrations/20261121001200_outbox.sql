-- Written by npm run db:build from supabase/schemas/outbox/: edit there.

-- schemas/outbox/settings.sql

alter table private.settings
  add column outbox_retention_days integer not null default 90,
  -- not before what could not be sent was given up and somebody could look why
  add constraint outbox_retention_days_is_between_7_and_3650 check (outbox_retention_days between 7 and 3650);

comment on column private.settings.outbox_retention_days is
  'Days after which webhook messages, with their payloads and attempts, and deliveries of notifications are forgotten '
  'once they were sent or given up. Until then partners can list and replay webhooks.';

-- schemas/outbox/hosts.sql

-- How the slots of a sender are shared. A slot is one attempt under way. No member or partner, no host, and not all
-- unknown hosts together can hold them all, so that whoever else has something to send finds one.

create table private.outbox_hosts (
  channel      text not null,
  host         text not null,
  share        integer not null default 2,
  slow_streak  integer not null default 0,
  paused_until timestamptz not null default now(),
  used_at      timestamptz not null default now(),
  primary key (channel, host)
) with (fillfactor = 70);

comment on table private.outbox_hosts is
  'How quickly the hosts answer that we send to: push services, mail domains, partners'' servers. No row: unknown. '
  'Forgotten after 30 days without use.';
comment on column private.outbox_hosts.channel is 'email, web_push, webhook, partner_code.';
comment on column private.outbox_hosts.host is 'Name without port; of an e-mail address its domain.';
comment on column private.outbox_hosts.share is
  'Attempts that may be under way at once: one more for each quick success, half for each slow one.';
comment on column private.outbox_hosts.slow_streak is 'Times that it gave no answer in time since it was quick last.';
comment on column private.outbox_hosts.paused_until is 'While it gives no answer, nothing is sent before this moment.';
comment on column private.outbox_hosts.used_at is 'When it was last heard of, to the day.';

create index outbox_hosts_by_use on private.outbox_hosts (used_at);

alter table private.outbox_hosts enable row level security;

create type private.addressee as (channel text, owner_id uuid, host text);
comment on type private.addressee is
  'Whose row of a queue it is (member or partner) and which host it goes to; host null: nowhere.';

create type private.visit as (channel text, host text, target text, is_slow boolean, is_success boolean);
comment on type private.visit is 'How an attempt went at a host; target is the device, mailbox or endpoint there.';

create function private.host_of(url text)
returns text
language sql immutable set search_path = ''
as $$ select pg_catalog.lower(pg_catalog.substring(url, '^[a-zA-Z]+://(?:[^/?#@]*@)?(\[[^]]*\]|[^/?#:]*)')) $$;
comment on function private.host_of(text) is 'Host of an address, without port.';

create function private.is_slow(duration_ms integer)
returns boolean
language sql immutable set search_path = ''
as $$ select coalesce(duration_ms >= 3000, false) $$;
comment on function private.is_slow(integer) is 'Whether an attempt held its slot for long, however it ended.';

create function private.room_at(addressees private.addressee[], under_way private.addressee[], slots integer)
returns table (turn bigint, owner_id uuid, channel text, host text, is_stranger boolean, for_owner bigint,
  for_host bigint, for_strangers bigint, is_slow boolean, paused_until timestamptz)
language sql stable set search_path = ''
as $$
  with s as (
    select greatest(2, slots / 4) as quarter, greatest(2, slots / 2) as half
  ), busy as (
    select u.channel, u.owner_id, u.host, u.host is not null and coalesce(h.share, 2) <= 2 as is_stranger
    from pg_catalog.unnest(under_way) u
    left join private.outbox_hosts h on h.channel = u.channel and h.host = u.host
  ), owners as (
    select b.owner_id, count(*) as n from busy b group by b.owner_id
  ), hosts as (
    select b.channel, b.host, count(*) as n from busy b group by b.channel, b.host
  )
  select a.turn, a.owner_id, a.channel, a.host, a.host is not null and coalesce(h.share, 2) <= 2,
    s.quarter - coalesce(o.n, 0),
    case when a.host is null then s.quarter
      when h.share > 2 then least(h.share, s.half) - coalesce(t.n, 0)
      else least(coalesce(h.share, 2), s.quarter / 2) - coalesce(t.n, 0) end,
    s.quarter - (select count(*) from busy b where b.is_stranger),
    coalesce(h.share, 2) = 1, coalesce(h.paused_until, '-infinity')
  from s cross join pg_catalog.unnest(addressees) with ordinality a (channel, owner_id, host, turn)
  left join private.outbox_hosts h on h.channel = a.channel and h.host = a.host
  left join owners o on o.owner_id = a.owner_id
  left join hosts t on t.channel = a.channel and t.host = a.host
$$;
comment on function private.room_at(private.addressee[], private.addressee[], integer) is
  'How many more attempts may go to each of the addressees, while those to others are under way: for a member or '
  'partner a quarter of the slots, for a host its share and at most half of them, for all strangers together '
  '(hosts that are new or were slow) a quarter, of which one gets half. A quarter and a half are never less than two.';

create function private.admit(addressees private.addressee[], under_way private.addressee[], batch integer)
returns table (turn bigint, channel text, host text, is_admitted boolean, put_back_until timestamptz)
language sql volatile set search_path = ''
as $$
  -- each condition counts only those that passed the ones before it
  with r as (
    select r.*, r.paused_until <= now() and pg_catalog.row_number() over (
      partition by r.paused_until <= now(), r.owner_id order by r.turn) <= r.for_owner as fits_owner
    from private.room_at(addressees, under_way, batch + pg_catalog.cardinality(under_way)) r
  ), h as (
    select r.*, r.fits_owner and (r.host is null or pg_catalog.row_number() over (
      partition by r.fits_owner, r.channel, r.host order by r.turn) <= r.for_host) as fits_host
    from r
  ), s as (
    select h.*, h.fits_host and (not h.is_stranger or pg_catalog.row_number() over (
      partition by h.fits_host, h.is_stranger order by h.turn) <= h.for_strangers) as fits_strangers
    from h
  )
  select s.turn, s.channel, s.host,
    s.fits_strangers and pg_catalog.row_number() over (partition by s.fits_strangers order by s.turn) <= batch,
    case when s.paused_until > now() then s.paused_until + interval '1 minute' * pg_catalog.random()
      when s.fits_strangers or not s.fits_owner then null
      when s.is_slow then now() + interval '1 minute' * (1 + pg_catalog.random())
      when s.fits_host then pg_catalog.clock_timestamp() end
  from s
$$;
comment on function private.admit(private.addressee[], private.addressee[], integer) is
  'Which of the addressees, in their order, get a slot beside those under way, at most a batch. What goes to a host '
  'that is slow, or to a stranger too many, is put back until a moment, so that it is not in front of others again.';

create function private.remember_hosts(visits private.visit[])
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_host record;
begin
  for v_host in
    select v.channel, v.host, count(*) filter (where v.is_success and not v.is_slow)::integer as quick,
      -- one device or endpoint that hangs does not speak for its host
      count(distinct v.target) filter (where v.is_slow)::integer as slow,
      pg_catalog.bool_or(v.is_slow and not v.is_success) as is_silent
    from pg_catalog.unnest(visits) v where v.host is not null and (v.is_success or v.is_slow)
    group by v.channel, v.host order by v.channel, v.host
  loop
    insert into private.outbox_hosts (channel, host) values (v_host.channel, v_host.host)
    on conflict on constraint outbox_hosts_pkey do nothing;
    update private.outbox_hosts h
    set share = greatest(1, least(32, h.share + v_host.quick) >> least(v_host.slow, 8)), used_at = now(),
        slow_streak = case when v_host.slow = 0 then 0 else h.slow_streak + v_host.is_silent::integer end,
        paused_until = case
          when v_host.slow = 0 or v_host.quick > 0 or not v_host.is_silent or h.share > 2 then h.paused_until
          else now() + least(interval '10 minutes', private.retry_delay(h.slow_streak + 1)) end
    where h.channel = v_host.channel and h.host = v_host.host
      -- what is well known is not written again and again; attempts that were under way together count as one
      and case when v_host.slow = 0 then h.share < 32 or h.slow_streak > 0 or h.used_at < now() - interval '1 day'
        else h.paused_until <= now() end;
  end loop;
end $$;
comment on function private.remember_hosts(private.visit[]) is
  'Learns from attempts how quick their hosts are. A host that is allowed only few and lets them all wait in vain is '
  'paused, 10 seconds tripling to 10 minutes.';

create function private.forget_hosts(as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
begin
  failed := 0;
  delete from private.outbox_hosts h
  where (h.channel, h.host) in (
    select o.channel, o.host from private.outbox_hosts o where o.used_at < as_of - interval '30 days'
    order by o.used_at limit batch for update skip locked);
  get diagnostics processed = row_count;
end $$;
comment on function private.forget_hosts(timestamptz, integer) is
  'Job: forgets hosts that nothing was sent to for 30 days.';

insert into private.jobs (job, room, step, every) values
  ('forget_hosts', 'outbox', 110, '1 hour');
-- undo: delete from private.jobs where room = 'outbox';

-- schemas/outbox/queues.sql

-- Room: outbox. What the queues private.webhook_messages, private.notification_deliveries and private.partner_requests
-- share. Each is a table of its own with next_attempt_at (while somebody works on a row: when their lease ends),
-- attempts and last_error. Leases, waits, and the ages at which something is given up and forgotten, are changed here;
-- how slots are shared, in hosts.sql.

create function private.lease_length()
returns interval
language sql immutable set search_path = ''
as $$ select interval '60 seconds' $$;
comment on function private.lease_length() is 'How long somebody who took a row of a queue has it to themselves.';

create function private.give_up_after()
returns interval
language sql immutable set search_path = ''
as $$ select interval '3 days' $$;
comment on function private.give_up_after() is 'The age at which what could not be sent is given up.';

create function private.retry_delay(attempt integer, first_delay interval default '10 seconds')
returns interval
language sql volatile set search_path = ''
as $$
  select least(interval '12 hours', first_delay * pg_catalog.power(3, least(greatest(attempt, 1), 20) - 1))
    * (0.8 + 0.4 * pg_catalog.random())
$$;
comment on function private.retry_delay(integer, interval) is
  'Wait after a failed attempt: the first delay, tripling, at most 12 hours, spread by a fifth either way.';

create function private.lock_due(queue anyelement, is_due text, lanes text[], shares integer[], batch integer)
returns setof anyelement
language plpgsql volatile set search_path = ''
as $$
begin
  return query execute pg_catalog.format($sql$
    select d.*
    from unnest($1, $2) with ordinality l (lane, share, turn)
    cross join lateral (
      select q.* from %s q
      where %s and q.next_attempt_at <= now()
      order by q.next_attempt_at, 1  -- the key is the first column
      limit l.share
      for no key update skip locked) d
    limit $3 $sql$, pg_catalog.pg_typeof(queue), is_due)
  using lanes, shares, batch;
end $$;
comment on function private.lock_due(anyelement, text, text[], integer[], integer) is
  'Locks rows of a queue (a null of its row type) that are due and nobody holds: from each lane in turn the longest '
  'due ones, at most its share, and no more than batch in all. The condition names a row q and its lane l.lane. '
  'Whoever takes them counts the attempt and moves next_attempt_at to the end of their lease.';

create function private.purge_queue(queue regclass, as_of timestamptz, batch integer, is_hopeless text, reason text)
returns integer
language plpgsql volatile set search_path = ''
as $$
declare
  v_until timestamptz := as_of - (select pg_catalog.make_interval(days => s.outbox_retention_days)
    from private.settings s);
  v_count integer;
begin
  execute pg_catalog.format($sql$
    update %1$s q set status = 'dead', last_error = coalesce(q.last_error, $3)
    -- as an array, which is made once: a subquery that is asked again locks the next ones
    where q.id = any (array(
      select o.id from %1$s o
      where o.status = 'pending' and o.created_at < $1 - private.give_up_after() and %2$s
      order by o.created_at limit $2 for no key update skip locked)) $sql$, queue, is_hopeless)
  using as_of, batch, reason;
  execute pg_catalog.format($sql$
    delete from %1$s q
    where q.id = any (array(
      select o.id from %1$s o where o.status <> 'pending' and o.created_at < $1
      order by o.created_at limit $2 for update skip locked)) $sql$, queue)
  using v_until, batch;
  get diagnostics v_count = row_count;
  return v_count;
end $$;
comment on function private.purge_queue(regclass, timestamptz, integer, text, text) is
  'Gives up what waited too long in a queue and is hopeless (a condition on a row o), with a reason if it has none '
  'yet; forgets what ended and is older than outbox_retention_days, and returns how many that were.';
