-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create domain public.place_category as text constraint place_category_is_known check (value in (
  'shop', 'cafe', 'restaurant', 'service', 'culture', 'sport', 'other'));
comment on domain public.place_category is 'Kind of a place on the map.';

create domain public.place_source as text constraint place_source_is_known check (value in (
  'partner', 'community', 'import'));
comment on domain public.place_source is 'Where the entry of a place comes from.';

create domain public.opening_hours as jsonb;
comment on domain public.opening_hours is 'When a place is open; private.check_opening_hours says in which form.';

create function private.max_place_types() returns integer language sql immutable set search_path = '' return 20;
comment on function private.max_place_types() is 'Most types of a place.';

create function private.max_place_type_length() returns integer language sql immutable set search_path = '' return 50;
comment on function private.max_place_type_length() is 'Most characters of a type of a place.';

create function private.max_place_description_length()
returns integer language sql immutable set search_path = '' return 2000;
comment on function private.max_place_description_length() is 'Most characters of the description of a place.';
