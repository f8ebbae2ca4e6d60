-- Room: pictures. Who may add, read and remove the files of members in Supabase Storage. The files are Storage's; this
-- room owns two buckets and the policies on storage.objects, where the platform has Storage. Elsewhere it waits:
-- ops.prepare_pictures() can be called again at any time.

create function private.may_add_picture(bucket_id text, path text)
returns boolean
language plpgsql stable security definer set search_path = ''
as $$
declare
  v_me    uuid := auth.uid();
  v_limit integer;
  v_count integer;
begin
  if v_me is null or path is null or path !~ ('^' || v_me || '/[A-Za-z0-9_-]{1,100}\.(jpg|png|webp)$')
     or not exists (select from public.users u where u.id = v_me and u.is_active and not u.is_banned) then
    return false;
  end if;
  select s.picture_limit into strict v_limit from private.settings s;
  -- as text: the table is not there where Storage is not. '0' is the character after '/'.
  execute pg_catalog.format(
    'select count(*) from (select from %s o where o.bucket_id = $1 and o.name collate "C" >= $2 || ''/''
      and o.name collate "C" < $2 || ''0'' limit $3) mine',
    pg_catalog.to_regclass('storage.objects'))
    into v_count using bucket_id, v_me::text, v_limit;
  return v_count < v_limit;
end $$;
comment on function private.may_add_picture(text, text) is
  'Policy: whether the caller may add a file of this name, <own id>/<name>.jpg, .png or .webp: not banned, and below '
  'picture_limit.';
grant execute on function private.may_add_picture(text, text) to authenticated;

create function private.tasks_showing(path text)
returns uuid[]
language plpgsql stable security definer set search_path = ''
as $$
begin
  return array(
    select t.id from public.tasks t
    where t.image_paths <> '{}' and t.image_paths @> array[tasks_showing.path]
      and pg_catalog.starts_with(tasks_showing.path, t.creator_id || '/'));
end $$;
comment on function private.tasks_showing(text) is
  'Tasks whose pictures include this path. Says nothing about who may read them.';
grant execute on function private.tasks_showing(text) to authenticated;

create function private.may_see_picture(path text)
returns boolean
language plpgsql stable set search_path = ''
as $$
begin
  -- under the policies of tasks, with the caller's rights: whoever may read the task may see its pictures
  return exists (select from public.tasks t where t.id = any (private.tasks_showing(may_see_picture.path)));
end $$;
comment on function private.may_see_picture(text) is
  'Policy: whether the caller may read a task that shows this picture.';
grant execute on function private.may_see_picture(text) to authenticated;

create function ops.prepare_pictures()
returns text
language plpgsql volatile set search_path = ''
as $$
begin
  if pg_catalog.to_regclass('storage.buckets') is null or pg_catalog.to_regclass('storage.objects') is null then
    return 'no_storage_here';
  end if;

  -- the Storage server holds uploads to size and type
  execute pg_catalog.format($sql$
    insert into %s (id, name, public, file_size_limit, allowed_mime_types) values
      ('avatars', 'avatars', true, 1048576, '{image/jpeg,image/png,image/webp}'),
      ('task-images', 'task-images', false, 5242880, '{image/jpeg,image/png,image/webp}')
    on conflict (id) do update
    set public = excluded.public, file_size_limit = excluded.file_size_limit,
      allowed_mime_types = excluded.allowed_mime_types
  $sql$, pg_catalog.to_regclass('storage.buckets'));

  execute 'drop policy if exists pictures_are_readable on storage.objects';
  execute 'drop policy if exists pictures_are_added_by_owner on storage.objects';
  execute 'drop policy if exists pictures_are_removed_by_owner on storage.objects';
  -- avatars are served by their public address, which asks no policy; so nobody else can list them. No policy for
  -- update: a file is never overwritten or moved, not even by its owner.
  execute $sql$
    create policy pictures_are_readable on storage.objects for select to authenticated using (
      bucket_id in ('avatars', 'task-images')
      and (pg_catalog.starts_with(name, (select auth.uid()) || '/')
        or (bucket_id = 'task-images'
          and coalesce(pg_catalog.current_setting('storage.operation', true), '') not like '%list%'
          and private.may_see_picture(name))))
  $sql$;
  execute $sql$
    create policy pictures_are_added_by_owner on storage.objects for insert to authenticated with check (
      bucket_id in ('avatars', 'task-images') and private.may_add_picture(bucket_id, name))
  $sql$;
  execute $sql$
    create policy pictures_are_removed_by_owner on storage.objects for delete to authenticated using (
      bucket_id in ('avatars', 'task-images') and pg_catalog.starts_with(name, (select auth.uid()) || '/'))
  $sql$;
  return 'prepared';
end $$;
comment on function ops.prepare_pictures() is
  'Creates or mends the buckets avatars and task-images and their policies. Called by the migration; call it again '
  'when Storage was added later. Returns prepared or no_storage_here.';

select ops.prepare_pictures();
-- undo: -- Files and buckets stay: SQL may not delete them. Only the secret key reads them afterwards.
-- undo: do $$
-- undo: begin
-- undo:   if to_regclass('storage.objects') is not null then
-- undo:     drop policy if exists pictures_are_readable on storage.objects;
-- undo:     drop policy if exists pictures_are_added_by_owner on storage.objects;
-- undo:     drop policy if exists pictures_are_removed_by_owner on storage.objects;
-- undo:     update storage.buckets set public = false where id = 'avatars';
-- undo:   end if;
-- undo: end $$;
