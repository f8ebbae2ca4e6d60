-- Profile data comes from whoever signs up. Whatever it is, sign-up works and the name is one that can be shown.
begin;
select plan(3);
select tests.use_default_settings();

create temporary table profiles (number integer primary key, metadata jsonb, name text, why text);
insert into profiles values
  (1, null, 'Neighbour', 'no profile data at all'),
  (2, 'null', 'Neighbour', 'JSON null'),
  (3, '[]', 'Neighbour', 'an array'),
  (4, '[{"name": "In an array"}]', 'Neighbour', 'an array of objects'),
  (5, '"just text"', 'Neighbour', 'a text'),
  (6, '42', 'Neighbour', 'a number'),
  (7, '{"name": null}', 'Neighbour', 'a null name'),
  (8, '{"name": ""}', 'Neighbour', 'an empty name'),
  (9, '{"name": "   "}', 'Neighbour', 'a blank name'),
  (10, '{"name": "\t\n\r"}', 'Neighbour', 'white space'),
  (11, '{"name": "A"}', 'A', 'a name of one letter'),
  (12, '{"name": "\u3164", "full_name": "Anna"}', 'Anna', 'nothing to see, with another to fall back on'),
  (13, '{"name": "\u200b\u200b\u200b"}', 'Neighbour', 'zero-width spaces'),
  (14, '{"name": "\u00a0\u00a0"}', 'Neighbour', 'no-break spaces'),
  (15, '{"name": "\u3000\u2003\u00ad"}', 'Neighbour', 'other invisible characters'),
  (16, '{"name": "  Anna  "}', 'Anna', 'spaces around'),
  (17, '{"name": "Anna\u0007\u001bBell"}', 'Anna Bell', 'control characters'),
  (18, '{"name": "\u202eannA\u202c"}', 'annA', 'a right-to-left override'),
  (19, '{"name": "O''Neil\"; drop table public.users; --"}', 'O''Neil"; drop table public.users; --', 'SQL'),
  (20, '{"name": "<script>alert(1)</script>"}', '<script>alert(1)</script>', 'markup is text'),
  (21, jsonb_build_object('name', repeat('ä', 300)), repeat('ä', 255), 'overlong'),
  (22, jsonb_build_object('name', repeat('x', 1000000)), repeat('x', 255), 'a megabyte'),
  (23, jsonb_build_object('name', repeat(' ', 300) || 'Anna'), 'Anna', 'a name behind 300 spaces'),
  (24, '{"name": "\ud83d\udc69\u200d\ud83c\udf3e Gärtnerin 🌻"}', null, 'emoji'),
  (25, '{"name": 12345}', '12345', 'a number as name'),
  (26, '{"id": "00000000-0000-0000-0000-000000000000", "is_banned": true, "trust_score": 5, "balance": 1000000, "name": "Eve"}', 'Eve', 'other columns of the member'),
  (27, '{"name": "李"}', '李', 'a name of one character'),
  (28, '{"given_name": "Ada", "family_name": "Lovelace", "preferred_username": "ada"}', 'Ada Lovelace', 'names as OpenID Connect has them'),
  (29, '{"given_name": "Ada", "family_name": ["Lovelace"]}', 'Ada', 'one of them is a list'),
  (30, '{"first_name": "Ada", "last_name": "Lovelace"}', 'Ada Lovelace', 'names as forms have them'),
  (31, '{"given_name": "\u200b", "preferred_username": "ada.l"}', 'ada.l', 'a user name'),
  (32, '{"preferred_username": "ada@example.test"}', 'ada', 'a user name that is an e-mail address'),
  (33, '{"name": ["Anna"], "full_name": {"first": "Anna"}, "display_name": true}', 'Neighbour', 'lists, objects and booleans'),
  (34, '{"name": ["Anna"], "user_name": "octocat"}', 'octocat', 'a list, with another to fall back on'),
  (35, '{"name": "می\u200cخواهم"}', E'می\u200Cخواهم', 'a joiner inside a word'),
  (36, '{"name": "\u2068Anna\u2069\ufeff"}', 'Anna', 'what copying leaves around a name'),
  (37, '{"name": "Anna\u3164\u2800Bell"}', 'Anna Bell', 'gaps that are letters and symbols'),
  (38, '{"name": "\ud83c\udff4\udb40\udc67\udb40\udc62\udb40\udc65\udb40\udc6e\udb40\udc67\udb40\udc7f"}',
    E'\U0001F3F4\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F', 'a flag of tags'),
  (39, '{"name": "\udb40\udc67\udb40\udc62", "nickname": "G"}', 'G', 'tags alone');

select lives_ok(
  $$ insert into auth.users (id, raw_user_meta_data) select tests.get_supabase_uid('profile ' || number), metadata from profiles $$,
  'every sign-up works');
select results_eq(
  $$ select p.number, p.why, u.name from profiles p join public.users u on u.id = tests.get_supabase_uid('profile ' || p.number) order by 1 $$,
  $$ select p.number, p.why, coalesce(p.name, u.name) from profiles p join public.users u on u.id = tests.get_supabase_uid('profile ' || p.number) order by 1 $$,
  'every name is as it should be');
select is_empty(
  $$ select p.why, u.* from profiles p join public.users u on u.id = tests.get_supabase_uid('profile ' || p.number)
       left join public.user_contacts c on c.user_id = u.id left join public.point_accounts a on a.user_id = u.id
     where u.is_banned or u.trust_score <> 0 or c.user_id is null or a.balance is distinct from 0 $$,
  'nothing but the name is taken from the profile data');

select * from finish();
rollback;
