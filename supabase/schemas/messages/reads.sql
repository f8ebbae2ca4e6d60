create function private.list_messages(offer_id uuid, page_size integer, after bigint, oldest_first boolean)
returns setof public.message
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_limit integer := private.clamp_page_size(page_size);
begin
  perform private.require_conversation(list_messages.offer_id);
  if oldest_first then
    return query
      select s.* from private.messages m cross join lateral private.shown(m) s
      where m.offer_id = list_messages.offer_id and m.id > coalesce(list_messages.after, 0)
      order by m.id limit v_limit;
  else
    return query
      select s.* from private.messages m cross join lateral private.shown(m) s
      where m.offer_id = list_messages.offer_id and m.id < coalesce(list_messages.after, 9223372036854775807)
      order by m.id desc limit v_limit;
  end if;
end $$;
grant execute on function private.list_messages(uuid, integer, bigint, boolean) to authenticated;

create function public.list_messages(offer_id uuid, page_size integer default null, after bigint default null,
  oldest_first boolean default false)
returns setof public.message
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from private.list_messages(offer_id, page_size, after, oldest_first);
end $$;
comment on function public.list_messages(uuid, integer, bigint, boolean) is
  'The messages of the conversation that an offer names, newest first, or oldest first to catch up. page_size is '
  'clamped; for the next page, in either direction, pass the id of the last row as after. Both sides read for ever, '
  'also when writing has ended. Errors: offer_not_found, not_signed_in, user_inactive.';
grant execute on function public.list_messages(uuid, integer, bigint, boolean) to authenticated;

create function private.list_conversations(page_size integer, after bigint, only_offer_id uuid)
returns table (offer_id uuid, task_id uuid, task_title text, other_id uuid, other_name text, other_avatar_path text,
  is_open boolean, unread_count integer, last_message_id bigint, last_body text, last_sender_id uuid,
  last_message_at timestamptz, own_read_id bigint, other_read_id bigint, cursor bigint)
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me     uuid := private.require_member();
  v_limit  integer := private.clamp_page_size(page_size);
  v_before bigint := coalesce(list_conversations.after, 9223372036854775807);
  v_marks  boolean := (select s.show_read_marks from public.message_settings s where s.user_id = v_me);
begin
  return query
    with listed as (
      -- a branch for each index
      (select c.* from private.conversations c
       where only_offer_id is null and c.creator_id = v_me and c.place < v_before
       order by c.place desc limit v_limit)
      union all
      (select c.* from private.conversations c
       where only_offer_id is null and c.helper_id = v_me and c.place < v_before
       order by c.place desc limit v_limit)
      union all
      (select c.* from private.conversations c
       where c.offer_id = only_offer_id and v_me in (c.creator_id, c.helper_id) and c.place < v_before)
    )
    select c.offer_id, t.id, t.title, u.id, u.name, u.avatar_path, private.is_conversation_open(c.offer_id), s.unread,
      m.id, m.body, m.sender_id, m.created_at, s.read_id, case when v_marks and u.is_active and exists (
        select from public.message_settings w where w.user_id = u.id and w.show_read_marks) then s.other_read_id end,
      c.place
    from (select l.* from listed l order by l.place desc limit v_limit) c
    cross join lateral (
      select c.helper_id as other_id, c.creator_unread as unread, c.creator_read_id as read_id,
        c.helper_read_id as other_read_id where c.creator_id = v_me
      union all
      select c.creator_id, c.helper_unread, c.helper_read_id, c.creator_read_id where c.helper_id = v_me) s
    join public.users u on u.id = s.other_id
    join public.task_offers o on o.id = c.offer_id
    join public.tasks t on t.id = o.task_id
    join private.messages m on m.offer_id = c.offer_id and m.id = c.last_message_id
    order by c.place desc;
end $$;
grant execute on function private.list_conversations(integer, bigint, uuid) to authenticated;

create function public.list_conversations(page_size integer default null, after bigint default null,
  only_offer_id uuid default null)
returns table (offer_id uuid, task_id uuid, task_title text, other_id uuid, other_name text, other_avatar_path text,
  is_open boolean, unread_count integer, last_message_id bigint, last_body text, last_sender_id uuid,
  last_message_at timestamptz, own_read_id bigint, other_read_id bigint, cursor bigint)
language plpgsql stable set search_path = ''
as $$
begin
  return query select * from private.list_conversations(page_size, after, only_offer_id);
end $$;
comment on function public.list_conversations(integer, bigint, uuid) is
  'The caller''s conversations that have a message, or one of them by its offer, last written to first, each with its '
  'task, the other side and the last message, whose body is null when deleted. is_open tells whether something can '
  'still be written. own_read_id and other_read_id are the newest messages read, the other side''s only where both '
  'show read marks. page_size is clamped; for the next page pass the cursor of the last row as after. May be null: '
  'other_avatar_path, last_body, other_read_id. Errors: not_signed_in, user_inactive.';
grant execute on function public.list_conversations(integer, bigint, uuid) to authenticated;

create function private.count_unread_messages()
returns integer
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  return coalesce((select sum(c.creator_unread) from private.conversations c where c.creator_id = v_me), 0)
    + coalesce((select sum(c.helper_unread) from private.conversations c where c.helper_id = v_me), 0);
end $$;
grant execute on function private.count_unread_messages() to authenticated;

create function public.count_unread_messages()
returns integer
language plpgsql stable set search_path = ''
as $$ begin return private.count_unread_messages(); end $$;
comment on function public.count_unread_messages() is
  'How many messages in all of the caller''s conversations are unread. Errors: not_signed_in, user_inactive.';
grant execute on function public.count_unread_messages() to authenticated;

create function private.has_written(task_id uuid, user_id uuid, since timestamptz)
returns boolean
language sql stable set search_path = ''
as $$
  select exists (
    select from public.task_offers o
    join private.messages m on m.offer_id = o.id
    where o.task_id = has_written.task_id and has_written.user_id in (o.creator_id, o.helper_id)
      and m.sender_id = has_written.user_id and m.created_at >= has_written.since)
$$;
comment on function private.has_written(uuid, uuid, timestamptz) is
  'Whether a member has sent a message in a conversation of a task since a moment; deleted ones count.';

create function private.first_unread_text(user_id uuid, offer_id uuid)
returns text
language sql stable set search_path = ''
as $$
  select m.body from private.conversations c join private.messages m on m.offer_id = c.offer_id
  where c.offer_id = first_unread_text.offer_id and m.recipient_id = first_unread_text.user_id
    and m.id > case c.creator_id when first_unread_text.user_id then c.creator_read_id else c.helper_read_id end
    and m.deleted_at is null
  order by m.id limit 1
$$;
comment on function private.first_unread_text(uuid, uuid) is
  'The oldest message of a conversation that a member has not read and that was not deleted; null if there is none.';
