create function private.sent_before(sender_id uuid, idempotency_key uuid, offer_id uuid, body text)
returns private.messages
language plpgsql stable set search_path = ''
as $$
declare
  v_message private.messages;
begin
  select m.* into v_message from private.messages m
  where m.sender_id = sent_before.sender_id and m.idempotency_key = sent_before.idempotency_key;
  -- what was deleted meanwhile has no words to compare
  if v_message.offer_id <> sent_before.offer_id or v_message.body <> sent_before.body then
    raise exception using errcode = 'PT409', message = 'idempotency_key_reused',
      hint = 'Choose a new key for another message.';
  end if;
  return v_message;
end $$;
comment on function private.sent_before(uuid, uuid, uuid, text) is
  'The message that a member sent with this key; null if none. Raises PT409 idempotency_key_reused for another one.';

create function private.send_message(offer_id uuid, body text, idempotency_key uuid)
returns public.message
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me           uuid := private.require_active_user();
  v_body         text := private.clean_text(send_message.body, 'body', 1, private.max_message_body_length(), true);
  v_settings     private.settings;
  v_offer        public.task_offers;
  v_is_creator   boolean;
  v_conversation private.conversations;
  v_pace         timestamptz;
  v_message      private.messages;
begin
  perform private.require_argument(send_message.idempotency_key is not null, 'idempotency_key');
  select o.* into v_offer from public.task_offers o
  where o.id = send_message.offer_id and v_me in (o.creator_id, o.helper_id);
  if not found then
    raise exception using errcode = 'PT404', message = 'offer_not_found', hint = 'There is no such offer.';
  end if;
  v_is_creator := v_me = v_offer.creator_id;

  -- lock: the sender, so that repetitions wait for each other, and neither a block nor an erasure passes
  perform private.lock_member(v_me);
  v_message := private.sent_before(v_me, send_message.idempotency_key, v_offer.id, v_body);
  if v_message.id is not null then
    return private.shown(v_message);
  end if;
  if not private.is_conversation_open(v_offer.id) then
    raise exception using errcode = 'PT409', message = 'conversation_closed',
      hint = 'Nothing can be written here any more; what was written can still be read.';
  end if;
  select s.* into v_settings from private.settings s;
  select p.pace into v_pace from private.message_paces p where p.user_id = v_me;
  perform private.check_pace(v_pace, v_settings.message_limit_per_hour, 'message_limit_reached');
  -- lock: the conversation, so that ids are given in the order in which messages show
  select c.* into v_conversation from private.conversations c where c.offer_id = v_offer.id for no key update;
  if not found then
    insert into private.conversations (offer_id, creator_id, helper_id)
    values (v_offer.id, v_offer.creator_id, v_offer.helper_id)
    on conflict on constraint conversations_pkey do nothing;
    select c.* into v_conversation from private.conversations c where c.offer_id = v_offer.id for no key update;
  end if;
  perform private.check_pace(case when v_is_creator then v_conversation.creator_pace
      else v_conversation.helper_pace end,
    v_settings.conversation_message_limit_per_hour, 'conversation_limit_reached');

  -- act
  insert into private.message_paces as p (user_id, pace)
  values (v_me, private.next_pace(v_pace, v_settings.message_limit_per_hour))
  on conflict on constraint message_paces_pkey do update set pace = excluded.pace;
  v_message.id := pg_catalog.nextval('private.message_ids');
  update private.conversations c
  set last_message_id = v_message.id,
    place          = case when private.stands_first(v_conversation) and c.place > 0 then c.place else v_message.id end,
    creator_unread = c.creator_unread + (not v_is_creator)::integer,
    helper_unread  = c.helper_unread + v_is_creator::integer,
    creator_pace   = case when not v_is_creator then c.creator_pace
      else private.next_pace(c.creator_pace, v_settings.conversation_message_limit_per_hour) end,
    helper_pace    = case when v_is_creator then c.helper_pace
      else private.next_pace(c.helper_pace, v_settings.conversation_message_limit_per_hour) end
  where c.offer_id = v_offer.id;
  insert into private.messages (offer_id, id, sender_id, recipient_id, body, idempotency_key)
  values (v_offer.id, v_message.id, v_me, case when v_is_creator then v_offer.helper_id else v_offer.creator_id end,
    v_body, send_message.idempotency_key)
  returning * into v_message;
  return private.shown(v_message);
end $$;
grant execute on function private.send_message(uuid, text, uuid) to authenticated;

create function public.send_message(offer_id uuid, body text, idempotency_key uuid)
returns public.message
language plpgsql volatile set search_path = ''
as $$ begin return private.send_message(offer_id, body, idempotency_key); end $$;
comment on function public.send_message(uuid, text, uuid) is
  'Writes to the other side of an offer, 1 to 2000 characters, and returns the message; the same key gives the same '
  'message, however often it is sent. Ends 14 days after the task ended, and when either side blocks the other or '
  'leaves. detail of the limits is retry_after=<seconds>. Errors: offer_not_found, conversation_closed, text_blank, '
  'text_too_long, text_has_control_characters, validation_failed, idempotency_key_reused, message_limit_reached, '
  'conversation_limit_reached, not_signed_in, user_banned, user_inactive.';
grant execute on function public.send_message(uuid, text, uuid) to authenticated;

