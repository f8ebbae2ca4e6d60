create table private.open_tasks (
  task_id     uuid primary key references public.tasks (id) on delete restrict,
  creator_id  uuid not null references public.users (id) on delete restrict,
  category    text not null references public.categories (slug) on update cascade on delete restrict,
  position    point not null,
  square      bigint not null,
  wide_square bigint not null,
  tile        bigint not null,
  neighbourhood_id uuid,
  created_at  timestamptz not null,
  expires_at  timestamptz not null default 'infinity',
  starts_at   timestamptz
);

comment on table private.open_tasks is
  'Projection of open tasks for nearby search and expiry, kept by the lifecycle functions; tasks of banned members '
  'are left out.';
comment on column private.open_tasks.position is 'Its cell centre on the plane, see private.position_at.';
comment on column private.open_tasks.square is 'Square it lies in, see private.square_at.';
comment on column private.open_tasks.wide_square is 'Wide square it lies in, for searches of a large radius.';
comment on column private.open_tasks.tile is 'Tile its cell centre lies in, see private.tile_at, for the map.';
comment on column private.open_tasks.neighbourhood_id is 'Its neighbourhood, for filters; null outside of all.';
comment on column private.open_tasks.created_at is 'When the task was posted.';
comment on column private.open_tasks.expires_at is
  'When it ends by itself, see private.deadline_of; infinity for never.';
comment on column private.open_tasks.starts_at is 'When help is wanted, for filters; null for whenever it suits.';

create index open_tasks_by_creator on private.open_tasks (creator_id);
-- with all that the map looks at: its tasks lie all over the table, and reading them there takes twice as long.
-- starts_at once more, because of an expression alone the planner does not know that it is enough
create index open_tasks_in_tile on private.open_tasks (tile, (coalesce(starts_at, 'infinity')))
  include (task_id, creator_id, expires_at, starts_at);
create index open_tasks_of_category_in_tile on private.open_tasks (category, tile, (coalesce(starts_at, 'infinity')))
  include (task_id, creator_id, expires_at, starts_at);
create index open_tasks_newest_in_square on private.open_tasks (square, created_at desc, task_id desc);
create index open_tasks_newest_in_wide_square on private.open_tasks (wide_square, created_at desc, task_id desc);
create index open_tasks_by_position on private.open_tasks using gist (position);
create index open_tasks_by_expiry on private.open_tasks (expires_at);
create index open_tasks_starting_in_square on private.open_tasks (square, starts_at) where starts_at is not null;

alter table private.open_tasks enable row level security;

create function private.deadline_of(task public.tasks)
returns timestamptz
language sql immutable set search_path = ''
as $$ select least(task.expires_at, case when not task.is_flexible then task.starts_at end) $$;
comment on function private.deadline_of(public.tasks) is
  'When a task ends by itself as long as it is open: at expires_at, and at its start unless that is flexible; null for '
  'never.';

create function private.project_task(task public.tasks)
returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_position point := private.position_at(task.latitude, task.longitude);
begin
  -- share lock: a ban that runs at the same time waits, then takes the row away again
  if (select not u.is_banned from public.users u where u.id = task.creator_id for share) then
    insert into private.open_tasks as o
      (task_id, creator_id, category, position, square, wide_square, tile, neighbourhood_id, created_at,
      expires_at, starts_at)
    values (task.id, task.creator_id, task.category, v_position, private.square_at(v_position),
      private.square_at(v_position, 65536), private.tile_at(task.latitude, task.longitude), task.neighbourhood_id,
      task.created_at, coalesce(private.deadline_of(task), 'infinity'), task.starts_at)
    on conflict (task_id) do update
      set category = excluded.category, position = excluded.position, square = excluded.square,
        wide_square = excluded.wide_square, tile = excluded.tile,
        neighbourhood_id = excluded.neighbourhood_id, expires_at = excluded.expires_at,
        starts_at = excluded.starts_at;
  end if;
end $$;
comment on function private.project_task(public.tasks) is
  'Puts an open task into the search projection, or refreshes it there; not for banned creators.';

create function private.project_edited_task()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if new.status = 'open' then
    perform private.project_task(new);
  end if;
  return null;
end $$;
comment on function private.project_edited_task() is
  'Trigger on tasks: the search follows when what it looks at is edited, by update_task or in Studio.';
create trigger tasks_are_projected
  after update of category, latitude, longitude, neighbourhood_id, expires_at, starts_at, is_flexible on public.tasks
  for each row execute function private.project_edited_task();

create function private.project_tasks_of_member()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_task public.tasks;
begin
  delete from private.open_tasks o where o.creator_id = new.id;
  if not new.is_banned then
    for v_task in select t.* from public.tasks t where t.creator_id = new.id and t.status = 'open' loop
      perform private.project_task(v_task);
    end loop;
  end if;
  return null;
end $$;
comment on function private.project_tasks_of_member() is
  'Trigger on users: a ban takes the member''s open tasks out of the search, lifting it puts them back.';
create trigger users_project_tasks after update of is_banned on public.users
  for each row when (old.is_banned <> new.is_banned) execute function private.project_tasks_of_member();
