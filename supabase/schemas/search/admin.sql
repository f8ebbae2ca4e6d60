create function private.fill_search()
returns void
language plpgsql volatile set search_path = ''
as $$
begin
  insert into private.task_texts select x.* from private.open_tasks o cross join lateral private.text_of_task(o) x;
  insert into private.place_texts
  select x.* from public.places p cross join lateral private.text_of_place(p) x where private.is_shown(p);
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
  from private.task_texts e
  join private.open_tasks o on o.task_id = e.task_id
  cross join lateral private.text_of_task(o) x
  where (e.creator_id, e.category, e.square, e.neighbourhood_id, e.expires_at, e.starts_at, e.title, e.terms)
        is distinct from (x.creator_id, x.category, x.square, x.neighbourhood_id, x.expires_at, x.starts_at, x.title,
          x.terms)
     or not (e.position ~= x.position)
  union all
  select 'place_not_searched', p.id::text, null
  from public.places p
  where private.is_shown(p) and not exists (select from private.place_texts e where e.place_id = p.id)
  union all
  select 'searched_place_not_active', e.place_id::text, null
  from private.place_texts e
  where not exists (select from public.places p where p.id = e.place_id and private.is_shown(p))
  union all
  select 'searched_place_differs', e.place_id::text, null
  from private.place_texts e
  join public.places p on p.id = e.place_id
  cross join lateral private.text_of_place(p) x
  where (e.category, e.square, e.neighbourhood_id, e.title, e.terms)
        is distinct from (x.category, x.square, x.neighbourhood_id, x.title, x.terms)
     or not (e.position ~= x.position)
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
  -- lock: who is drawing an area goes on to both projections
  lock table public.neighbourhoods in share mode;
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
