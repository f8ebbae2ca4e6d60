-- Room: pictures. Who may add, read and remove the files of members in Supabase Storage. The files are Storage's; this
-- room owns two buckets, the policies and one trigger on storage.objects, where the platform has Storage. Elsewhere it
-- waits: ops.prepare_pictures() can be called again at any time.

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

  -- what size and type uploads are held to
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
  -- plain uploads alone: copies take what others have made, and addresses for a later upload outlive a ban
  execute $sql$
    create policy pictures_are_added_by_owner on storage.objects for insert to authenticated with check (
      bucket_id in ('avatars', 'task-images') and pg_catalog.starts_with(name, (select auth.uid()) || '/')
      and pg_catalog.current_setting('storage.operation', true) = 'storage.object.upload'
      and coalesce(user_metadata, '{}') = '{}')
  $sql$;
  execute $sql$
    create policy pictures_are_removed_by_owner on storage.objects for delete to authenticated using (
      bucket_id in ('avatars', 'task-images') and pg_catalog.starts_with(name, (select auth.uid()) || '/'))
  $sql$;
  -- replaced, not dropped: that is for the owner of the table alone
  execute $sql$
    create or replace trigger pictures_are_added before insert on storage.objects for each row
    when (new.bucket_id in ('avatars', 'task-images')) execute function private.check_picture()
  $sql$;
  execute $sql$
    create or replace trigger pictures_stay before update on storage.objects for each row
    when (old.bucket_id in ('avatars', 'task-images') or new.bucket_id in ('avatars', 'task-images'))
    execute function private.check_picture()
  $sql$;
  -- what was stored before
  execute $sql$
    insert into private.picture_names (member_id, bucket_id, name)
    select u.id, o.bucket_id, o.name from storage.objects o
    join public.users u on u.id::text = pg_catalog.split_part(o.name, '/', 1) and u.is_active
    where o.bucket_id in ('avatars', 'task-images')
    on conflict do nothing
  $sql$;
  return 'prepared';
end $$;
comment on function ops.prepare_pictures() is
  'Creates or mends the buckets avatars and task-images, their policies and triggers. Called by the migration; call it '
  'again when Storage was added later. Returns prepared or no_storage_here.';

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
