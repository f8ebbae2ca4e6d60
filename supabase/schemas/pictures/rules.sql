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