create function private.delete_message(offer_id uuid, message_id bigint)
returns public.message
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me      uuid := private.require_active_user();
  v_message private.messages;
begin
  select m.* into v_message from private.messages m
  where m.offer_id = delete_message.offer_id and m.id = delete_message.message_id and m.sender_id = v_me
  for no key update;
  if not found then
    raise exception using errcode = 'PT404', message = 'message_not_found', hint = 'There is no such message of yours.';
  end if;
  if v_message.deleted_at is not null then
    return private.shown(v_message);
  end if;
  if v_message.created_at <= now() - private.max_take_back_minutes() * interval '1 minute' then
    raise exception using errcode = 'PT409', message = 'message_final',
      hint = format('A message can be taken back for %s minutes.', private.max_take_back_minutes());
  end if;
  update private.messages m set body = null, deleted_at = now()
  where m.offer_id = v_message.offer_id and m.id = v_message.id
  returning m.* into v_message;
  return private.shown(v_message);
end $$;
grant execute on function private.delete_message(uuid, bigint) to authenticated;

create function public.delete_message(offer_id uuid, message_id bigint)
returns public.message
language plpgsql volatile set search_path = ''
as $$ begin return private.delete_message(offer_id, message_id); end $$;
comment on function public.delete_message(uuid, bigint) is
  'Takes a message of the caller''s back, for both sides and within 15 minutes, and returns it: its words go, a mark '
  'stays; repeating it changes nothing. Errors: message_not_found, message_final, not_signed_in, user_banned, '
  'user_inactive.';
grant execute on function public.delete_message(uuid, bigint) to authenticated;

create function private.mark_conversation_read(offer_id uuid, up_to bigint)
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me           uuid := private.require_conversation(offer_id);
  v_conversation private.conversations;
  v_is_creator   boolean;
  v_read_id      bigint;
  v_unread       integer;
  v_left         integer;
begin
  -- lock: a message that comes meanwhile counts itself afterwards
  select c.* into v_conversation from private.conversations c
  where c.offer_id = mark_conversation_read.offer_id for no key update;
  perform private.require_member();  -- deleted while this waited
  v_is_creator := v_me = v_conversation.creator_id;
  v_unread := case when v_is_creator then v_conversation.creator_unread else v_conversation.helper_unread end;
  v_read_id := least(coalesce(mark_conversation_read.up_to, v_conversation.last_message_id),
    v_conversation.last_message_id);
  if coalesce(v_unread, 0) = 0
     or v_read_id <= (case when v_is_creator then v_conversation.creator_read_id
       else v_conversation.helper_read_id end) then
    return 0;
  end if;
  v_left := case when v_read_id = v_conversation.last_message_id then 0 else (
    select count(*) from private.messages m
    where m.offer_id = v_conversation.offer_id and m.id > v_read_id and m.recipient_id = v_me) end;
  update private.conversations c
  set creator_read_id = case when v_is_creator then v_read_id else c.creator_read_id end,
    creator_unread    = case when v_is_creator then v_left else c.creator_unread end,
    helper_read_id    = case when v_is_creator then c.helper_read_id else v_read_id end,
    helper_unread     = case when v_is_creator then c.helper_unread else v_left end
  where c.offer_id = v_conversation.offer_id;
  return v_unread - v_left;
end $$;
grant execute on function private.mark_conversation_read(uuid, bigint) to authenticated;

create function public.mark_conversation_read(offer_id uuid, up_to bigint default null)
returns integer
language plpgsql volatile set search_path = ''
as $$ begin return private.mark_conversation_read(offer_id, up_to); end $$;
comment on function public.mark_conversation_read(uuid, bigint) is
  'Marks the messages of a conversation as read by the caller, up to one that was shown, or all of them, and returns '
  'how many became read; repeating it, and earlier ones, change nothing. Errors: offer_not_found, not_signed_in, '
  'user_inactive.';
grant execute on function public.mark_conversation_read(uuid, bigint) to authenticated;

create function private.update_message_settings(show_read_marks boolean, show_text boolean)
returns public.message_settings
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me       uuid := private.require_member();
  v_settings public.message_settings;
begin
  perform private.lock_member_for_share(v_me);
  insert into public.message_settings as s (user_id, show_read_marks, show_text)
  values (v_me, coalesce(update_message_settings.show_read_marks, false),
    coalesce(update_message_settings.show_text, false))
  on conflict on constraint message_settings_pkey do update
    set show_read_marks = coalesce(update_message_settings.show_read_marks, s.show_read_marks),
      show_text         = coalesce(update_message_settings.show_text, s.show_text)
  returning s.* into v_settings;
  return v_settings;
end $$;
grant execute on function private.update_message_settings(boolean, boolean) to authenticated;

create function public.update_message_settings(show_read_marks boolean default null, show_text boolean default null)
returns public.message_settings
language plpgsql volatile set search_path = ''
as $$ begin return private.update_message_settings(show_read_marks, show_text); end $$;
comment on function public.update_message_settings(boolean, boolean) is
  'Changes what the caller chose about messages and returns it; null leaves a choice as it is. Errors: not_signed_in, '
  'user_inactive.';
grant execute on function public.update_message_settings(boolean, boolean) to authenticated;
