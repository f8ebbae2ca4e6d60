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
