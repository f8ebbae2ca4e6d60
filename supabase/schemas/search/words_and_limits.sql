-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_query_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_query_length() is 'Characters of a query that are looked at.';
