-- Written by npm run db:build from supabase/schemas/places/: edit there.

-- schemas/places/words_and_limits.sql

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

-- schemas/places/tables.sql

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

-- schemas/places/commands.sql

create function private.lock_visible_place(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  if not exists (
    select from public.places p where p.id = lock_visible_place.place_id and private.is_shown(p)
    for key share of p) then
    raise exception using errcode = 'PT404', message = 'place_not_found', detail = coalesce(place_id::text, 'null'),
      hint = 'There is no such place.';
  end if;
end $$;
comment on function private.lock_visible_place(uuid) is
  'Makes sure that a place is shown, and stays until the end of the transaction. Raises PT404 place_not_found.';

create function private.add_place(name text, category text, latitude double precision, longitude double precision,
  address text, types text[], description text)
returns public.places
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me    uuid := private.require_active_user();
  v_name  text := private.clean_text(add_place.name, 'name', 1, private.max_name_length());
  v_limit integer := (select s.place_limit_per_day from private.settings s);
  v_types text[];
  v_place public.places;
begin
  if not exists (select from private.place_categories() c where c.category = add_place.category) then
    raise exception using errcode = 'PT400', message = 'place_category_invalid',
      detail = coalesce(pg_catalog.left(add_place.category, 100), 'null'),
      hint = 'Please choose one of '
        || (select pg_catalog.string_agg(c.category, ', ') from private.place_categories() c) || '.';
  end if;
  perform private.check_coordinates(add_place.latitude, add_place.longitude);
  if pg_catalog.array_ndims(add_place.types) > 1 or pg_catalog.cardinality(add_place.types) > private.max_place_types()
  then
    raise exception using errcode = 'PT400', message = 'place_types_invalid',
      detail = pg_catalog.cardinality(add_place.types)::text,
      hint = pg_catalog.format('Please name at most %s types.', private.max_place_types());
  end if;
  v_types := array(select private.clean_text(t.type, 'types', 1, private.max_place_type_length())
    from unnest(add_place.types) with ordinality t (type, line) order by t.line);

  -- lock: parallel additions count each other
  perform private.lock_member(v_me);
  -- sent again by a phone that heard no answer
  select p.* into v_place
  from private.place_authors a join public.places p on p.id = a.place_id
  where a.user_id = v_me and a.created_at > now() - interval '1 day'
    and (p.name, p.latitude, p.longitude) = (v_name, add_place.latitude, add_place.longitude)
  limit 1;
  if found then
    return v_place;
  end if;
  perform private.check_daily_limit((select count(*) from private.place_authors a
    where a.user_id = v_me and a.created_at > now() - interval '1 day'), v_limit, 'place_limit_reached');

  insert into public.places (name, category, latitude, longitude, address, types, description, source)
  values (v_name, add_place.category, add_place.latitude, add_place.longitude,
    private.clean_optional_text(add_place.address, 'address', private.max_address_length()),
    v_types, private.clean_optional_text(add_place.description, 'description',
      private.max_place_description_length(), true), 'community')
  returning * into v_place;
  insert into private.place_authors (place_id, user_id) values (v_place.id, v_me);
  return v_place;
end $$;
grant execute on function private.add_place(text, text, double precision, double precision, text, text[],
  text) to authenticated;

create function public.add_place(name text, category text, latitude double precision, longitude double precision,
  address text default null,
  types text[] default '{}', description text default null)
returns public.places
language plpgsql volatile set search_path = ''
as $$ begin return private.add_place(name, category, latitude, longitude, address, types, description); end $$;
comment on function public.add_place(text, text, double precision, double precision, text, text[], text) is
  'Adds a place of the community and returns it; nobody learns who added it. Repeating it within a day returns the '
  'same place. Errors: text_blank, text_too_long, text_has_control_characters (detail names the '
  'field), place_category_invalid, place_types_invalid, coordinates_invalid, place_limit_reached, not_signed_in, '
  'user_banned, user_inactive.';
grant execute on function public.add_place(text, text, double precision, double precision, text, text[],
  text) to authenticated;

create function private.review_place(place_id uuid, rating integer, comment text)
returns public.place_reviews
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me      uuid := private.require_active_user();
  v_comment text := private.clean_optional_text(review_place.comment, 'comment', private.max_message_length(), true);
  v_review  public.place_reviews;
begin
  if review_place.rating is null or review_place.rating not between 1 and 5 then
    raise exception using errcode = 'PT400', message = 'review_rating_out_of_range',
      detail = coalesce(review_place.rating::text, 'null'),
      hint = 'Please give 1 to 5 stars.';
  end if;
  perform private.lock_member(v_me);
  perform private.lock_visible_place(review_place.place_id);
  select r.* into v_review from public.place_reviews r where (r.place_id, r.user_id) = (review_place.place_id, v_me);
  if (v_review.rating, v_review.comment) is not distinct from (review_place.rating, v_comment) then
    return v_review;
  end if;
  perform private.count_action(v_me, 'review_limit_reached', (select s.review_limit_per_day from private.settings s));
  insert into public.place_reviews as r (place_id, user_id, rating, comment)
  values (review_place.place_id, v_me, review_place.rating, v_comment)
  on conflict on constraint member_reviews_place_once do update set rating = excluded.rating, comment = excluded.comment
  returning r.* into v_review;
  return v_review;
end $$;
grant execute on function private.review_place(uuid, integer, text) to authenticated;

create function public.review_place(place_id uuid, rating integer, comment text default null)
returns public.place_reviews
language plpgsql volatile set search_path = ''
as $$ begin return private.review_place(place_id, rating, comment); end $$;
comment on function public.review_place(uuid, integer, text) is
  'Reviews a place with 1 to 5 stars and returns the review; repeating it changes it, a comment that is left out is '
  'gone. Errors: place_not_found, review_rating_out_of_range, review_limit_reached, text_too_long, '
  'text_has_control_characters, not_signed_in, user_banned, user_inactive.';
grant execute on function public.review_place(uuid, integer, text) to authenticated;

create function private.delete_review(place_id uuid)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me uuid := private.require_member();
begin
  delete from public.place_reviews r where r.place_id = delete_review.place_id and r.user_id = v_me;
end $$;
grant execute on function private.delete_review(uuid) to authenticated;

create function public.delete_review(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$ begin perform private.delete_review(place_id); end $$;
comment on function public.delete_review(uuid) is
  'Takes the caller''s review of a place back; does nothing when there is none. Errors: not_signed_in, user_inactive.';
grant execute on function public.delete_review(uuid) to authenticated;

-- schemas/places/rules.sql

create function private.opening_hours_overlap(hours jsonb)
returns boolean
language sql immutable set search_path = ''
as $$
  -- minutes of the week; a span that ends before it begins goes on into the next day, on Sunday into Monday
  with spans as (
    select d.day * 1440 + extract(epoch from (s ->> 0)::time)::integer / 60 as opens,
      d.day * 1440 + extract(epoch from (s ->> 1)::time)::integer / 60
        + case when s ->> 1 < s ->> 0 then 1440 else 0 end as closes
    from pg_catalog.unnest('{mon,tue,wed,thu,fri,sat,sun}'::text[]) with ordinality w (name, place)
    cross join lateral (select w.place::integer - 1 as day) d
    cross join lateral pg_catalog.jsonb_array_elements(coalesce(hours -> w.name, '[]')) s),
  parts as (
    select pg_catalog.int4range(opens, least(closes, 10080)) as part from spans
    union all select pg_catalog.int4range(0, closes - 10080) from spans where closes > 10080)
  select coalesce(pg_catalog.sum(upper(part) - lower(part)), 0)
    <> coalesce((select pg_catalog.sum(upper(u) - lower(u))
      from pg_catalog.unnest((select pg_catalog.range_agg(part) from parts)) u), 0)
  from parts
$$;
comment on function private.opening_hours_overlap(jsonb) is
  'Whether a place would be open twice at once, over midnight and the end of the week.';

create function private.check_opening_hours()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  -- from 00:00 to 24:00, each day a list of spans, each span from and to
  if new.opening_hours is not null and not (
    pg_catalog.jsonb_typeof(new.opening_hours) = 'object'
    and pg_catalog.jsonb_path_exists(new.opening_hours,
      '$ ? (!exists (@.keyvalue() ? (!(@.key like_regex "^(mon|tue|wed|thu|fri|sat|sun)$"))))')
    and pg_catalog.jsonb_path_exists(new.opening_hours, 'strict $ ? (!exists (@.* ? (@.type() != "array")))')
    and not exists (
      select from pg_catalog.jsonb_each(new.opening_hours) d,
        pg_catalog.jsonb_array_elements(case pg_catalog.jsonb_typeof(d.value) when 'array' then d.value
          else '[null]' end) s
      where s::text !~ '^\["([01][0-9]|2[0-3]):[0-5][0-9]", "(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)"\]$'
        or s ->> 0 = s ->> 1))
  then
    raise exception using errcode = 'PT400', message = 'opening_hours_invalid',
      hint = 'Write them as {"mon": [["09:00", "18:00"]], "fri": [["18:00", "02:00"]]}, the last until Saturday, 2:00.';
  end if;
  if private.opening_hours_overlap(new.opening_hours) then
    raise exception using errcode = 'PT400', message = 'opening_hours_overlap',
      hint = 'Make one span of two that overlap; one that ends before it begins goes on into the next day.';
  end if;
  return new;
end $$;
comment on function private.check_opening_hours() is
  'Trigger on places: refuses opening hours that an app could not read. Raises PT400 opening_hours_invalid, '
  'opening_hours_overlap.';
create trigger places_check_opening_hours before insert or update of opening_hours on public.places
  for each row execute function private.check_opening_hours();

create function private.place_categories()
returns table (category text, name_de text, name_en text)
language sql immutable set search_path = ''
as $$
  values ('shop', 'Laden', 'Shop'), ('cafe', 'Café', 'Café'), ('restaurant', 'Restaurant', 'Restaurant'),
    ('service', 'Dienstleistung', 'Service'),
    ('culture', 'Kultur', 'Culture'), ('sport', 'Sport', 'Sport'), ('other', 'Sonstiges', 'Other')
$$;
comment on function private.place_categories() is 'Categories of places with their names.';

create function private.is_shown(place public.places)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  return place.is_active and (place.partner_id is null
    or exists (select from public.partners n where n.id = place.partner_id and n.is_active));
end $$;
comment on function private.is_shown(public.places) is
  'Whether a place is active and of the community or of an active partner.';

create function private.count_review()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- what leaves and what comes, place by place in id order; parallel reviews of one place wait here for its row
  update public.places p
  set rating_sum     = p.rating_sum + c.rating,
      rating_count   = p.rating_count + c.reviews,
      rating_average = coalesce(round((p.rating_sum + c.rating)::numeric / nullif(p.rating_count + c.reviews, 0), 2), 0)
  from (
    select v.place_id, sum(v.rating)::integer as rating, sum(v.reviews)::integer as reviews
    from (values (old.place_id, -old.rating, -1), (new.place_id, new.rating, 1)) v (place_id, rating, reviews)
    where v.place_id is not null
    group by v.place_id order by v.place_id) c
  where p.id = c.place_id and (c.rating, c.reviews) <> (0, 0);
  return null;
end $$;
comment on function private.count_review() is
  'Trigger on place_reviews: keeps sum, number and mean of a place''s ratings.';
create trigger place_reviews_count after insert or update of rating, place_id or delete on public.place_reviews
  for each row execute function private.count_review();

-- schemas/places/settings.sql

alter table private.settings
  add column place_limit_per_day integer not null default 5,
  add column review_limit_per_day integer not null default 50,
  add constraint place_limit_per_day_is_not_negative check (place_limit_per_day >= 0),
  add constraint review_limit_per_day_is_not_negative check (review_limit_per_day >= 0);

comment on column private.settings.place_limit_per_day is 'Most places a member may add in 24 hours.';
comment on column private.settings.review_limit_per_day is
  'Most times a member may review a place or change a review in 24 hours; taking one back does not give it back.';
