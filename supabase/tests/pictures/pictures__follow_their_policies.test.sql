-- storage.objects, as the Storage server uses it: with the caller's role and token. Prepared with the shape of Supabase's schema.
-- anna creates a task with pictures, ben helps, cem has no part, dora is blocked by anna, emil is banned, fay deleted her account.
begin;
select plan(82);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil', 'fay');
select tests.prepare_storage();

create function pg_temp.of(member text, file text)
returns text language sql as $$ select tests.get_supabase_uid(member) || '/' || file $$;
create function pg_temp.adds(bucket text, path text, operation text default 'storage.object.upload', user_metadata jsonb default null)
returns text
language plpgsql
as $$
begin
  perform set_config('storage.operation', operation, true);
  return tests.error_of(format('insert into storage.objects (bucket_id, name, version, user_metadata) values (%L, %L, ''1'', %L)', bucket, path, user_metadata));
end $$;
create function pg_temp.refused()
returns text language sql as $$ select '42501 new row violates row-level security policy for table "objects"'::text $$;
create function pg_temp.refused_name()
returns text language sql as $$ select '42501 a picture lies in the folder of a member who may act'::text $$;
create function pg_temp.reads(bucket text, operation text default 'storage.object.sign')
returns text[]
language plpgsql
as $$
begin
  perform set_config('storage.operation', operation, true);
  return array(select o.path_tokens[2] from storage.objects o where o.bucket_id = bucket order by o.path_tokens[2] collate "C");
end $$;
create function pg_temp.removes(path text)
returns bigint
language plpgsql
as $$
declare
  v_count bigint;
begin
  delete from storage.objects where name = path;
  get diagnostics v_count = row_count;
  return v_count;
end $$;

grant execute on function pg_temp.of(text, text), pg_temp.adds(text, text, text, jsonb), pg_temp.refused(), pg_temp.refused_name(), pg_temp.reads(text, text), pg_temp.removes(text)
  to anon, authenticated;

-- the buckets
select results_eq(
  $$ select id, name, public, file_size_limit, allowed_mime_types from storage.buckets where id in ('avatars', 'task-images') order by id $$,
  $$ values ('avatars', 'avatars', true, 1048576::bigint, '{image/jpeg,image/png,image/webp}'::text[]),
    ('task-images', 'task-images', false, 5242880, '{image/jpeg,image/png,image/webp}') $$,
  'the buckets limit size and type; only avatars is public');
-- files of the same name elsewhere: the policies are about these two buckets alone, and about each for itself
insert into storage.buckets (id, name) values ('other', 'other');
insert into storage.objects (bucket_id, name) values ('other', pg_temp.of('anna', 'other.jpg')), ('avatars', pg_temp.of('anna', 'lawn.jpg'));

-- anna adds
select tests.authenticate_as('anna');
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'me.jpg')), 'no error', 'member: adds an avatar to the own folder');
select is(pg_temp.adds('task-images', pg_temp.of('anna', 'lawn.jpg')), 'no error', 'member: adds a picture to the own folder');
select is(pg_temp.adds('task-images', pg_temp.of('anna', 'unused.webp')), 'no error', 'member: one that no task shows');
select is(pg_temp.adds('task-images', pg_temp.of('anna', 'Old_shed-2.png')), 'no error', 'member: and another');
select is(pg_temp.adds(bucket, path), pg_temp.refused(), 'member: does not add ' || what)
from (values
  ('to somebody else''s folder', 'avatars', pg_temp.of('ben', 'me.jpg')),
  ('to somebody else''s folder of task pictures', 'task-images', pg_temp.of('ben', 'me.jpg')),
  ('to a bucket that is not this room''s', 'other', pg_temp.of('anna', 'me.jpg'))
) wrong (what, bucket, path);
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'other-way.jpg'), operation), pg_temp.refused(), 'member: does not add by ' || coalesce(operation, 'a server that does not name the operation'))
from unnest(array['storage.object.copy', 'storage.object.move', 'storage.object.sign_upload_url', 'storage.object.upload_signed', 'storage.object.upload_update',
  'storage.tus.upload.create', 'storage.tus.upload.part', 'storage.s3.upload', 'storage.s3.upload.create_multipart', 'storage.s3.upload.part_copy',
  'storage.s3.upload.complete_multipart', 'storage.s3.object.copy', 'object.upload', '', null]) operation;
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'talking.jpg'), user_metadata => '{"x": 1}'), '42501 a picture has no metadata of its own', 'member: adds no metadata of their own');
select is(pg_temp.adds(bucket, path), pg_temp.refused_name(), 'member: does not add ' || what)
from (values
  ('without a folder', 'avatars', 'me.jpg'),
  ('the folder itself', 'avatars', pg_temp.of('anna', '')),
  ('a file without a name', 'avatars', pg_temp.of('anna', '.jpg')),
  ('a folder in the folder', 'avatars', pg_temp.of('anna', 'more/me.jpg')),
  ('a way out of the folder', 'avatars', pg_temp.of('anna', '../' || tests.get_supabase_uid('ben') || '/me.jpg')),
  ('a document', 'task-images', pg_temp.of('anna', 'me.pdf')),
  ('a page', 'task-images', pg_temp.of('anna', 'me.html')),
  ('a drawing that can hold scripts', 'task-images', pg_temp.of('anna', 'me.svg')),
  ('a second extension', 'task-images', pg_temp.of('anna', 'me.svg.jpg')),
  ('a line break', 'task-images', pg_temp.of('anna', E'me.jpg\n')),
  ('a name of 101 characters', 'task-images', pg_temp.of('anna', repeat('x', 101) || '.jpg')),
  ('a folder that only begins like the own', 'avatars', tests.get_supabase_uid('anna') || 'x/me.jpg'),
  ('no name', 'avatars', null)
) wrong (what, bucket, path);
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'me.jpg')) like '23505 %', true, 'member: does not add the same file twice');

