create function private.follow_open_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.task_texts e where e.task_id = old.task_id;
  elsif tg_op = 'INSERT' then
    insert into private.task_texts
      (task_id, creator_id, category, position, cell, neighbourhood_id, expires_at, title, terms)
    select new.task_id, new.creator_id, new.category, new.position, new.cell, new.neighbourhood_id, new.expires_at,
      pg_catalog.array_to_string(private.words_of(t.title), ' '), private.terms_of(t.title, t.description)
    from public.tasks t where t.id = new.task_id;
  else
    update private.task_texts e
    set category = new.category, position = new.position, cell = new.cell, neighbourhood_id = new.neighbourhood_id,
      expires_at = new.expires_at
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
    or old.neighbourhood_id is distinct from new.neighbourhood_id
    or old.expires_at <> new.expires_at)
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
  for each row when (old.title <> new.title or old.description <> new.description) execute
    function private.follow_task_text();

create function private.list_place_texts(place_id uuid, partner_id uuid)
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  delete from private.place_texts e using public.places p
  where e.place_id = p.id and (p.id = list_place_texts.place_id or p.partner_id = list_place_texts.partner_id);
  insert into private.place_texts (place_id, category, position, cell, neighbourhood_id, title, terms)
  select p.id, p.category, m.position, private.search_cell(m.position, 8192),
    private.neighbourhood_at(p.latitude, p.longitude),
    pg_catalog.array_to_string(private.words_of(p.name), ' '),
    private.terms_of(pg_catalog.concat_ws(' ', p.name, p.category, pg_catalog.array_to_string(p.types, ' ')),
      pg_catalog.concat_ws(' ', p.description, p.address))
  from public.places p
  cross join lateral (select private.mercator(p.latitude, p.longitude) as position) m
  where (p.id = list_place_texts.place_id or p.partner_id = list_place_texts.partner_id)
    and p.is_active and (p.partner_id is null
      or exists (select from public.partners r where r.id = p.partner_id and r.is_active));
end $$;
comment on function private.list_place_texts(uuid, uuid) is
  'Writes one place, or all places of a partner, into the search anew; inactive ones are left out.';

create function private.follow_place()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    delete from private.place_texts e where e.place_id = old.id;
  else
    perform private.list_place_texts(new.id, null);
  end if;
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
  perform private.list_place_texts(null, new.id);
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
      or (tg_op <> 'DELETE' and extensions.st_intersects(new.area, p.location::extensions.geometry)));
  return null;
end $$;
comment on function private.find_places_of_neighbourhood() is
  'Trigger on neighbourhoods: places find theirs again when an area is drawn, redrawn or removed. Reads every place; '
  'areas change rarely.';
create trigger neighbourhoods_find_places after insert or update of area or delete on public.neighbourhoods
  for each row execute function private.find_places_of_neighbourhood();
