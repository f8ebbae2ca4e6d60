create view ops.conversations with (security_invoker = true) as
select c.offer_id, o.task_id, c.creator_id, c.helper_id, m.messages, m.first_message_at, m.last_message_at,
  c.creator_unread, c.helper_unread
from private.conversations c
join public.task_offers o on o.id = c.offer_id
cross join lateral (
  select count(*) as messages, min(w.created_at) as first_message_at, max(w.created_at) as last_message_at
  from private.messages w where w.offer_id = c.offer_id) m;

comment on view ops.conversations is
  'Who writes to whom, how much and when, for Studio; without a word of what.';
comment on column ops.conversations.messages is 'How many messages it has, deleted ones included.';
comment on column ops.conversations.first_message_at is 'When it began.';
comment on column ops.conversations.last_message_at is 'When somebody wrote last.';
comment on column ops.conversations.creator_unread is 'How many the creator has not read.';
comment on column ops.conversations.helper_unread is 'How many the helper has not read.';

create function ops.audit_messages()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'conversation_counters_differ', c.offer_id::text,
    pg_catalog.format('last %s, unread %s and %s; expected %s, %s and %s', c.last_message_id, c.creator_unread,
      c.helper_unread, m.last_id, m.creator_unread, m.helper_unread)
  from private.conversations c
  cross join lateral (
    select max(w.id) as last_id,
      count(*) filter (where w.recipient_id = c.creator_id and w.id > c.creator_read_id) as creator_unread,
      count(*) filter (where w.recipient_id = c.helper_id and w.id > c.helper_read_id) as helper_unread
    from private.messages w where w.offer_id = c.offer_id) m
  where (c.last_message_id, c.creator_unread, c.helper_unread)
    is distinct from (m.last_id, m.creator_unread, m.helper_unread)
  union all
  select 'conversation_misplaced', c.offer_id::text, pg_catalog.format('%s after %s', c.place, c.last_message_id)
  from private.conversations c where c.place not between 1 and c.last_message_id
  union all
  -- the two sides of the offer, each to the other: what foreign keys would not have said either
  select 'message_by_stranger', m.offer_id::text, m.id::text
  from private.messages m join public.task_offers o on o.id = m.offer_id
  where (m.sender_id, m.recipient_id) not in ((o.creator_id, o.helper_id), (o.helper_id, o.creator_id))
  union all
  select 'conversation_of_others', c.offer_id::text, null
  from private.conversations c join public.task_offers o on o.id = c.offer_id
  where (c.creator_id, c.helper_id) <> (o.creator_id, o.helper_id)
$$;
comment on function ops.audit_messages() is
  'Proves the conversations: counters equal a recount, everybody wrote to whom they may. Reads no words. One row for '
  'each problem, none when everything is right.';
grant execute on function ops.audit_messages() to service_role, app_read;
