-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_message_body_length() returns integer language sql immutable set search_path = ''
  return 2000;
comment on function private.max_message_body_length() is 'Most characters of a message in a conversation.';

create function private.max_take_back_minutes() returns integer language sql immutable set search_path = '' return 15;
comment on function private.max_take_back_minutes() is 'How long a message can be taken back, in minutes.';
