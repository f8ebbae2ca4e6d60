-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.default_page_size() returns integer language sql immutable set search_path = '' return 20;
comment on function private.default_page_size() is 'Rows of a page when nothing is said.';

create function private.max_page_size() returns integer language sql immutable set search_path = '' return 100;
comment on function private.max_page_size() is 'Most rows of a page; larger wishes are lowered to this.';

create function private.default_time_zone() returns text language sql immutable set search_path = ''
  return 'Europe/Berlin';
comment on function private.default_time_zone() is
  'Time zone of a community, and of members, who have not chosen one.';
