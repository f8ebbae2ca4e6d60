create function private.quality_parts(rating_average numeric, rating_count integer, out part_rating real,
  out part_popularity real, out quality real)
language plpgsql stable set search_path = ''
as $$
declare
  v_settings private.settings;
begin
  select s.* into v_settings from private.settings s;
  part_rating := round(case when rating_count > 0 then rating_average / 5
    else v_settings.recommendation_neutral_part end, 4);
  -- one hundred ratings are as popular as it gets
  part_popularity := round(least(1, ln(1 + rating_count::numeric) / ln(101::numeric)), 4);
  quality := coalesce((v_settings.recommendation_rating_weight * part_rating +
    v_settings.recommendation_popularity_weight * part_popularity)
    / nullif(v_settings.recommendation_rating_weight + v_settings.recommendation_popularity_weight, 0), 0);
end $$;
comment on function private.quality_parts(numeric, integer) is
  'Rating and popularity as parts from 0 to 1, and both weighed as in the settings. Without ratings the rating part '
  'is the neutral one.';

create function private.project_place(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: whoever deletes the place, or switches its partner off, waits or is waited for
  perform from public.places p where p.id = project_place.place_id for key share;
  perform from public.partners n join public.places p on p.partner_id = n.id where p.id = project_place.place_id
    for share of n;
  insert into private.listed_places as l (place_id, category, position, square, part_rating, part_popularity, quality)
  select p.id, p.category, m.position, private.square_at(m.position), q.part_rating, q.part_popularity, q.quality
  from public.places p
  cross join lateral (select private.position_at(p.latitude, p.longitude) as position) m
  cross join lateral private.quality_parts(p.rating_average, p.rating_count) q
  where p.id = project_place.place_id and private.is_shown(p)
  on conflict on constraint listed_places_pkey do update
    set category = excluded.category, position = excluded.position, square = excluded.square,
      part_rating = excluded.part_rating, part_popularity = excluded.part_popularity, quality = excluded.quality;
  if not found then
    delete from private.listed_places l where l.place_id = project_place.place_id;
  end if;
end $$;
comment on function private.project_place(uuid) is
  'Puts a place into the projection, refreshes it there or takes it away, as it is shown or not.';

create function private.project_edited_place()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.project_place(new.id);
  return null;
end $$;
comment on function private.project_edited_place() is
  'Trigger on places: recommendations follow when a place is entered, moved, switched or rated.';
create trigger places_relist after insert
  or update of category, latitude, longitude, is_active, partner_id, rating_average, rating_count on public.places
  for each row execute function private.project_edited_place();

create function private.project_places_of_partner()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.project_place(p.id) from public.places p where p.partner_id = new.id order by p.id;
  return null;
end $$;
comment on function private.project_places_of_partner() is
  'Trigger on partners: places of an inactive partner are not recommended.';
create trigger partners_relist_places after update of is_active on public.partners
  for each row when (old.is_active <> new.is_active) execute function private.project_places_of_partner();

create function private.rate_open_task()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  select q.part_rating, q.part_popularity, q.quality into new.part_rating, new.part_popularity, new.quality
  from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
  where u.id = new.creator_id;
  return new;
end $$;
comment on function private.rate_open_task() is
  'Trigger on open_tasks: a listed task carries how its creator is rated.';
create trigger open_tasks_rate before insert on private.open_tasks
  for each row when (new.quality is null) execute function private.rate_open_task();

create function private.rate_tasks_of_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.open_tasks o
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from private.quality_parts(new.rating_average, new.rating_count) q
  where o.creator_id = new.id;
  return null;
end $$;
comment on function private.rate_tasks_of_member() is
  'Trigger on users: the open tasks of a member follow the member''s ratings.';
create trigger users_rate_tasks after update of rating_average, rating_count on public.users
  for each row when ((old.rating_average, old.rating_count) is distinct from (new.rating_average, new.rating_count))
  execute function private.rate_tasks_of_member();

create function private.weigh_anew()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  -- who lists something meanwhile waits, and then reads the new settings
  lock table private.open_tasks, private.listed_places in share row exclusive mode;
  update private.listed_places l
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from public.places p cross join lateral private.quality_parts(p.rating_average, p.rating_count) q
  where p.id = l.place_id
    and (l.part_rating, l.part_popularity, l.quality) is distinct from (q.part_rating, q.part_popularity, q.quality);
  update private.open_tasks o
  set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
  from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
  where u.id = o.creator_id
    and (o.part_rating, o.part_popularity, o.quality) is distinct from (q.part_rating, q.part_popularity, q.quality);
  return null;
end $$;
comment on function private.weigh_anew() is
  'Trigger on settings: new weights hold for everything that is listed. Rewrites both projections.';
create trigger settings_weigh_anew
  after update of recommendation_rating_weight, recommendation_popularity_weight, recommendation_neutral_part
  on private.settings
  for each row when (
    (old.recommendation_rating_weight, old.recommendation_popularity_weight, old.recommendation_neutral_part)
    is distinct from
    (new.recommendation_rating_weight, new.recommendation_popularity_weight, new.recommendation_neutral_part))
  execute function private.weigh_anew();

create function private.home_square(user_id uuid)
returns bigint
language plpgsql stable set search_path = ''
as $$
begin
  return (
    select private.square_at(private.position_at(c.latitude, c.longitude), 2048)
    from public.users u
    join public.user_contacts c on c.user_id = u.id and c.latitude is not null
    join public.user_settings s on s.user_id = u.id and s.is_open_to_suggestions
    where u.id = home_square.user_id and u.is_active and not u.is_banned);
end $$;
comment on function private.home_square(uuid) is
  'The home square of a member who may be suggested as a helper: agreed, with a home, neither banned nor deleted; else '
  'null.';

create function private.project_helper(user_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: home, agreement and ban may change at the same time, and each must see the others
  perform from public.users u where u.id = project_helper.user_id for no key update;
  insert into private.open_helpers as h (user_id, home_square)
  select project_helper.user_id, q.home_square from private.home_square(project_helper.user_id) q (home_square)
  where q.home_square is not null
  on conflict on constraint open_helpers_pkey do update set home_square = excluded.home_square;
  if not found then
    delete from private.open_helpers h where h.user_id = project_helper.user_id;
  end if;
end $$;
comment on function private.project_helper(uuid) is
  'Puts a member among those who may be suggested as helpers, refreshes the home square there, or takes the member '
  'away.';

create function private.project_edited_helper()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(coalesce(new, old));
begin
  perform private.project_helper(coalesce(v_row ->> 'user_id', v_row ->> 'id')::uuid);
  return null;
end $$;
comment on function private.project_edited_helper() is
  'Trigger on users, user_contacts and user_settings: who may be suggested follows agreement, home, ban and deletion.';
create trigger user_settings_open_helper after insert on public.user_settings
  for each row when (new.is_open_to_suggestions) execute function private.project_edited_helper();
create trigger user_settings_relist_helper after update of is_open_to_suggestions on public.user_settings
  for each row when (old.is_open_to_suggestions <> new.is_open_to_suggestions)
  execute function private.project_edited_helper();
create trigger user_settings_close_helper after delete on public.user_settings
  for each row when (old.is_open_to_suggestions) execute function private.project_edited_helper();
create trigger user_contacts_open_helper after insert on public.user_contacts
  for each row when (new.latitude is not null) execute function private.project_edited_helper();
create trigger user_contacts_relist_helper after update of latitude, longitude on public.user_contacts
  for each row when ((old.latitude, old.longitude) is distinct from (new.latitude, new.longitude))
  execute function private.project_edited_helper();
create trigger user_contacts_close_helper after delete on public.user_contacts
  for each row when (old.latitude is not null) execute function private.project_edited_helper();
create trigger users_relist_helper after update of is_banned, is_active on public.users
  for each row when ((old.is_banned, old.is_active) <> (new.is_banned, new.is_active))
  execute function private.project_edited_helper();

-- what is there already
select private.project_place(p.id) from public.places p;
-- undo: nothing

update private.open_tasks o
set part_rating = q.part_rating, part_popularity = q.part_popularity, quality = q.quality
from public.users u cross join lateral private.quality_parts(u.rating_average, u.rating_count) q
where u.id = o.creator_id;

alter table private.open_tasks
  alter column part_rating set not null,
  alter column part_popularity set not null,
  alter column quality set not null;

select private.project_helper(u.id) from public.users u;
-- undo: nothing
