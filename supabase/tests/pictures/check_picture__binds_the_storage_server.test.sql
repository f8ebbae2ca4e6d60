-- private.check_picture: what the Storage server writes with all rights, when it has the bytes, is held to the buckets, too.
-- anna adds pictures, ben is banned after he was allowed to, cem deletes his account.
begin;
select plan(48);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.prepare_storage();
update private.settings set picture_limit = 3;

create function pg_temp.of(member text, file text)
returns text language sql as $$ select tests.get_supabase_uid(member) || '/' || file $$;
create function pg_temp.stored(size text default '1000', mimetype text default 'image/jpeg', more jsonb default '{}')
returns jsonb language sql as $$ select jsonb_build_object('size', size::numeric, 'mimetype', mimetype, 'eTag', '"x"') || more $$;
-- as the Storage server finishes every kind of upload and copy
create function pg_temp.finishes(bucket text, path text, metadata jsonb default pg_temp.stored(), user_metadata jsonb default '{}')
returns text
language sql
as $$
  select tests.error_of(format('insert into storage.objects (bucket_id, name, metadata, user_metadata, version) values (%L, %L, %L, %L, gen_random_uuid()::text)
    on conflict (bucket_id, name) do update set metadata = excluded.metadata, user_metadata = excluded.user_metadata, version = excluded.version',
    bucket, path, metadata, user_metadata))
$$;
create function pg_temp.files(bucket text)
returns text[] language sql as $$ select array(select o.path_tokens[2] from storage.objects o where o.bucket_id = bucket order by 1) $$;
grant execute on function pg_temp.of(text, text), pg_temp.stored(text, text, jsonb), pg_temp.finishes(text, text, jsonb, jsonb), pg_temp.files(text) to service_role;

select tests.authenticate_as_service_role();
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'me.jpg')), 'no error', 'a picture is stored');
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'large.jpg'), pg_temp.stored('1048576')), 'no error', 'one as large as the bucket takes');
select is(pg_temp.finishes('task-images', pg_temp.of('anna', 'lawn.webp'), pg_temp.stored('5242880', 'image/webp')), 'no error', 'another bucket takes more');

-- size and type, whatever the way in did not look at
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'huge.jpg'), pg_temp.stored(size)), '42501 a picture is not larger than its bucket takes', 'refused: a size of ' || coalesce(size, 'null'))
from unnest('{1048577,99999999999,NULL}'::text[]) size;
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'drawn.jpg'), pg_temp.stored(mimetype => type)), '42501 a picture has a type that its bucket takes', 'refused: type ' || coalesce(type, 'null'))
from unnest('{image/svg+xml,text/html,application/octet-stream,image/gif,image/jpeg; charset=utf-8,IMAGE/JPEG,"",NULL}'::text[]) type;
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'untyped.jpg'), pg_temp.stored() - 'mimetype'), '42501 a picture has a type that its bucket takes', 'refused: no type at all');

-- what is stored beside the picture
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'talking.jpg'), user_metadata => metadata), '42501 a picture has no metadata of its own', 'refused: ' || what)
from (values ('user metadata', '{"x": 1}'::jsonb), ('900 kB of it', jsonb_build_object('x', repeat('x', 900000))), ('a list', '[]'), ('a text', '"x"'), ('a null', 'null')) more (what, metadata);
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'talking.jpg'), pg_temp.stored(more => jsonb_build_object('cacheControl', repeat('x', 9000)))),
  '42501 a picture has no metadata of its own', 'refused: a header of 9 kB');

-- whose and where
select is(pg_temp.finishes('avatars', path), '42501 a picture lies in the folder of a member who may act', 'refused: ' || what)
from (values
  ('no folder', 'me.jpg'), ('nobody''s folder', gen_random_uuid() || '/me.jpg'), ('a folder that is no id', repeat('-', 36) || '/me.jpg'),
  ('a drawing', pg_temp.of('anna', 'me.svg')), ('a folder in the folder', pg_temp.of('anna', 'more/me.jpg')), ('a placeholder of Studio', pg_temp.of('anna', '.emptyFolderPlaceholder'))
) wrong (what, path);
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as_service_role();
select is(pg_temp.finishes('avatars', pg_temp.of('ben', 'me.jpg')), '42501 a picture lies in the folder of a member who may act', 'banned member: an upload that was allowed before does not finish');

-- never replaced, moved or changed
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'me.jpg'), pg_temp.stored('999')), '23505 this picture is there', 'refused: another file under the same name');
select is(tests.error_of(format('update storage.objects set %s where name = %L', change, pg_temp.of('anna', 'me.jpg'))), '42501 a picture is never replaced, moved or changed', 'refused: ' || change)
from unnest(array['version = ''2''', 'name = name || ''.svg''', 'bucket_id = ''task-images''', 'metadata = ''{"size": 1, "mimetype": "image/png"}''', 'user_metadata = ''{"x": 1}''']) change;
select is(tests.error_of('update storage.objects set last_accessed_at = now() where bucket_id = ''avatars'''), 'no error', 'being read changes nothing of it');
select tests.reset_authentication();
insert into storage.buckets (id, name) values ('other', 'other');
insert into storage.objects (bucket_id, name, metadata) values ('other', pg_temp.of('anna', 'page.html'), '{"size": 99999999, "mimetype": "text/html"}');
select is((select count(*)::int from storage.objects where bucket_id = 'other'), 1, 'other buckets are not this room''s');
select is(tests.error_of(format('update storage.objects set bucket_id = ''avatars'' where name = %L', pg_temp.of('anna', 'page.html'))), '42501 a picture is never replaced, moved or changed', 'refused: a file of another bucket');

-- the limit, and names that were used
select tests.authenticate_as_service_role();
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'third.jpg')), 'no error', 'the last free place');
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'third.jpg')), '23505 this picture is there', 'whoever repeats that is told that it arrived, not that there is no place');
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'fourth.jpg')), '42501 a member keeps no more pictures than picture_limit', 'refused: one more');
select tests.reset_authentication();
delete from storage.objects where name = pg_temp.of('anna', 'me.jpg');
select tests.authenticate_as_service_role();
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'me.jpg')), '42501 the name of a picture is never used again', 'refused: the name of a picture that was removed');
select is(pg_temp.finishes('task-images', pg_temp.of('anna', 'me.jpg')), 'no error', 'in the other bucket it is another picture');
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'fourth.jpg')), 'no error', 'removing makes room for another name');
select is(pg_temp.files('avatars'), '{fourth.jpg,large.jpg,third.jpg}', 'and nothing else was stored');

-- what was there before the product counted names
select tests.reset_authentication();
delete from private.picture_names;
select ops.prepare_pictures();
delete from storage.objects where name = pg_temp.of('anna', 'third.jpg');
select is(pg_temp.finishes('avatars', pg_temp.of('anna', 'third.jpg')), '42501 the name of a picture is never used again', 'refused: a name that was used before Storage was prepared');

-- the member goes, and so do the names
select is(pg_temp.finishes('avatars', pg_temp.of('cem', 'me.jpg')), 'no error', 'leaving member: before');
delete from auth.users where id = tests.get_supabase_uid('cem');
select is((select count(*)::int from private.picture_names where member_id = tests.get_supabase_uid('cem')), 0, 'leaving member: no names are kept');
select is(pg_temp.finishes('avatars', pg_temp.of('cem', 'again.jpg')), '42501 a picture lies in the folder of a member who may act', 'leaving member: an upload that was allowed before does not finish');

select * from finish();
rollback;
