-- ops.prepare_pictures and ops.abandoned_pictures: nothing where there is no Storage, everything where there is, as often as one likes.
begin;
select plan(17);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');

create temporary view policies as
select polname::text collate "default" as name, polcmd::text collate "default" as command, polroles::regrole[]::text as roles
from pg_policy where polrelid = to_regclass('storage.objects') and polname like 'pictures\_%';

-- where Storage was there before the product, the migration has prepared it
select is(
  (select count(*)::int from pg_policy where polrelid = to_regclass('storage.objects') and polname like 'pictures\_%')
    + (select count(*)::int from pg_trigger where tgrelid = to_regclass('storage.objects') and tgname like 'pictures\_%'),
  case when to_regclass('storage.objects') is null then 0 else 5 end, 'where Storage is, three policies and two triggers are');

-- where Storage is the platform's, the first chapter has nothing to show: its tables are not ours to take away. Those of
-- the local stack are, until the end of the transaction
do $$
begin
  if (select pg_has_role(nspowner, 'member') from pg_namespace where nspname = 'storage') then
    drop schema storage cascade;
  end if;
end $$;
create temporary table platform as select to_regclass('storage.objects') is not null as has_storage;
select is(case when has_storage then 'no_storage_here' else ops.prepare_pictures() end, 'no_storage_here', 'without Storage nothing is created') from platform;
select is(to_regnamespace('storage') is not null, has_storage, 'not even its schema') from platform;
select is(case when has_storage then 0 else (select count(*)::int from ops.abandoned_pictures()) end, 0, 'and there is nothing to clean up') from platform;

select tests.prepare_storage();
select is(ops.prepare_pictures(), 'prepared', 'with Storage the room is prepared, and can be again');
select results_eq('select * from policies order by command collate "C"',
  $$ values ('pictures_are_added_by_owner', 'a', '{authenticated}'), ('pictures_are_removed_by_owner', 'd', '{authenticated}'),
    ('pictures_are_readable', 'r', '{authenticated}') $$,
  'there is one policy for adding, removing and reading, none for overwriting, for members alone');
create temporary view triggers as
select tgname::text collate "default" as name, pg_get_triggerdef(oid) as definition from pg_trigger where tgrelid = to_regclass('storage.objects') and tgname like 'pictures\_%';
create temporary table prepared as select * from triggers;
select results_eq('select name from prepared order by 1', array['pictures_are_added', 'pictures_stay'], 'and a trigger for what is stored and for what is changed');

-- it mends what somebody changed in Studio
update storage.buckets set public = true, file_size_limit = null, allowed_mime_types = null where id = 'task-images';
drop policy pictures_are_readable on storage.objects;
alter policy pictures_are_removed_by_owner on storage.objects using (true);
create or replace trigger pictures_stay before update on storage.objects for each row when (false) execute function private.check_picture();
select isnt((select definition from triggers where name = 'pictures_stay'), (select definition from prepared where name = 'pictures_stay'), 'somebody has changed a trigger');
select ops.prepare_pictures();
select results_eq($$ select public, file_size_limit, cardinality(allowed_mime_types) from storage.buckets where id = 'task-images' $$,
  $$ values (false, 5242880::bigint, 3) $$, 'a bucket that was opened is closed again');
select is((select count(*)::int from policies), 3, 'a policy that was dropped is back');
select set_eq('select * from triggers', 'select * from prepared', 'a trigger that was changed is as it was');
select isnt((select pg_get_expr(polqual, polrelid) from pg_policy where polname = 'pictures_are_removed_by_owner'), 'true', 'a policy that was widened is narrow again');

-- what nobody shows any more
insert into storage.objects (bucket_id, name, created_at)
select bucket, tests.get_supabase_uid(member) || '/' || file, now() - age
from (values
  ('avatars', 'anna', 'now.jpg', interval '2 days'), ('avatars', 'anna', 'before.jpg', '2 days'), ('avatars', 'anna', 'uploading.jpg', '1 hour'),
  ('task-images', 'anna', 'lawn.jpg', '2 days'), ('task-images', 'anna', 'unused.jpg', '2 days'), ('avatars', 'ben', 'me.jpg', '2 days')
) files (bucket, member, file, age);
insert into storage.buckets (id, name) values ('other', 'other');
insert into storage.objects (bucket_id, name, created_at) values ('other', 'x.jpg', now() - interval '2 days');
select tests.authenticate_as('anna');
select public.update_profile(avatar_path => tests.get_supabase_uid('anna') || '/now.jpg');
create temporary table t as
select k.id from public.create_task('Mow the lawn', 'x', 'garten', -48.8767, -123.3933, 10, image_paths => array[tests.get_supabase_uid('anna') || '/lawn.jpg']) k;
select tests.authenticate_as('ben');
select public.update_profile(avatar_path => tests.get_supabase_uid('ben') || '/me.jpg');
select tests.reset_authentication();
create temporary view abandoned as select bucket_id || ' ' || split_part(path, '/', 2) as file from ops.abandoned_pictures();
select results_eq('select file from abandoned', $$ values ('avatars before.jpg'), ('task-images unused.jpg') $$,
  'a file of yesterday that no profile and no task shows is abandoned; other buckets are not this room''s');
select results_eq($$ select count(*)::int from ops.abandoned_pictures('0') $$, $$ values (3) $$, 'the age can be chosen');

-- an erased member's files are all abandoned, also those of tasks that others can still read
delete from auth.users where id = tests.get_supabase_uid('anna');
select is((select image_paths from public.tasks join t using (id)), '{}', 'the tasks of an erased member show no pictures');
select is((select count(*)::int from abandoned where file in ('avatars now.jpg', 'task-images lawn.jpg')), 2, 'an erased member''s files are abandoned');
select is((select count(*)::int from abandoned where file = 'avatars me.jpg'), 0, 'other members'' are not');

select * from finish();
rollback;
