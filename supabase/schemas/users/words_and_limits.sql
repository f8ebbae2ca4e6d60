-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.languages() returns text[] language sql immutable set search_path = ''
  return array['de', 'en'];
comment on function private.languages() is 'Languages of mails and messages.';

create domain public.language as text constraint language_is_known check (value = any (private.languages()));
comment on domain public.language is 'Language of mails and messages.';

create function private.phone_sharings() returns text[] language sql immutable set search_path = ''
  return array['never', 'on_request', 'on_shared_tasks'];
comment on function private.phone_sharings() is
  'To whom a member shows the phone number: nobody, whom they allow it for each task, whoever they share a task with.';

create domain public.phone_sharing as text constraint phone_sharing_is_known
  check (value = any (private.phone_sharings()));
comment on domain public.phone_sharing is 'To whom a member shows the phone number.';

create function private.max_name_length() returns integer language sql immutable set search_path = '' return 255;
comment on function private.max_name_length() is 'Most characters of the name of a member or a place.';

create function private.max_bio_length() returns integer language sql immutable set search_path = '' return 2000;
comment on function private.max_bio_length() is 'Most characters of a bio.';
