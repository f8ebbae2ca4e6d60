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
