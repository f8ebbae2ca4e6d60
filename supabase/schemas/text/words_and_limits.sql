-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_message_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_message_length() is 'Most characters of a message, note, comment or reason.';

create function private.max_address_length() returns integer language sql immutable set search_path = '' return 500;
comment on function private.max_address_length() is 'Most characters of a postal address.';

create function private.max_picture_name_length() returns integer language sql immutable set search_path = ''
return 100;
comment on function private.max_picture_name_length() is 'Most characters of a picture''s name before its extension.';

create function private.max_metadata_bytes() returns integer language sql immutable set search_path = '' return 8192;
comment on function private.max_metadata_bytes() is 'Most bytes of metadata as JSON text.';

create function private.max_phone_number_length() returns integer language sql immutable set search_path = '' return 50;
comment on function private.max_phone_number_length() is 'Most characters of a phone number.';

create function private.inner_word_length() returns integer language sql immutable set search_path = '' return 8;
comment on function private.inner_word_length() is
  'Characters that the search compares at once in scripts without spaces.';
