create function private.require_conversation(offer_id uuid)
returns uuid
language plpgsql stable set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  perform from public.task_offers o
  where o.id = require_conversation.offer_id and v_me in (o.creator_id, o.helper_id);
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  return v_me;
end $$;
comment on function private.require_conversation(uuid) is
  'Id of the calling member, banned or not, who is one of the two sides of an offer. Raises PT401 not_signed_in, PT403 '
  'user_inactive, PT404 offer_not_found.';

create function private.is_conversation_open(offer_id uuid)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- plpgsql keeps its plan; a list asks for each of its rows
  return (
    select coalesce(t.completed_at, t.closed_at, now()) > now() - interval '14 days'
      and not private.are_blocked(o.creator_id, o.helper_id)
      and not exists (select from public.users u where u.id in (o.creator_id, o.helper_id) and not u.is_active)
    from public.task_offers o join public.tasks t on t.id = o.task_id
    where o.id = is_conversation_open.offer_id);
end $$;
comment on function private.is_conversation_open(uuid) is
  'Whether the two sides of an offer may write to each other: until 14 days after the task ended, while neither blocks '
  'the other and both are there.';

create function private.next_pace(pace timestamptz, per_hour integer)
returns timestamptz
language sql volatile set search_path = ''
as $$
  -- by the clock: whoever waited for a lock began before the message they waited for. Rounded down, so that as many
  -- as allowed fit into the hour
  select greatest(pace, pg_catalog.clock_timestamp())
    + pg_catalog.floor(3.6e9 / greatest(per_hour, 1)) * interval '1 microsecond'
$$;
comment on function private.next_pace(timestamptz, integer) is
  'What may be done per_hour times in a row and comes back one by one within an hour is kept as one moment: when all '
  'of it is back. This is the moment after doing it once more.';

create function private.check_pace(pace timestamptz, per_hour integer, slug text)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_wait interval := private.next_pace(pace, per_hour) - pg_catalog.clock_timestamp() - interval '1 hour';
begin
  if per_hour < 1 or v_wait > interval '0' then
    raise exception using errcode = 'PT429', message = slug,
      detail = 'retry_after=' || case when per_hour < 1 then 3600 else pg_catalog.ceil(extract(epoch from v_wait)) end,
      hint = 'You are writing very fast. Please wait for as many seconds as retry_after says.';
  end if;
end $$;
comment on function private.check_pace(timestamptz, integer, text) is
  'Raises PT429 with this slug, and retry_after in seconds as detail, unless private.next_pace lets it be done once '
  'more. Exact while the row that keeps the moment is locked.';

create function private.stands_first(conversation private.conversations)
returns boolean
language sql stable set search_path = ''
as $$
  select not exists (select from private.conversations c
      where c.creator_id = conversation.creator_id and c.place > conversation.place)
    and not exists (select from private.conversations c
      where c.helper_id = conversation.creator_id and c.place > conversation.place)
    and not exists (select from private.conversations c
      where c.creator_id = conversation.helper_id and c.place > conversation.place)
    and not exists (select from private.conversations c
      where c.helper_id = conversation.helper_id and c.place > conversation.place)
$$;
comment on function private.stands_first(private.conversations) is
  'Whether a conversation is the first in the lists of both sides, who may be creator or helper in others.';
