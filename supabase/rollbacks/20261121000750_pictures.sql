-- Rollback of pictures. Where Storage is, the files stay, and with them the buckets, which SQL may not delete; nobody but the
-- secret key can read them afterwards. Remove them through the Storage API.

do $$
begin
  if to_regclass('storage.objects') is not null then
    drop policy if exists pictures_are_readable on storage.objects;
    drop policy if exists pictures_are_added_by_owner on storage.objects;
    drop policy if exists pictures_are_removed_by_owner on storage.objects;
    update storage.buckets set public = false where id = 'avatars';
  end if;
end $$;

drop function ops.abandoned_pictures(interval);
drop function ops.prepare_pictures();
drop function private.may_see_picture(text);
drop function private.tasks_showing(text);
drop function private.may_add_picture(text, text);

drop index public.tasks_by_image;

alter table private.settings drop column picture_limit;
