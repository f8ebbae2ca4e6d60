begin;
select plan(24);
select tests.create_supabase_users('anna', 'ben');

select tests.authenticate_as('anna');
select results_eq(
  $$ select name, bio, avatar_path from public.update_profile(name => '  Anna B.  ', bio => E'I like\nplants.', avatar_path => tests.get_supabase_uid('anna') || '/me.png') $$,
  $$ values ('Anna B.', E'I like\nplants.', tests.get_supabase_uid('anna') || '/me.png') $$, 'all fields, trimmed');
select results_eq(
  $$ select name, bio, avatar_path from public.update_profile() $$,
  $$ values ('Anna B.', E'I like\nplants.', tests.get_supabase_uid('anna') || '/me.png') $$, 'null leaves every field as it is');
select results_eq(
  $$ select name, bio, avatar_path from public.update_profile(bio => '', avatar_path => '') $$,
  $$ values ('Anna B.', null::text, null::text) $$, 'an empty text clears bio and avatar_path');
select is((public.update_profile(bio => repeat('ü', 2000))).bio, repeat('ü', 2000), 'a bio of 2000 characters');
select is((public.update_profile(name => repeat('ü', 255))).name, repeat('ü', 255), 'a name of 255 characters');
select is((public.update_profile(name => ' Ö ')).name, 'Ö', 'a name of 1 character');
select is((public.update_profile(name => 'Bo')).name, 'Bo', 'a name of 2 characters');

select is(tests.error_of($$ select public.update_profile(name => '') $$), 'PT400 text_blank (name)', 'an empty name');
select is(tests.error_of($$ select public.update_profile(name => E' \u00A0\u200B ') $$), 'PT400 text_blank (name)', 'an invisible name');
select is(tests.error_of($$ select public.update_profile(name => repeat('x', 256)) $$), 'PT400 text_too_long (name)', 'a name of 256 characters');
select is(tests.error_of($$ select public.update_profile(name => E'Anna\nBell') $$), 'PT400 text_has_control_characters (name)', 'a line break in the name');
select is(tests.error_of($$ select public.update_profile(name => E'Anna\u0007') $$), 'PT400 text_has_control_characters (name)', 'a control character in the name');
select is(tests.error_of($$ select public.update_profile(name => E'\u202Eanna') $$), 'PT400 text_has_control_characters (name)', 'a right-to-left override in the name');
select is(tests.error_of($$ select public.update_profile(bio => repeat('x', 2001)) $$), 'PT400 text_too_long (bio)', 'a bio of 2001 characters');
select is(tests.error_of($$ select public.update_profile(bio => E'a\u001Bb') $$), 'PT400 text_has_control_characters (bio)', 'a control character in the bio');
select is(tests.error_of($$ select public.update_profile(avatar_path => tests.get_supabase_uid('ben') || '/me.png') $$),
  format('PT400 avatar_path_invalid (%s/me.png)', tests.get_supabase_uid('ben')), 'somebody else''s folder');
select is(tests.error_of($$ select public.update_profile(avatar_path => tests.get_supabase_uid('anna') || '/../' || tests.get_supabase_uid('ben') || '/me.png') $$) like 'PT400 avatar_path_invalid %', true, 'a way out of the own folder');
select is(tests.error_of($$ select public.update_profile(avatar_path => tests.get_supabase_uid('anna') || '/') $$) like 'PT400 avatar_path_invalid %', true, 'the folder alone');
select is(tests.error_of($$ select public.update_profile(avatar_path => tests.get_supabase_uid('anna') || '/' || repeat('x', 500)) $$) like 'PT400 avatar_path_invalid %', true, 'an overlong path');
select is(tests.error_of($$ select public.update_profile(avatar_path => ' ') $$), 'PT400 avatar_path_invalid ( )', 'a blank path');
select is(tests.error_of($$ select public.update_profile(avatar_path => 'https://example.test/me.png') $$) like 'PT400 avatar_path_invalid %', true, 'an address elsewhere');

select is((select name from public.users where id = tests.get_supabase_uid('anna')), 'Bo', 'the refused calls changed nothing');
select is((select name from public.users where id = tests.get_supabase_uid('ben')), 'Ben', 'nobody else changed');

-- updated_at follows, also when an admin edits in Studio
select tests.reset_authentication();
update public.users set updated_at = now() - interval '1 day' where id = tests.get_supabase_uid('anna');
update public.users set rating_count = 1 where id = tests.get_supabase_uid('anna');
select is((select updated_at from public.users where id = tests.get_supabase_uid('anna')), now(), 'updated_at is stamped on every change');

select * from finish();
rollback;
