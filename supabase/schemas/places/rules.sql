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
