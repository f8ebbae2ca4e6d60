-- Room: neighbourhoods. Named areas on the map, optional. Homes and tasks know the one they lie in: the rooms users and
-- tasks ask private.neighbourhood_at, and follow when an area is drawn anew.

create table public.neighbourhoods (
  id         uuid primary key default gen_random_uuid(),
  slug       text not null unique,
  name       text not null,
  area       extensions.geometry(multipolygon, 4326) not null,
  outline    jsonb generated always as (extensions.st_asgeojson(area)::jsonb) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint neighbourhood_slug_is_lower_case_words check
    (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
  constraint neighbourhood_name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint neighbourhood_name_is_visible check (private.is_visible(name)),
  constraint area_is_a_valid_shape check (extensions.st_isvalid(area) and not extensions.st_isempty(area))
);

comment on table public.neighbourhoods is
  'Named areas, drawn by admins in Studio; none are needed. Where two overlap, the smaller one counts.';
comment on column public.neighbourhoods.slug is 'Stable name for links, for example lindenviertel.';
comment on column public.neighbourhoods.name is 'Name as shown, 1 to 255 characters.';
comment on column public.neighbourhoods.area is
  'Shape, WGS 84: one or more polygons. Draw or import GeoJSON with '
  'extensions.st_multi(extensions.st_geomfromgeojson(…)).';
comment on column public.neighbourhoods.outline is 'The area as GeoJSON MultiPolygon, for maps; derived.';

create index neighbourhoods_by_area on public.neighbourhoods using gist (area);

alter table public.neighbourhoods enable row level security;
create policy neighbourhoods_are_readable_by_everyone on public.neighbourhoods for select to anon, authenticated
  using (true);

call private.grant_columns('public.neighbourhoods', 'anon, authenticated, service_role');

create trigger neighbourhoods_set_updated_at before update on public.neighbourhoods
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();
