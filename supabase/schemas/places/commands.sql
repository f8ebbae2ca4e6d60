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
