-- Written by npm run db:build from supabase/schemas/pictures/: edit there.

-- schemas/pictures/settings.sql

alter table private.settings add column picture_limit integer not null default 300;

alter table private.settings add constraint picture_limit_is_not_negative check (picture_limit >= 0);

comment on column private.settings.picture_limit is
  'Most files a member may keep in each bucket.';

-- schemas/pictures/rules.sql

create table private.picture_names (
  member_id uuid not null references public.users (id) on delete restrict,
  bucket_id text not null,
  name      text not null,
  primary key (member_id, bucket_id, name)
);

comment on table private.picture_names is
  'Names of pictures that were ever stored, so that a name means one picture for ever, also after it was removed. Goes '
  'with the member.';
comment on column private.picture_names.member_id is 'Whose folder it was.';
comment on column private.picture_names.bucket_id is 'The bucket, avatars or task-images.';
comment on column private.picture_names.name is 'Path in the bucket.';

alter table private.picture_names enable row level security;

create function private.picture_problem(bucket_id text, metadata jsonb, user_metadata jsonb)
returns text
language plpgsql stable set search_path = ''
as $$
declare
  v_bucket record;
begin
  if coalesce(user_metadata, '{}') <> '{}'
     or pg_catalog.octet_length(metadata::text) > private.max_metadata_bytes() then
    return 'a picture has no metadata of its own';
  end if;
  -- before it has the bytes the Storage server asks with a row that does not tell their size, and takes it back
  if metadata ? 'size' then
    select b.file_size_limit, b.allowed_mime_types into v_bucket
    from storage.buckets b where b.id = picture_problem.bucket_id;
    if ((metadata ->> 'size')::numeric <= v_bucket.file_size_limit) is not true then
      return 'a picture is not larger than its bucket takes';
    end if;
    if (metadata ->> 'mimetype' = any (v_bucket.allowed_mime_types)) is not true then
      return 'a picture has a type that its bucket takes';
    end if;
  end if;
  return null;
end $$;
comment on function private.picture_problem(text, jsonb, jsonb) is
  'What is wrong with a file as the Storage server has stored it, held against its bucket; null when nothing is.';

create function private.check_picture()
returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_member  uuid;
  v_limit   integer;
  v_count   integer;
  v_problem text;
begin
  if tg_op = 'UPDATE' then
    if (new.bucket_id, new.name, new.version, new.metadata, new.user_metadata)
       is distinct from (old.bucket_id, old.name, old.version, old.metadata, old.user_metadata) then
      raise insufficient_privilege using message = 'a picture is never replaced, moved or changed';
    end if;
    return new;
  end if;
  v_problem := private.picture_problem(new.bucket_id, new.metadata, new.user_metadata);
  if v_problem is not null then
    raise insufficient_privilege using message = v_problem;
  end if;

  -- the member is held: uploads that run at the same moment count each other, and a ban or an erasure comes before or
  -- after. An upload may have been allowed before it
  select u.id into v_member from public.users u
  where u.id = pg_catalog.substring(new.name, '^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/')::uuid
    and u.is_active and not u.is_banned
  for no key update;
  if v_member is null or not private.is_picture_path(new.name, v_member) then
    raise insufficient_privilege using message = 'a picture lies in the folder of a member who may act';
  end if;
  -- before the limit: who repeats an upload whose answer was lost is told that it arrived. Strangers are told nothing
  if coalesce(auth.uid(), v_member) = v_member and auth.role() is distinct from 'anon'
     and exists (select from storage.objects o where o.bucket_id = new.bucket_id and o.name = new.name) then
    raise unique_violation using message = 'this picture is there';
  end if;
  insert into private.picture_names (member_id, bucket_id, name) values (v_member, new.bucket_id, new.name)
  on conflict do nothing;
  if not found then
    raise insufficient_privilege using message = 'the name of a picture is never used again';
  end if;
  select s.picture_limit into strict v_limit from private.settings s;
  -- '0' is the character after '/'
  select count(*) into v_count from (
    select from storage.objects o
    where o.bucket_id = new.bucket_id and o.name collate "C" >= v_member || '/' and o.name collate "C" < v_member || '0'
    limit v_limit) mine;
  if v_count >= v_limit then
    raise insufficient_privilege using message = 'a member keeps no more pictures than picture_limit';
  end if;
  return new;
end $$;
-- undo: drop function private.check_picture() cascade;
comment on function private.check_picture() is
  'Trigger on storage.objects for the buckets of this room. Binds whoever writes, the Storage server itself included: '
  'it asks policies only before it has the bytes, and finishes uploads with all rights.';

-- schemas/pictures/admin.sql

create function ops.abandoned_pictures(older_than interval default '1 day')
returns table (bucket_id text, path text)
language plpgsql stable set search_path = ''
as $$
begin
  if pg_catalog.to_regclass('storage.objects') is null then
    return;
  end if;
  return query execute pg_catalog.format($sql$
    select o.bucket_id, o.name from %s o
    where o.created_at < now() - $1
      and case o.bucket_id
            when 'avatars' then not exists (
              select from public.users u
              where u.id::text = pg_catalog.split_part(o.name, '/', 1) and u.avatar_path = o.name)
            when 'task-images' then pg_catalog.cardinality(private.tasks_showing(o.name)) = 0
            else false end
    order by o.bucket_id, o.name
  $sql$, pg_catalog.to_regclass('storage.objects')) using abandoned_pictures.older_than;
end $$;
comment on function ops.abandoned_pictures(interval) is
  'Files that no profile and no task shows, among them all files of members who deleted their account. Remove them '
  'through the Storage API; SQL cannot.';

-- schemas/pictures/policies.sql

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
