-- Written by npm run db:build: takes the room pictures out again. DELETES what is in private.picture_names: take a backup first.

-- Files and buckets stay: SQL may not delete them. Only the secret key reads them afterwards.
do $$
begin
  if to_regclass('storage.objects') is not null then
    drop policy if exists pictures_are_readable on storage.objects;
    drop policy if exists pictures_are_added_by_owner on storage.objects;
    drop policy if exists pictures_are_removed_by_owner on storage.objects;
    update storage.buckets set public = false where id = 'avatars';
  end if;
end $$;
drop function ops.prepare_pictures;
drop function private.may_see_picture;
drop function private.tasks_showing;
drop function ops.abandoned_pictures;
drop function private.check_picture() cascade;
drop function private.picture_problem;
drop table private.picture_names;
alter table private.settings drop constraint picture_limit_is_not_negative;
alter table private.settings drop column picture_limit;
