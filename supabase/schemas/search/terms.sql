-- Room: search. Open tasks and places found by words: folded, stemmed, by their beginnings, and when little is found
-- by similar spelling. Two projections hold what is searched, kept by triggers; every word is bound to the square of
-- the map its row lies in, so that a search reads a few squares and never the rest of the country
-- (docs/rooms/search.md).

create extension if not exists pg_trgm with schema extensions;
-- undo: drop extension pg_trgm;

create function private.bind_terms(terms tsvector, square bigint, category text, neighbourhood_id uuid)
returns tsvector
language plpgsql immutable set search_path = ''
as $$
begin
  -- as text, because it is ten times faster than term by term; every term begins after a space and a quote
  return pg_catalog.replace(
    pg_catalog.concat(' ', pg_catalog.strip(terms), ' ''#', category, '''', ' ''@' || neighbourhood_id::text || ''''),
    ' ''', ' ''' || square::text || ':')::tsvector;
end $$;
comment on function private.bind_terms(tsvector, bigint, text, uuid) is
  'Terms bound to their square of the map, as 123:garten, with 123:#category and 123:@neighbourhood. The index over '
  'it finds a word within a square, and nothing outside.';