-- nobody overwrites or moves, not even the owner
select is_empty($$ update storage.objects set name = pg_temp.of('anna', 'moved.jpg') returning name $$, 'member: does not move own files');
select is_empty($$ update storage.objects set metadata = '{}' returning name $$, 'member: does not overwrite own files');
select is(tests.error_of(format($$ insert into storage.objects (bucket_id, name) values ('avatars', %L) on conflict (bucket_id, name) do update set version = 'new' $$, pg_temp.of('anna', 'me.jpg'))),
  '23505 this picture is there', 'member: nor by an upsert');

-- the task that shows two of them
create temporary table t as
select k.id from public.create_task('Mow the lawn', 'About two hours.', 'garten', -48.8767, -123.3933, 10,
  image_paths => array[pg_temp.of('anna', 'lawn.jpg'), pg_temp.of('anna', 'Old_shed-2.png')]) k;
grant select on t to authenticated;
select is(tests.error_of($$ select public.create_task('Theirs', 'x', 'garten', 0, 0, 10, image_paths => array[pg_temp.of('ben', 'lawn.jpg')]) $$),
  format('PT400 image_paths_invalid (%s)', pg_temp.of('ben', 'lawn.jpg')), 'member: a task does not take somebody else''s picture');
select is(tests.error_of($$ select public.update_profile(avatar_path => pg_temp.of('ben', 'me.jpg')) $$),
  format('PT400 avatar_path_invalid (%s)', pg_temp.of('ben', 'me.jpg')), 'member: nor does a profile');
select public.block_user(tests.get_supabase_uid('dora'));
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('emil'), 'test');

-- while open: every member who is not blocked
select tests.authenticate_as('anna');
select is(pg_temp.reads('task-images'), '{Old_shed-2.png,lawn.jpg,unused.webp}', 'creator: reads the own pictures, shown or not');
select is(pg_temp.reads('task-images', 'storage.object.list'), '{Old_shed-2.png,lawn.jpg,unused.webp}', 'creator: lists the own folder');
select is(pg_temp.reads('avatars'), '{lawn.jpg,me.jpg}', 'creator: and the own avatars');
select is(pg_temp.reads('other'), '{}', 'creator: nothing of another bucket');
select is(pg_temp.removes(pg_temp.of('anna', 'other.jpg')), 0::bigint, 'creator: removes nothing there');
select tests.reset_authentication();
create policy somebody_elses on storage.objects for select to authenticated using (bucket_id = 'other');
select tests.authenticate_as('anna');
select is(pg_temp.removes(pg_temp.of('anna', 'other.jpg')), 0::bigint, 'creator: nor where another policy lets everybody read');
select tests.reset_authentication();
drop policy somebody_elses on storage.objects;
select tests.authenticate_as('cem');
select is(pg_temp.reads('task-images'), '{Old_shed-2.png,lawn.jpg}', 'other member: reads what an open task shows');
select is(pg_temp.reads('task-images', ''), '{Old_shed-2.png,lawn.jpg}', 'other member: also with a server that does not name the operation');
select is(pg_temp.reads('task-images', operation), '{}', 'other member: ' || operation || ' lists nothing')
from unnest('{storage.object.list,storage.object.list_v2,object.list,storage.s3.object.list}'::text[]) operation;
select is(pg_temp.reads('avatars'), '{}', 'other member: avatars are read by address and not found by searching');
select is(pg_temp.reads('other'), '{}', 'other member: nothing of another bucket');
select is(pg_temp.removes(pg_temp.of('anna', 'lawn.jpg')), 0::bigint, 'other member: does not remove it');
select is(pg_temp.removes(pg_temp.of('anna', 'me.jpg')), 0::bigint, 'other member: nor the avatar');
select is(left(pg_temp.adds('avatars', pg_temp.of('anna', file)), 5), '42501', 'other member: is not told whether there is a ' || file) from unnest('{me.jpg,you.jpg}'::text[]) file;
select is_empty($$ update storage.objects set metadata = '{}' returning name $$, 'other member: does not overwrite it');
select tests.authenticate_as('dora');
select is(pg_temp.reads('task-images'), '{}', 'blocked member: does not read the pictures of an open task');
select tests.authenticate_as('emil');
select is(pg_temp.adds('avatars', pg_temp.of('emil', 'me.jpg')), pg_temp.refused_name(), 'banned member: adds nothing');
select tests.clear_authentication();
select is(pg_temp.reads('task-images') || pg_temp.reads('avatars'), '{}', 'nobody signed in: reads nothing');
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'x.jpg')), pg_temp.refused(), 'nobody signed in: adds nothing');
select is_empty($$ delete from storage.objects returning name $$, 'nobody signed in: removes nothing');
select tests.act_as('authenticated', '{"role": "authenticated"}');
select is(pg_temp.adds('avatars', '/me.jpg'), pg_temp.refused_name(), 'a token without a member: adds nothing');
select is(pg_temp.removes(pg_temp.of('anna', 'me.jpg')), 0::bigint, 'a token without a member: removes nothing');

