-- Room: tasks. Posting, finding, offering, accepting, doing, confirming. docs/rooms/tasks.md holds the full table of
-- state x action x actor that these functions implement and the tests assert.
-- Lock order, everywhere: task row -> creator's users row -> point accounts. Never the other way round.

create table public.categories (
  slug        text primary key,
  parent_slug text references public.categories (slug) on update cascade on delete restrict,
  name_de     text not null,
  name_en     text not null,
  position    integer not null default 0,
  is_active   boolean not null default true,
  constraint slug_is_lower_case_words check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 100),
  constraint category_is_not_its_own_parent check (parent_slug <> slug)
);

comment on table public.categories is
  'Tree of task categories; admins add rows in Studio. A search for a category includes its descendants.';
comment on column public.categories.slug is 'Stable name used by the API, for example handwerk.';
comment on column public.categories.parent_slug is 'Category this one belongs to; null for a root.';
comment on column public.categories.name_de is 'German name.';
comment on column public.categories.name_en is 'English name.';
comment on column public.categories.position is 'Order among siblings, ascending.';
comment on column public.categories.is_active is 'False hides it from new tasks; existing ones keep it.';

-- None touches tasks.status, so a change of state stays a heap-only update.
create index categories_by_parent on public.categories (parent_slug);

alter table public.categories enable row level security;
create policy categories_are_readable_by_everyone on public.categories for select to anon, authenticated using (true);

call private.grant_columns('public.categories', 'anon, authenticated, service_role');

create function private.refuse_category_cycle()
returns trigger
language plpgsql set search_path = ''
as $$
begin
  if exists (
    with recursive ancestors as (
      select new.parent_slug as slug
      union
      select c.parent_slug from public.categories c join ancestors a on c.slug = a.slug)
    select from ancestors where slug = new.slug) then
    raise exception using errcode = 'PT400', message = 'category_cycle', detail = new.slug,
      hint = 'A category cannot be below itself.';
  end if;
  return null;
end $$;
comment on function private.refuse_category_cycle() is
  'Trigger on categories: keeps the tree a tree. Raises PT400 category_cycle.';
create trigger categories_stay_a_tree after insert or update on public.categories
  for each row when (new.parent_slug is not null) execute function private.refuse_category_cycle();

create function private.stop_tasks()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  lock table public.tasks in exclusive mode;
  return null;
end $$;
comment on function private.stop_tasks() is
  'Trigger on categories: before a slug is renamed, in all its tasks, what works on tasks ends and what comes waits. '
  'A command that holds some of these tasks and lists others would end in a deadlock.';
create trigger categories_stop_tasks before update of slug on public.categories
  for each statement execute function private.stop_tasks();

create function private.category_subtree(category text)
returns text[]
language plpgsql stable set search_path = ''
as $$
declare
  v_slugs text[];
begin
  if category is null then
    return null;
  end if;
  v_slugs := array(
    with recursive subtree as (
      select c.slug from public.categories c where c.slug = category_subtree.category
      union
      select c.slug from public.categories c join subtree s on c.parent_slug = s.slug)
    select s.slug from subtree s);
  if v_slugs = '{}' then
    raise exception using errcode = 'PT400', message = 'category_not_found', detail = pg_catalog.left(category, 100),
      hint = 'Please choose one of the categories.';
  end if;
  return v_slugs;
end $$;
comment on function private.category_subtree(text) is
  'Slugs of a category and all below it; null for null. Raises PT400 category_not_found.';

insert into public.categories (slug, name_de, name_en, position) values
  ('handwerk', 'Handwerk', 'Handiwork', 1),
  ('garten', 'Garten', 'Garden', 2),
  ('technik', 'Technik', 'Technology', 3),
  ('transport', 'Transport', 'Transport', 4),
  ('sonstiges', 'Sonstiges', 'Other', 5);
