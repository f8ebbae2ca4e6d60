create function private.fill_search()
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.task_texts
    (task_id, creator_id, category, position, cell, neighbourhood_id, expires_at, title, terms)
  select o.task_id, o.creator_id, o.category, o.position, o.cell, o.neighbourhood_id, o.expires_at,
    pg_catalog.array_to_string(private.words_of(t.title), ' '), private.terms_of(t.title, t.description)
  from private.open_tasks o join public.tasks t on t.id = o.task_id;
  perform private.list_place_texts(p.id, null) from public.places p;
end $$;
comment on function private.fill_search() is 'Fills the empty projections of the search.';

create function ops.audit_search()
returns table (problem text, subject_id text, detail text)
language sql stable security definer set search_path = ''
as $$
  select 'listed_task_not_searched', o.task_id::text, null
  from private.open_tasks o where not exists (select from private.task_texts e where e.task_id = o.task_id)
  union all
  select 'searched_task_not_listed', e.task_id::text, null
  from private.task_texts e where not exists (select from private.open_tasks o where o.task_id = e.task_id)
  union all
  select 'searched_task_differs', e.task_id::text, null
  from private.task_texts e join private.open_tasks o on o.task_id = e.task_id join public.tasks t on t.id = e.task_id
  where (e.creator_id, e.category, e.cell, e.neighbourhood_id, e.expires_at, e.title, e.terms)
        is distinct from (o.creator_id, o.category, o.cell, o.neighbourhood_id, o.expires_at,
          pg_catalog.array_to_string(private.words_of(t.title), ' '), private.terms_of(t.title, t.description))
     or not (e.position ~= o.position)
  union all
  select 'place_not_searched', p.id::text, null
  from public.places p left join public.partners r on r.id = p.partner_id
  where p.is_active and (p.partner_id is null or r.is_active)
    and not exists (select from private.place_texts e where e.place_id = p.id)
  union all
  select 'searched_place_not_active', e.place_id::text, null
  from private.place_texts e
  where not exists (select from public.places p left join public.partners r on r.id = p.partner_id
                    where p.id = e.place_id and p.is_active and (p.partner_id is null or r.is_active))
  union all
  select 'searched_place_differs', e.place_id::text, null
  from private.place_texts e join public.places p on p.id = e.place_id
  where (e.category, e.cell, e.neighbourhood_id, e.title, e.terms)
        is distinct from (p.category, private.search_cell(private.mercator(p.latitude, p.longitude), 8192),
          private.neighbourhood_at(p.latitude, p.longitude),
          pg_catalog.array_to_string(private.words_of(p.name), ' '),
          private.terms_of(pg_catalog.concat_ws(' ', p.name, p.category, pg_catalog.array_to_string(p.types, ' ')),
            pg_catalog.concat_ws(' ', p.description, p.address)))
     or not (e.position ~= private.mercator(p.latitude, p.longitude))
$$;
comment on function ops.audit_search() is
  'Proves that what is searched agrees with the tasks and places: one row for each problem, none when everything is '
  'right. Reads and stems every text; run it off-peak on large data. After an upgrade of PostgreSQL, whose stemmers '
  'may have changed, ops.rebuild_search() mends what it finds.';
grant execute on function ops.audit_search() to service_role, app_read;

create function ops.rebuild_search()
returns integer
language plpgsql volatile security definer set search_path = ''
as $$
begin
  -- truncating keeps everybody out until the end; nobody searches a half-filled projection
  truncate private.task_texts, private.place_texts;
  perform private.fill_search();
  return (select count(*) from private.task_texts) + (select count(*) from private.place_texts);
end $$;
comment on function ops.rebuild_search() is
  'Writes the projections of the search anew and returns their number of rows. Searches and new tasks wait meanwhile.';
grant execute on function ops.rebuild_search() to service_role;

select private.fill_search();
-- undo: nothing