-- from assignment on: the two parties, blocked or not
select tests.reset_authentication();
select tests.offer_help('ben', (select id from t));
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on((select id from t), 'ben'));
select public.block_user(tests.get_supabase_uid('ben'));
select tests.authenticate_as('ben');
select is(pg_temp.reads('task-images'), '{Old_shed-2.png,lawn.jpg}', 'helper: reads what the task shows, also when blocked meanwhile');
select is(pg_temp.removes(pg_temp.of('anna', 'lawn.jpg')), 0::bigint, 'helper: does not remove it');
select tests.authenticate_as('cem');
select is(pg_temp.reads('task-images'), '{}', 'other member: not any more');

-- a member names a picture of anna's in an own row past the command: it still shows nothing
select tests.reset_authentication();
alter table public.tasks disable trigger user;
insert into public.tasks (creator_id, title, description, category, latitude, longitude, image_paths, points_reward, reward_funding)
select tests.get_supabase_uid('cem'), 'Mine', 'x', 'garten', 0, 0, array[pg_temp.of('anna', 'unused.webp')], 10, 'community';
alter table public.tasks enable trigger user;
select tests.authenticate_as('cem');
select is(pg_temp.reads('task-images'), '{}', 'other member: an own task with somebody else''s picture shows nothing');

-- the limit
select tests.reset_authentication();
select throws_like('update private.settings set picture_limit = -1', '%"picture_limit_is_not_negative"%', 'a limit below zero is none');
update private.settings set picture_limit = 3;
select tests.authenticate_as('anna');
select is(pg_temp.adds('task-images', pg_temp.of('anna', 'fourth.jpg')), '42501 a member keeps no more pictures than picture_limit', 'member: adds no more than the limit');
select is(pg_temp.adds('avatars', pg_temp.of('anna', 'second.jpg')), 'no error', 'member: each bucket counts for itself');
select tests.authenticate_as('cem');
select is(pg_temp.adds('task-images', pg_temp.of('cem', 'first.jpg')), 'no error', 'other member: counts own files only');

-- removing
select tests.authenticate_as('anna');
select is(pg_temp.removes(pg_temp.of('anna', 'unused.webp')), 1::bigint, 'member: removes an own picture');
select is(pg_temp.adds('task-images', pg_temp.of('anna', 'fourth.jpg')), 'no error', 'member: which makes room for another');

-- a token outlives the account by minutes
select tests.authenticate_as('fay');
select is(pg_temp.adds('avatars', pg_temp.of('fay', 'me.jpg')), 'no error', 'member: before deleting the account');
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('fay');
select tests.authenticate_as('fay');
select is(pg_temp.adds('avatars', pg_temp.of('fay', 'again.jpg')), pg_temp.refused_name(), 'deleted member: adds nothing');
select is(pg_temp.removes(pg_temp.of('fay', 'me.jpg')), 1::bigint, 'deleted member: still removes the own files');

select * from finish();
rollback;
