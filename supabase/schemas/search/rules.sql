create function private.text_of_task(task private.open_tasks)
returns private.task_texts
language plpgsql stable set search_path = ''
as $$
declare
  v_text private.task_texts;
begin
  select task.task_id, task.creator_id, task.category, task.position, task.square, task.neighbourhood_id,
    task.expires_at, task.starts_at, pg_catalog.array_to_string(private.words_of(t.title), ' '),
    private.terms_of(t.title, t.description)
  into v_text
  from public.tasks t where t.id = task.task_id;
  return v_text;
end $$;
comment on function private.text_of_task(private.open_tasks) is 'What a listed task is found by.';

create function private.text_of_place(place public.places)
returns private.place_texts
language plpgsql stable set search_path = ''
as $$
declare
  v_position point := private.position_at(place.latitude, place.longitude);
begin
  return (place.id, place.category, v_position, private.square_at(v_position),
    private.neighbourhood_at(place.latitude, place.longitude),
    pg_catalog.array_to_string(private.words_of(place.name), ' '),
    private.terms_of(
      pg_catalog.concat_ws(' ', place.name, place.category, pg_catalog.array_to_string(place.types, ' ')),
      pg_catalog.concat_ws(' ', place.description, place.address)))::private.place_texts;
end $$;
comment on function private.text_of_place(public.places) is 'What a place is found by.';

create function private.follow_open_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.task_texts e where e.task_id = old.task_id;
  elsif tg_op = 'INSERT' then
    insert into private.task_texts select x.* from private.text_of_task(new) x;
  else
    update private.task_texts e
    set category = new.category, position = new.position, square = new.square,
      neighbourhood_id = new.neighbourhood_id, expires_at = new.expires_at, starts_at = new.starts_at
    where e.task_id = new.task_id;
  end if;
  return null;
end $$;
comment on function private.follow_open_task() is
  'Trigger on private.open_tasks: what is listed can be searched, and nothing else.';
create trigger open_tasks_are_searched after insert or delete on private.open_tasks
  for each row execute function private.follow_open_task();
create trigger open_tasks_are_searched_where_they_are after update on private.open_tasks
  for each row when (old.category <> new.category or not old.position ~= new.position
    or old.neighbourhood_id is distinct from new.neighbourhood_id or old.expires_at <> new.expires_at
    or old.starts_at is distinct from new.starts_at)
  execute function private.follow_open_task();

create function private.follow_task_text()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  update private.task_texts e
  set title = pg_catalog.array_to_string(private.words_of(new.title), ' '),
    terms = private.terms_of(new.title, new.description)
  where e.task_id = new.id;
  return null;
end $$;
comment on function private.follow_task_text() is 'Trigger on tasks: the search follows the words.';
create trigger tasks_are_searched_by_their_words after update of title, description on public.tasks
  for each row when (old.title <> new.title or old.description <> new.description)
  execute function private.follow_task_text();

create function private.project_place_text(place_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  -- lock: whoever deletes the place, or switches its partner off, waits or is waited for; in place, because who waits
  -- for a row that is deleted and written anew does not see the new one
  perform from public.places p where p.id = project_place_text.place_id for key share;
  perform from public.partners n join public.places p on p.partner_id = n.id where p.id = project_place_text.place_id
    for share of n;
  insert into private.place_texts as e
  select x.*
  from public.places p cross join lateral private.text_of_place(p) x
  where p.id = project_place_text.place_id and private.is_shown(p)
  on conflict on constraint place_texts_pkey do update
    set category = excluded.category, position = excluded.position, square = excluded.square,
      neighbourhood_id = excluded.neighbourhood_id, title = excluded.title, terms = excluded.terms;
  if not found then
    delete from private.place_texts e where e.place_id = project_place_text.place_id;
  end if;
end $$;
comment on function private.project_place_text(uuid) is
  'Puts a place into the search, refreshes it there or takes it away, as it is shown or not.';

create function private.follow_place()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.project_place_text(coalesce(new.id, old.id));
  return null;
end $$;
comment on function private.follow_place() is 'Trigger on places: the search follows what it shows.';
create trigger places_are_searched after insert or delete
  or update of id, partner_id, name, category, types, description, address, latitude, longitude, is_active
  on public.places for each row execute function private.follow_place();

create function private.follow_partner()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.project_place_text(p.id) from public.places p where p.partner_id = new.id order by p.id;
  return null;
end $$;
comment on function private.follow_partner() is
  'Trigger on partners: the places of a partner who is switched off are not found.';
create trigger partners_places_are_searched after update of is_active on public.partners
  for each row when (old.is_active <> new.is_active) execute function private.follow_partner();

create function private.find_places_of_neighbourhood()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  update private.place_texts e set neighbourhood_id = private.neighbourhood_at(p.latitude, p.longitude)
  from public.places p
  where p.id = e.place_id
    and (e.neighbourhood_id = old.id
      or extensions.st_intersects(new.area, p.location::extensions.geometry));
  return null;
end $$;
comment on function private.find_places_of_neighbourhood() is
  'Trigger on neighbourhoods: places find theirs again when an area is drawn, redrawn or removed. Reads every place; '
  'areas change rarely.';
create trigger neighbourhoods_find_places after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_places_of_neighbourhood();
