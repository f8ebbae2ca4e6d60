-- Written by npm run db:build from supabase/schemas/messages/: edit there.

-- schemas/messages/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_message_body_length() returns integer language sql immutable set search_path = ''
  return 2000;
comment on function private.max_message_body_length() is 'Most characters of a message in a conversation.';

create function private.max_take_back_minutes() returns integer language sql immutable set search_path = '' return 15;
comment on function private.max_take_back_minutes() is 'How long a message can be taken back, in minutes.';

-- schemas/messages/tables.sql

-- Room: messages. What the creator of a task and a member who offered help write to each other. A conversation is named
-- by the offer; its row is made by the first message, so that offering help costs nothing more. Lock order: the
-- sender's row in users -> message_paces -> conversations -> messages -> notifications.

create sequence private.message_ids;

create table private.conversations (
  offer_id          uuid primary key references public.task_offers (id) on delete restrict,
  creator_id        uuid not null references public.users (id) on delete restrict,
  helper_id         uuid not null references public.users (id) on delete restrict,
  place             bigint not null default 0,
  last_message_id   bigint not null default 0,
  creator_read_id   bigint not null default 0,
  helper_read_id    bigint not null default 0,
  creator_unread    integer not null default 0,
  helper_unread     integer not null default 0,
  creator_pace      timestamptz not null default now(),
  helper_pace       timestamptz not null default now(),
  checked_at        timestamptz not null default now(),
  constraint unread_is_not_negative check (creator_unread >= 0 and helper_unread >= 0)
) with (fillfactor = 70);

comment on table private.conversations is
  'One row for each conversation that has a message: who reads how far, and where it stands in both sides'' lists.';
comment on column private.conversations.creator_id is 'Creator of the task, as in the offer.';
comment on column private.conversations.helper_id is 'Who offered help, as in the offer.';
comment on column private.conversations.place is
  'Order in the lists of both sides, highest first: the message with which it last overtook another conversation. '
  'Indexed, and so left alone while it stands first anyway: a message then writes no index of this table.';
comment on column private.conversations.last_message_id is 'Its newest message.';
comment on column private.conversations.creator_read_id is 'Newest message that the creator has read; 0 for none.';
comment on column private.conversations.helper_read_id is 'Newest message that the helper has read; 0 for none.';
comment on column private.conversations.creator_unread is 'Messages of the helper after creator_read_id.';
comment on column private.conversations.helper_unread is 'Messages of the creator after helper_read_id.';
comment on column private.conversations.creator_pace is
  'When everything that the limit lets the creator write here has come back: private.next_pace.';
comment on column private.conversations.helper_pace is 'The same for the helper.';
comment on column private.conversations.checked_at is
  'Nothing is older than this or the last message, whichever is later, counts from: when to look whether it is to be '
  'forgotten.';

create index conversations_by_creator on private.conversations (creator_id, place);
create index conversations_by_helper on private.conversations (helper_id, place);
create index conversations_to_check on private.conversations (checked_at);

alter table private.conversations enable row level security;

-- no foreign keys to members: each would look up a row for every message, and the two sides are those of the offer
create table private.messages (
  offer_id        uuid not null references private.conversations (offer_id) on delete restrict,
  id              bigint not null,
  sender_id       uuid not null,
  recipient_id    uuid not null,
  body            text,
  idempotency_key uuid not null,
  created_at      timestamptz not null default now(),
  deleted_at      timestamptz,
  primary key (offer_id, id),
  constraint body_has_1_to_2000_characters check (char_length(body) between 1 and 2000),
  constraint body_is_there_or_deleted check ((body is null) = (deleted_at is not null))
);

comment on table private.messages is
  'What the creator of a task and a member who offered help wrote to each other, which these two alone read, through '
  'list_messages: not the secret key, and nobody by a question to the table, which would read all of it or tell '
  '(Prefer: count=planned) who writes much.';
comment on column private.messages.body is 'Plain text, 1 to 2000 characters. Null once deleted.';
comment on column private.messages.idempotency_key is
  'Chosen by the sender''s app: a repetition with the same key is the same message.';
comment on column private.messages.deleted_at is
  'When its sender took it back, or left; null while it is there.';

-- finds a repetition, and what an erasure blanks; nothing else is indexed, because every message writes it
create unique index message_is_sent_once on private.messages (sender_id, idempotency_key);

alter table private.messages enable row level security;
-- A table only in name: its row is what clients read of a message.
create table public.message (
  offer_id     uuid not null,
  id           bigint not null,
  sender_id    uuid not null,
  recipient_id uuid not null,
  body         text,
  created_at   timestamptz not null,
  deleted_at   timestamptz
);

