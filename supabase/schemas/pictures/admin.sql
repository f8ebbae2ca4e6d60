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
