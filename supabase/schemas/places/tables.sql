-- Room: places. Branches of partners and places of the community, with what members think of them.

create table public.places (
  id            uuid primary key default gen_random_uuid(),
  partner_id    uuid references public.partners (id) on delete cascade,
  name          text not null,
  category      public.place_category not null default 'other',
  types         text[] not null default '{}',
  description   text,
  rating_average numeric(3, 2) not null default 0,
  rating_count  integer not null default 0,
  address       text,
  latitude      double precision not null,
  longitude     double precision not null,
  location      extensions.geography(point, 4326) generated always as
    (extensions.st_setsrid(extensions.st_makepoint(longitude, latitude), 4326)::extensions.geography) stored,
  opening_hours public.opening_hours,
  source        public.place_source not null default 'partner',
  source_id     text,
  is_active     boolean not null default true,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  rating_sum     integer not null default 0,
  constraint place_name_has_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint place_name_is_visible check (private.is_visible(name)),
  constraint place_types_are_few check (cardinality(types) <= 20 and array_position(types, null) is null),
  constraint place_description_has_at_most_2000_characters check (char_length(description) <= 2000),
  constraint place_rating_average_is_between_0_and_5 check (rating_average between 0 and 5),
  constraint place_rating_count_is_not_negative check (rating_count >= 0),
  constraint place_address_has_at_most_500_characters check (char_length(address) <= 500),
  constraint place_is_on_earth check (latitude between -90 and 90 and longitude between -180 and 180),
  constraint partner_place_has_a_partner check (source <> 'partner' or partner_id is not null),
  constraint place_source_id_has_at_most_255_characters check (char_length(source_id) <= 255)
);

comment on table public.places is
  'Places on the map: branches of partners, and places of the community without a partner. Their exact position is '
  'public.';
comment on column public.places.partner_id is 'The partner whose branch it is; null for a place of the community.';
comment on column public.places.name is 'Name as shown, 1 to 255 characters.';
comment on column public.places.category is 'What kind of place it is.';
comment on column public.places.types is 'Finer words for what it is, for example {bakery, organic}; at most 20.';
comment on column public.places.description is 'A few words about the place, at most 2000 characters.';
comment on column public.places.rating_average is 'Mean of the reviews, 1 to 5; 0 until reviewed.';
comment on column public.places.rating_count is 'Number of reviews.';
comment on column public.places.address is 'Postal address, at most 500 characters.';
comment on column public.places.latitude is 'WGS 84 degrees.';
comment on column public.places.longitude is 'WGS 84 degrees.';
comment on column public.places.location is 'Position as PostGIS geography, derived from latitude and longitude.';
comment on column public.places.opening_hours is
  'Opening hours in local time: {"mon": [["09:00", "12:30"], ["14:00", "18:00"]], "fri": [["18:00", "02:00"]], …}; '
  'one that ends before it begins goes on into the next day; a day that is missing is closed, null means unknown.';
comment on column public.places.source is 'Where the entry comes from.';
comment on column public.places.source_id is 'Id in the source, unique there.';
comment on column public.places.is_active is 'False: not shown.';
comment on column public.places.rating_sum is
  'Sum of the ratings of all reviews, so that the mean stays exact however many come and go.';

create index places_by_partner on public.places (partner_id);
create unique index place_is_imported_once on public.places (source, source_id) where source_id is not null;

alter table public.places enable row level security;
create policy active_places_are_readable_by_everyone on public.places for select to anon, authenticated
  using (is_active and (partner_id is null or partner_id in (select p.id from public.partners p)));

call private.grant_columns('public.places', 'anon, authenticated, service_role');

create trigger places_set_updated_at before update on public.places
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();

create table private.place_authors (
  place_id   uuid primary key references public.places (id) on delete cascade,
  user_id    uuid not null references public.users (id) on delete restrict,
  created_at timestamptz not null default now()
);

comment on table private.place_authors is 'Who added a place of the community; shown to nobody.';
comment on column private.place_authors.user_id is 'The member who added it.';

create index place_authors_by_user on private.place_authors (user_id, created_at desc);

alter table private.place_authors enable row level security;

create table public.place_reviews (
  id         uuid primary key default gen_random_uuid(),
  place_id   uuid not null references public.places (id) on delete cascade,
  user_id    uuid not null references public.users (id) on delete restrict,
  rating     integer not null,
  comment    text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint member_reviews_place_once unique (place_id, user_id),
  constraint review_rating_is_between_1_and_5 check (rating between 1 and 5),
  constraint review_comment_has_at_most_1000_characters check (char_length(comment) <= 1000)
);

comment on table public.place_reviews is
  'What members think of places, one review each; readable by members. Changed with review_place and delete_review.';
comment on column public.place_reviews.user_id is 'Who wrote it.';
comment on column public.place_reviews.rating is '1 to 5.';
comment on column public.place_reviews.comment is 'A few words, at most 1000 characters.';
comment on column public.place_reviews.created_at is 'When it was first written.';

create index place_reviews_newest on public.place_reviews (place_id, created_at desc, id desc);
create index place_reviews_by_user on public.place_reviews (user_id, created_at desc, id desc);

alter table public.place_reviews enable row level security;
create policy place_reviews_are_readable_by_members on public.place_reviews for select to authenticated using (true);

call private.grant_columns('public.place_reviews', 'authenticated, service_role');

create trigger place_reviews_set_updated_at before update on public.place_reviews
  for each row when (old.updated_at = new.updated_at) execute function private.set_updated_at();