comment on table public.message is 'Row of send_message, delete_message and list_messages. Holds nothing.';
comment on column public.message.offer_id is 'The offer, which names the conversation.';
comment on column public.message.id is 'Order within the conversation: larger is newer.';
comment on column public.message.sender_id is 'Who wrote it: creator of the task or helper.';
comment on column public.message.recipient_id is 'The other side.';
comment on column public.message.body is
  'Plain text as it was typed, 1 to 2000 characters: never show it as HTML. Null once deleted.';
comment on column public.message.created_at is 'When it was sent.';
comment on column public.message.deleted_at is 'When its sender took it back, or left; null while it is there.';

alter table public.message enable row level security;

create function private.shown(message private.messages)
returns public.message
language sql immutable set search_path = ''
as $$
  select message.offer_id, message.id, message.sender_id, message.recipient_id, message.body, message.created_at,
    message.deleted_at
$$;
comment on function private.shown(private.messages) is 'What clients read of a message: all but the key of its sender.';

create table private.message_paces (
  user_id uuid primary key references public.users (id) on delete restrict,
  pace    timestamptz not null
) with (fillfactor = 70);

comment on table private.message_paces is 'How fast members write, in all conversations together.';
comment on column private.message_paces.pace is
  'When everything that the limit lets the member write has come back: private.next_pace.';

alter table private.message_paces enable row level security;

create table public.message_settings (
  user_id         uuid primary key references public.users (id) on delete restrict,
  show_read_marks boolean not null default false,
  show_text       boolean not null default false
);

comment on table public.message_settings is
  'What a member chose about messages; no row before the first choice, then the defaults hold. Changed with '
  'update_message_settings.';
comment on column public.message_settings.show_read_marks is
  'True: others see how far the member has read, and the member sees it of them, where both have chosen so.';
comment on column public.message_settings.show_text is
  'True: pushes and e-mails to the member carry the text of a message; else only that there is one.';

alter table public.message_settings enable row level security;
create policy message_settings_are_readable_by_owner on public.message_settings for select to authenticated
  using (user_id = (select auth.uid()));

call private.grant_columns('public.message_settings', 'authenticated');

-- schemas/messages/admin.sql

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

-- schemas/messages/commands.sql

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

-- schemas/messages/jobs.sql

create function private.forget_conversations(
  as_of timestamptz, batch integer, out processed integer, out failed integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_until        timestamptz := as_of - (select pg_catalog.make_interval(days => s.message_retention_days)
    from private.settings s);
  v_conversation private.conversations;
  v_last_at      timestamptz;
begin
  processed := 0; failed := 0;
  for v_conversation in
    select c.* from private.conversations c where c.checked_at < v_until
    order by c.checked_at limit batch for update skip locked
  loop
    select m.created_at into v_last_at from private.messages m
    where m.offer_id = v_conversation.offer_id and m.id = v_conversation.last_message_id;
    if v_last_at >= v_until then
      update private.conversations c set checked_at = v_last_at where c.offer_id = v_conversation.offer_id;
      continue;
    end if;
    -- an erasure may hold some of them and wait for what this run has locked: they come with the next run
    with free as (
      select m.id from private.messages m where m.offer_id = v_conversation.offer_id for update skip locked)
    delete from private.messages m using free f where m.offer_id = v_conversation.offer_id and m.id = f.id;
    continue when exists (select from private.messages m where m.offer_id = v_conversation.offer_id);
    delete from private.conversations c where c.offer_id = v_conversation.offer_id;
    processed := processed + 1;
  end loop;
end $$;
comment on function private.forget_conversations(timestamptz, integer) is
  'Job: forgets conversations whose last message is older than the settings say.';

insert into private.jobs (job, room, step, every) values
  ('forget_conversations', 'messages', 90, '1 hour');
-- undo: delete from private.jobs where room = 'messages';

-- schemas/messages/reads.sql

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

-- schemas/messages/rules.sql

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

-- schemas/messages/settings.sql

alter table private.settings
  add column message_limit_per_hour              integer not null default 240,
  add column conversation_message_limit_per_hour integer not null default 120,
  add column message_retention_days              integer not null default 365,
  add constraint message_limit_per_hour_is_between_0_and_10000 check (message_limit_per_hour between 0 and 10000),
  add constraint conversation_message_limit_per_hour_is_between_0_and_10000 check
    (conversation_message_limit_per_hour between 0 and 10000),
  add constraint message_retention_days_is_between_30_and_3650 check (message_retention_days between 30 and 3650);

comment on column private.settings.message_limit_per_hour is
  'Most messages a member may send in a row; as many come back in an hour, one by one.';
comment on column private.settings.conversation_message_limit_per_hour is
  'The same for one member in one conversation.';
comment on column private.settings.message_retention_days is
  'Days after its last message after which a conversation is forgotten.';
