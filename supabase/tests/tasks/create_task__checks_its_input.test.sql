begin;
select plan(3);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
insert into public.categories (slug, name_de, name_en, is_active) values ('pgtap-closed', 'Zu', 'Closed', false);

-- a good call, with some arguments replaced
create function pg_temp.post(replaced jsonb)
returns text
language sql
as $$
  select tests.error_of(format('select public.create_task(%s)', (select string_agg(key || ' => ' || value, ', ') from jsonb_each_text(
    jsonb_build_object('title', '''Mow the lawn''', 'description', '''x''', 'category', '''garten''', 'latitude', '52.5', 'longitude', '13.4', 'points_reward', '10')
    || replaced))))
$$;
create function pg_temp.mine(path text) returns text language sql as $$ select quote_literal(tests.get_supabase_uid('anna') || path) $$;
grant execute on function pg_temp.post(jsonb) to authenticated;

create temporary table bad (number integer generated always as identity, why text, argument text, value text, expected text);
insert into bad (why, argument, value, expected) values
  ('no title', 'title', 'null', 'PT400 text_blank (title)'),
  ('an empty title', 'title', '''''', 'PT400 text_blank (title)'),
  ('a title of spaces', 'title', '''    ''', 'PT400 text_blank (title)'),
  ('a title of white space', 'title', 'E''\t\n\r ''', 'PT400 text_blank (title)'),
  ('a title of no-break spaces', 'title', 'E''\u00A0\u00A0\u00A0\u00A0''', 'PT400 text_blank (title)'),
  ('a title of em spaces', 'title', 'E''\u2003\u2003\u2003\u2003''', 'PT400 text_blank (title)'),
  ('a title of zero-width characters', 'title', 'E''\u200B\u200C\uFEFF\u2060''', 'PT400 text_blank (title)'),
  ('a title of two characters', 'title', '''ab''', 'PT400 text_too_short (title)'),
  ('a title of two characters and spaces', 'title', '''   ab   ''', 'PT400 text_too_short (title)'),
  ('a title of 256 characters', 'title', 'repeat(''x'', 256)', 'PT400 text_too_long (title)'),
  ('a line break in the title', 'title', 'E''Mow\nthe lawn''', 'PT400 text_has_control_characters (title)'),
  ('a tab in the title', 'title', 'E''Mow\tthe lawn''', 'PT400 text_has_control_characters (title)'),
  ('a bell in the title', 'title', 'E''Mow\u0007the lawn''', 'PT400 text_has_control_characters (title)'),
  ('a delete character in the title', 'title', 'E''Mow\u007Fthe lawn''', 'PT400 text_has_control_characters (title)'),
  ('a C1 character in the title', 'title', 'E''Mow\u0085the lawn''', 'PT400 text_has_control_characters (title)'),
  ('a right-to-left override in the title', 'title', 'E''Mow \u202Ethe lawn''', 'PT400 text_has_control_characters (title)'),
  ('an isolate in the title', 'title', 'E''Mow \u2066the lawn''', 'PT400 text_has_control_characters (title)'),
  ('no description', 'description', 'null', 'PT400 text_blank (description)'),
  ('a blank description', 'description', 'E'' \n ''', 'PT400 text_blank (description)'),
  ('a description of 5001 characters', 'description', 'repeat(''x'', 5001)', 'PT400 text_too_long (description)'),
  ('an escape character in the description', 'description', 'E''a\u001Bb''', 'PT400 text_has_control_characters (description)'),
  ('no category', 'category', 'null', 'PT400 category_not_found (null)'),
  ('an empty category', 'category', '''''', 'PT400 category_not_found'),
  ('an unknown category', 'category', '''gardening''', 'PT400 category_not_found (gardening)'),
  ('a category in another case', 'category', '''Garten''', 'PT400 category_not_found (Garten)'),
  ('a category that is closed', 'category', '''pgtap-closed''', 'PT400 category_not_found (pgtap-closed)'),
  ('no latitude', 'latitude', 'null', 'PT400 coordinates_invalid'),
  ('a latitude that is no number', 'latitude', '''NaN''', 'PT400 coordinates_invalid'),
  ('an infinite latitude', 'latitude', '''Infinity''', 'PT400 coordinates_invalid'),
  ('a negative infinite latitude', 'latitude', '''-Infinity''', 'PT400 coordinates_invalid'),
  ('a latitude north of the pole', 'latitude', '90.0000001', 'PT400 coordinates_invalid'),
  ('a latitude south of the pole', 'latitude', '-90.0000001', 'PT400 coordinates_invalid'),
  ('no longitude', 'longitude', 'null', 'PT400 coordinates_invalid'),
  ('a longitude that is no number', 'longitude', '''NaN''', 'PT400 coordinates_invalid'),
  ('an infinite longitude', 'longitude', '''Infinity''', 'PT400 coordinates_invalid'),
  ('a longitude too far east', 'longitude', '180.0000001', 'PT400 coordinates_invalid'),
  ('a longitude too far west', 'longitude', '-180.0000001', 'PT400 coordinates_invalid'),
  ('no reward', 'points_reward', 'null', 'PT400 points_reward_out_of_range'),
  ('a reward of 0', 'points_reward', '0', 'PT400 points_reward_out_of_range'),
  ('a negative reward', 'points_reward', '-10', 'PT400 points_reward_out_of_range'),
  ('a reward beyond the largest', 'points_reward', (private.max_points_reward() + 1)::text, 'PT400 points_reward_out_of_range'),
  ('the largest reward an integer can hold', 'points_reward', '2147483647', 'PT400 points_reward_out_of_range'),
  ('an address of 501 characters', 'address', 'repeat(''x'', 501)', 'PT400 text_too_long (address)'),
  ('two lines of address', 'address', 'E''a\nb''', 'PT400 text_has_control_characters (address)'),
  ('a deadline now', 'expires_at', 'tests.iso(now())', 'PT400 expires_at_in_past'),
  ('a deadline yesterday', 'expires_at', 'tests.iso(now() - interval ''1 day'')', 'PT400 expires_at_in_past'),
  ('a deadline before all time', 'expires_at', '''-infinity''', 'PT400 validation_failed (expires_at)'),
  ('a deadline in more than a year', 'expires_at', 'tests.iso(now() + interval ''1 year 1 second'')', 'PT400 expires_at_too_far'),
  ('a deadline after all time', 'expires_at', '''infinity''', 'PT400 validation_failed (expires_at)'),
  ('eleven pictures', 'image_paths', format('array(select %s || n || ''.jpg'' from generate_series(1, 11) n)', pg_temp.mine('/')), 'PT400 image_paths_invalid'),
  ('pictures in two dimensions', 'image_paths', format('array[array[%1$s], array[%1$s]]', pg_temp.mine('/a.png')), 'PT400 image_paths_invalid'),
  ('a null picture', 'image_paths', 'array[null]::text[]', 'PT400 image_paths_invalid (null)'),
  ('an empty path', 'image_paths', 'array['''']', 'PT400 image_paths_invalid'),
  ('the folder alone', 'image_paths', format('array[%s]', pg_temp.mine('/')), format('PT400 image_paths_invalid (%s/)', tests.get_supabase_uid('anna'))),
  ('somebody else''s picture', 'image_paths', format('array[%L]', tests.get_supabase_uid('ben') || '/a.png'), format('PT400 image_paths_invalid (%s/a.png)', tests.get_supabase_uid('ben'))),
  ('a way up', 'image_paths', format('array[%s]', pg_temp.mine('/../a.png')), format('PT400 image_paths_invalid (%s/../a.png)', tests.get_supabase_uid('anna'))),
  ('a way nowhere', 'image_paths', format('array[%s]', pg_temp.mine('/./a.png')), format('PT400 image_paths_invalid (%s/./a.png)', tests.get_supabase_uid('anna'))),
  ('two slashes', 'image_paths', format('array[%s]', pg_temp.mine('//a.png')), format('PT400 image_paths_invalid (%s//a.png)', tests.get_supabase_uid('anna'))),
  ('a space', 'image_paths', format('array[%s]', pg_temp.mine('/a b.png')), format('PT400 image_paths_invalid (%s/a b.png)', tests.get_supabase_uid('anna'))),
  ('a percent sign', 'image_paths', format('array[%s]', pg_temp.mine('/%2e%2e/a.png')), format('PT400 image_paths_invalid (%s/%%2e%%2e/a.png)', tests.get_supabase_uid('anna'))),
  ('an address elsewhere', 'image_paths', 'array[''https://example.test/a.png'']', 'PT400 image_paths_invalid (https://example.test/a.png)'),
  ('one good and one bad path', 'image_paths', format('array[%s, ''x'']', pg_temp.mine('/a.png')), 'PT400 image_paths_invalid (x)'),
  ('an overlong name', 'image_paths', format('array[%s || repeat(''x'', 101) || ''.jpg'']', pg_temp.mine('/')), format('PT400 image_paths_invalid (%s/%s.jpg)', tests.get_supabase_uid('anna'), repeat('x', 101))),
  ('a picture in a folder of one''s own', 'image_paths', format('array[%s]', pg_temp.mine('/2026/a.png')), format('PT400 image_paths_invalid (%s/2026/a.png)', tests.get_supabase_uid('anna'))),
  ('a name without an extension', 'image_paths', format('array[%s]', pg_temp.mine('/a')), format('PT400 image_paths_invalid (%s/a)', tests.get_supabase_uid('anna'))),
  ('a file that the bucket takes not', 'image_paths', format('array[%s]', pg_temp.mine('/a.svg')), format('PT400 image_paths_invalid (%s/a.svg)', tests.get_supabase_uid('anna'))),
  ('a second extension', 'image_paths', format('array[%s]', pg_temp.mine('/a.svg.png')), format('PT400 image_paths_invalid (%s/a.svg.png)', tests.get_supabase_uid('anna'))),
  ('a picture in capitals', 'image_paths', format('array[%s]', pg_temp.mine('/A.PNG')), format('PT400 image_paths_invalid (%s/A.PNG)', tests.get_supabase_uid('anna'))),
  ('metadata that is an array', 'metadata', '''[]''', 'PT400 metadata_invalid'),
  ('metadata that is a text', 'metadata', '''"x"''', 'PT400 metadata_invalid'),
  ('metadata that is a JSON null', 'metadata', '''null''', 'PT400 metadata_invalid'),
  ('metadata of more than 8 kB', 'metadata', 'jsonb_build_object(''x'', repeat(''x'', 8192))', 'PT400 metadata_invalid');

create temporary table good (number integer generated always as identity, why text, argument text, value text);
insert into good (why, argument, value) values
  ('a title of 3 characters', 'title', '''abc'''),
  ('a title of 255 characters', 'title', 'repeat(''ü'', 255)'),
  ('emoji with joiners in the title', 'title', 'E''Hilfe \U0001F469\u200D\U0001F33E'''),
  ('a description of 5000 characters', 'description', 'repeat(''ü'', 5000)'),
  ('line breaks and tabs in the description', 'description', 'E''a\n\tb\r\nc'''),
  ('the north pole', 'latitude', '90'),
  ('the south pole', 'latitude', '-90'),
  ('the date line', 'longitude', '180'),
  ('the other date line', 'longitude', '-180'),
  ('a reward of 1', 'points_reward', '1'),
  ('the largest reward', 'points_reward', private.max_points_reward()::text),
  ('an address of 500 characters', 'address', 'repeat(''ß'', 500)'),
  ('a blank address', 'address', '''  '''),
  ('a deadline in a second', 'expires_at', 'tests.iso(now() + interval ''1 second'')'),
  ('a deadline in a year', 'expires_at', 'tests.iso(now() + interval ''1 year'')'),
  ('ten pictures', 'image_paths', format('array(select %s || n || ''.jpg'' from generate_series(1, 10) n)', pg_temp.mine('/'))),
  ('the longest name', 'image_paths', format('array[%s || repeat(''x'', 100) || ''.webp'']', pg_temp.mine('/'))),
  ('a name of all that is allowed', 'image_paths', format('array[%s]', pg_temp.mine('/2026_A-b.png'))),
  ('metadata of 8 kB', 'metadata', 'jsonb_build_object(''x'', repeat(''x'', 8192 - 9))');
grant select on good, bad to authenticated;

select tests.authenticate_as('anna');
select is_empty(
  $$ select why, result, expected from bad, pg_temp.post(jsonb_build_object(argument, value)) result where result <> expected $$,
  'every bad input has its slug and names the field');
select is_empty('select * from public.tasks where creator_id = auth.uid()', 'and nothing was posted');
select is_empty(
  $$ select why, result from good, pg_temp.post(jsonb_build_object(argument, value)) result where result <> 'no error' $$,
  'every limit itself is allowed');

select * from finish();
rollback;
