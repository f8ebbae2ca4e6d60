create function private.set_preference(category text, rating integer)
returns public.preferences
language plpgsql volatile security definer set search_path = ''
as $$
declare
  v_me         uuid := private.require_active_user();
  v_preference public.preferences;
begin
  if not exists (select from public.categories c where c.slug = set_preference.category and c.is_active)
     and not exists (select from private.place_categories() c where c.category = set_preference.category) then
    raise exception using errcode = 'PT400', message = 'category_not_found',
      detail = coalesce(pg_catalog.left(set_preference.category, 100), 'null'),
      hint = 'Please choose one of the categories.';
  end if;
  if set_preference.rating not between 0 and 5 then
    raise exception using errcode = 'PT400', message = 'preference_rating_out_of_range',
      detail = set_preference.rating::text,
      hint = 'Please choose 0 (not at all) to 5 (very much).';
  end if;
  perform private.lock_member(v_me);
  if set_preference.rating is null then
    delete from public.preferences p where p.user_id = v_me and p.category = set_preference.category;
    return null;
  end if;
  insert into public.preferences as p (user_id, category, rating)
    values (v_me, set_preference.category, set_preference.rating)
  on conflict on constraint preferences_pkey do update set rating = excluded.rating
  returning p.* into v_preference;
  return v_preference;
end $$;
grant execute on function private.set_preference(text, integer) to authenticated;

create function public.set_preference(category text, rating integer)
returns public.preferences
language plpgsql volatile set search_path = ''
as $$ begin return private.set_preference(category, rating); end $$;
comment on function public.set_preference(text, integer) is
  'Says how much the caller likes a category of tasks or places, 0 (not at all) to 5 (very much), and returns it; '
  'null takes the word back and returns a row of nulls. Errors: category_not_found, preference_rating_out_of_range, '
  'not_signed_in, user_banned, user_inactive.';
grant execute on function public.set_preference(text, integer) to authenticated;

create function private.task_preference(user_id uuid, category text)
returns integer
language plpgsql stable set search_path = ''
as $$
declare
  v_category text := category;
  v_rating   integer;
begin
  -- what was said about the nearest category above holds
  while v_category is not null loop
    select p.rating into v_rating from public.preferences p
      where p.user_id = task_preference.user_id and p.category = v_category;
    exit when found;
    select c.parent_slug into v_category from public.categories c where c.slug = v_category;
  end loop;
  return v_rating;
end $$;
comment on function private.task_preference(uuid, text) is
  'How much a member likes a category of tasks, 0 to 5: as said about it, or about the nearest one above it. Null '
  'when nothing was said.';
