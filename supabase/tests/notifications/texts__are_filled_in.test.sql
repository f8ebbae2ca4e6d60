-- The catalogue and how it becomes words: placeholders, names that are not told, what admins edit.
begin;
select plan(39);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');

-- filling in
select is(private.fill_in('{actor} likes {task}.', '{"actor": "Ben", "task": "mowing"}'), 'Ben likes mowing.', 'facts go where they belong');
select is(private.fill_in('{task}', '{"task": "{actor} {{task}} {", "actor": "Ben"}'), '{actor} {{task}} {', 'braces in what a member wrote stay what they are');
select is(private.fill_in('{task} & {task}', '{"task": "<b>$1\\1&</b>"}'), '<b>$1\1&</b> & <b>$1\1&</b>', 'so does every other character');
select is(private.fill_in('a { b } {} {1} {A}', '{}'), 'a { b } {} {1} {A}', 'and what is no placeholder');
select is(private.fill_in('{task}{task}', '{}'), '', 'a missing fact leaves nothing');
select is(private.fill_in('„{task}“', '{"task": "Bäume fällen 🌳"}'), '„Bäume fällen 🌳“', 'umlauts, quotes and pictures');

select is(private.fill_in('{points, plural, one {# Punkt} other {# Punkte}}!', jsonb_build_object('points', points)), told, 'by number: ' || told)
from (values (0, '0 Punkte!'), (1, '1 Punkt!'), (2, '2 Punkte!'), (21, '21 Punkte!')) v (points, told);
select is(private.fill_in('{points, plural, one {the point} other {# points}}', '{"points": 1, "task": "#"}'), 'the point', 'the number need not be said');
select is(private.fill_in('{points, plural, one {a} other {b # c}}', '{}'), 'b  c', 'a missing number leaves nothing');

-- the catalogue
select is_empty($$ select type from public.notification_types where concat(title_de, title_en, body_de, body_en, past_de, past_en) ~ '\{(points|days)\}' $$, 'what is counted has a singular and a plural');
select throws_ok($$ update public.notification_types set body_en = '{points, plural, one {x} few {y} other {z}}' where type = 'task_started' $$, '23514', null, 'a form that neither language has is refused');
select throws_ok($$ update public.notification_types set past_de = null where type = 'task_released' $$, '23514', null, 'so is a past in one language');
select is_empty(
  $$ select type from public.notification_types
     where (select array_agg(p[1] order by p[1]) from regexp_matches(concat(title_de, body_de, past_de), '\{([a-z]+)[,}]', 'g') p)
       is distinct from (select array_agg(p[1] order by p[1]) from regexp_matches(concat(title_en, body_en, past_en), '\{([a-z]+)[,}]', 'g') p) $$, 'both languages say the same facts');
select is_empty('select type from public.notification_types where title_de = title_en or body_de = body_en', 'each language has its own words');
select throws_ok($$ update public.notification_types set body_en = 'Hello {name}' where type = 'task_started' $$, '23514', null, 'an unknown placeholder is refused');
select throws_ok($$ update public.notification_types set title_de = E'Neu\nBcc: x@example.com' where type = 'task_started' $$, '23514', null, 'so is a title of two lines, which would be two headers');
select throws_ok($$ update public.notification_types set body_de = ' ' where type = 'task_started' $$, '23514', null, 'and a blank text');
select lives_ok($$ update public.notification_types set body_en = '{actor} began: {task} ({points}, {score}, {reward}, {days})' where type = 'task_started' $$, 'every known one may be used');
select tests.clear_authentication();
select is((select title_en from public.notification_types where type = 'task_finished'), 'Done – please confirm', 'the catalogue is for everybody to read');
select throws_ok('update public.notification_types set title_en = ''x''', '42501', null, 'and for nobody to write');
select tests.reset_authentication();

-- what is told now reads as the catalogue says now
create temporary table t as select tests.task_in('in_progress', 'anna', 'ben') as id;
create function pg_temp.text() returns text language sql as $$
  select x.body_de || ' ' || x.body_en || ' ' || (x.actor_id is not null) from public.notifications n, private.notification_texts(n) x where n.task_id = (select id from t) and n.type = 'task_started'
$$;
select is(pg_temp.text(), 'Ben hat mit „Mow the lawn“ begonnen. Ben began: Mow the lawn (10, , , ) true', 'edited texts hold for what was told before');

-- names
update public.users set name = 'Benno {task}' where id = tests.get_supabase_uid('ben');
select is(left(pg_temp.text(), 16), 'Benno {task} hat', 'the name of now, whatever it is');
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.text(), 'Ein Mitglied hat mit „Mow the lawn“ begonnen. A member began: Mow the lawn (10, , , ) false', 'somebody blocked has no name');
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));
select tests.as_member('ben', format('select public.block_user(%L)', tests.get_supabase_uid('anna')));
select is(right(pg_temp.text(), 6), ' false', 'nor has somebody who blocks');
select tests.as_member('ben', format('select public.unblock_user(%L)', tests.get_supabase_uid('anna')));
select is(right(pg_temp.text(), 5), ' true', 'unblocked, the name is back');
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select is(left(pg_temp.text(), 12), 'Ein Mitglied', 'somebody banned has none');
select ops.unban_user(tests.get_supabase_uid('ben'));
delete from auth.users where id = tests.get_supabase_uid('ben');
select is(left(pg_temp.text(), 12), 'Ein Mitglied', 'nor has somebody deleted');
select is((select x.body_de from public.notifications n, private.notification_texts(n) x where n.type = 'task_released' and n.user_id = tests.get_supabase_uid('anna')),
  'Ein Mitglied hat „Mow the lawn“ abgegeben. Die Aufgabe ist wieder offen.', 'whose leaving is told without it');
select is((select l.actor_id from (select set_config('request.jwt.claims', json_build_object('sub', tests.get_supabase_uid('anna'))::text, true)) s, private.list_notifications(1, null, false) l), null, 'the list does not say who, either');

-- how long it still lasts
select is(private.time_left(now() + l.lasts, 'de') || ', ' || private.time_left(now() + l.lasts, 'en'), l.told, 'left: ' || l.told)
from (values (interval '3 days', '3 Tage, 3 days'), (interval '71 hours', '2 Tage, 2 days'), (interval '47 hours 59 minutes', '47 Stunden, 47 hours'),
  (interval '1 hour', '1 Stunde, 1 hour'), (interval '59 minutes', 'weniger als eine Stunde, less than an hour')) l (lasts, told);

-- what is over reads as past
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'offer_received' and n.task_id = (select id from t)),
  'Ein Mitglied hat dir bei „Mow the lawn“ Hilfe angeboten. A member offered to help you with “Mow the lawn”.', 'an offer that was accepted or withdrawn');
select is((select private.is_over(n) from public.notifications n where n.type = 'task_released' and n.task_id = (select id from t)), false, 'what still is so is not over');

select * from finish();
rollback;
