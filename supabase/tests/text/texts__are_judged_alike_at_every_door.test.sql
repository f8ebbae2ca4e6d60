-- Every door that takes words judges characters by the same properties of Unicode, not by a list of its own.
begin;
select plan(16);
select tests.use_default_settings();
update private.settings set open_task_limit = 1000, task_limit_per_day = 1000, place_limit_per_day = 1000;
select tests.create_supabase_users('anna', 'ben');
select tests.create_partner('bakery');
create temporary table k as select tests.create_api_key('bakery') as hash, tests.partner('bakery') as partner;
create temporary table t as select tests.post_task('anna') as offered, tests.task_in('in_progress', 'anna', 'ben') as doing, tests.task_in('completed', 'anna', 'ben') as done,
  tests.task_in('pending_confirmation', 'anna', 'ben') as finished;
insert into public.places (name, category, source, latitude, longitude) values ('pgtap-place', 'other', 'community', -48.8767, -123.3933);
grant select on t, k to authenticated, service_role;

-- who comes through a door, what they send (%L is the text), and where it is kept, if the answer does not say it
create temporary table doors (door text, who text, must boolean, command text, kept text);
insert into doors values
  ('profile: name', 'anna', true, 'select name from public.update_profile(name => %L)', null),
  ('profile: bio', 'anna', false, 'select bio from public.update_profile(bio => %L)', null),
  ('contact: address', 'anna', false, 'select address from public.update_contact(address => %L)', null),
  ('task: title', 'anna', true, $$ select title from public.create_task(%L, 'x', 'garten', 1, 1, 1) $$, null),
  ('task: description', 'anna', true, $$ select description from public.create_task('Mow', %L, 'garten', 1, 1, 1) $$, null),
  ('task: address', 'anna', false, $$ select id from public.create_task('Mow', 'x', 'garten', 1, 1, 1, %L) $$, 'select address from private.task_locations where task_id = %L'),
  ('task: title, changed', 'anna', true, 'select title from public.update_task((select offered from t), title => %L)', null),
  ('offer: message', 'ben', false, 'select message from public.offer_help((select offered from t), %L)', null),
  ('work: reason of a rejection', 'anna', true, 'select id from public.reject_completion((select finished from t), %L)',
    $$ select details ->> 'reason' from public.task_events where task_id = %L and action = 'completion_rejected' $$),
  ('place: name', 'anna', true, $$ select name from public.add_place(%L, 'other', 1, 1) $$, null),
  ('place: description', 'anna', false, $$ select description from public.add_place('Bench' || clock_timestamp(), 'other', 1, 1, description => %L) $$, null),
  ('place: type', 'anna', true, $$ select types[1] from public.add_place('Bench' || clock_timestamp(), 'other', 1, 1, types => array[%L]) $$, null),
  ('place: review', 'anna', false, $$ select comment from public.review_place((select id from public.places where name = 'pgtap-place'), 4, %L) $$, null),
  ('rating: comment', 'anna', false, 'select comment from public.rate_task((select done from t), 4, %L)', null),
  ('partner: title of a reward', 'secret', true, $$ select r ->> 'title_de' from public.create_reward((select hash from k), jsonb_build_object(
    'title_de', %L, 'title_en', 'A loaf', 'points_cost', 10, 'discount_type', 'free_item')) r $$, null),
  ('partner: terms of a reward', 'secret', false, $$ select r ->> 'terms_de' from public.create_reward((select hash from k), jsonb_build_object(
    'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_cost', 10, 'discount_type', 'free_item', 'terms_de', %L)) r $$, null),
  ('partner: name of a key', 'owner', true, $$ select key_id from ops.create_partner_key((select partner from k), %L, '{codes:write}') $$,
    'select name from private.partner_api_keys where id = %L'),
  ('ban: reason', 'secret', true, $$ select reason from ops.ban_user(tests.get_supabase_uid('ben'), %L) $$, null);

-- what a door answers; whatever it did is undone
create function pg_temp.at_door(d doors, typed text)
returns text
language plpgsql
as $$
declare
  v_kept text;
begin
  begin
    perform case d.who when 'secret' then tests.authenticate_as_service_role() when 'owner' then tests.reset_authentication()
      else tests.authenticate_as(d.who) end;
    execute format(d.command, typed) into v_kept;
    perform tests.reset_authentication();
    if d.kept is not null then
      execute format(d.kept, v_kept) into v_kept;
    end if;
    raise exception using errcode = 'UNDO1';
  exception
    when sqlstate 'UNDO1' then return coalesce(v_kept, 'nothing');
    when others then return sqlerrm;
  end;
end $$;

-- by category: what survives, just as it was written
create temporary table written (category text, text text);
insert into written values
  ('Latin', 'Größe, naïve, Łódź, Ørsted, Ægir, Nguyễn'), ('decomposed', E'Gro\u0308ße'), ('Greek and Cyrillic', 'Ωμέγα Їжак Ђорђе'), ('Armenian and Georgian', 'Հայաստան საქართველო'),
  ('Hebrew with vowels', 'שָׁלוֹם'), ('Arabic with vowels', 'مُحَمَّد'), ('Persian with a joiner inside', E'می\u200Cخواهم'), ('Urdu', 'ٹھیک ہے'),
  ('Devanagari with vowel signs', 'नमस्ते'), ('Devanagari with a joiner at the end', E'क्\u200D'), ('Malayalam with a joiner inside', E'അവന്\u200D വന്നു'), ('Tamil', 'வணக்கம்'), ('Bengali', 'বাংলা'),
  ('Sinhala with a joiner inside', E'ශ්\u200Dරී'), ('Thai', 'สวัสดี'), ('Lao', 'ສະບາຍດີ'), ('Tibetan', 'བོད་སྐད'), ('Khmer', 'ខ្មែរ'), ('Burmese', 'မြန်မာ'), ('Ethiopic', 'ሰላም'),
  ('Han, with its repetition mark', '佐々木さん'), ('Kana with a sound mark', E'か\u3099'), ('Hangul', '안녕하세요'), ('Jamo', E'\u1112\u1161\u11AB'), ('Cherokee', 'ᏣᎳᎩ'), ('Mongolian', 'ᠮᠣᠩᠭᠣᠯ'),
  ('Adlam, beyond the first plane', E'\U0001E900\U0001E944'), ('Han beyond the first plane', E'\U00020BB7野家'), ('a script younger than this server', E'\U00016EA0\U00016EA1x'),
  ('emoji', 'Hilfe 🌻'), ('emoji with a selector at the end', E'Danke \u2764\uFE0F'), ('emoji with joiners', E'\U0001F469\u200D\U0001F33E'), ('a family', E'\U0001F468\u200D\U0001F469\u200D\U0001F467'),
  ('a flag', '🇩🇪 hier'), ('a flag of tags at the end', E'\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F'), ('a keycap', E'1\uFE0F\u20E3 Stock'), ('a skin tone', '👍🏽'),
  ('both directions', E'Hallo \u200Fשלום\u200F ok'), ('signs', '50 % (2 × 3 m²) – „so“ & «so» 10 €'), ('an apostrophe', 'O’Neill'), ('wide letters', 'ＡＢＣ');
select is_empty($$ select w.category, found from written w, private.clean_text(w.text, 'title', 1, 255) found where found <> w.text $$,
  'letters and marks of all scripts, joiners in them, and emoji are texts just as they are');
select is_empty($$ select d.door, w.category, found from doors d, written w, pg_temp.at_door(d, w.text || ' und ' || w.text) v (found)
  where w.category in ('decomposed', 'Persian with a joiner inside', 'Devanagari with a joiner at the end', 'a family', 'a flag of tags at the end') and found <> w.text || ' und ' || w.text $$,
  'and survive at every door');

-- what shows nothing is no text, alone or together
create temporary table unseen (category text, text text);
insert into unseen values
  ('nothing', ''), ('spaces', E' \t'), ('a no-break space', E'\u00A0'), ('narrow and wide spaces', E'\u2003\u202F\u3000\u1680'), ('line separators', E'\u2028\u2029'),
  ('a soft hyphen', E'\u00AD'), ('zero width', E'\u200B\u2060\uFEFF'), ('joiners alone', E'\u200C\u200D'), ('a grapheme joiner', E'\u034F'), ('direction marks', E'\u200E\u200F\u061C'),
  ('an empty isolate', E'\u2068\u2069'), ('the filler of Hangul', E'\u3164\u3164\u3164'), ('its half', E'\uFFA0'), ('its parts', E'\u115F\u1160'), ('a blank of Braille', E'\u2800\u2800\u2800'),
  ('a selector', E'\uFE0F'), ('a selector of the other plane', E'\U000E0100'), ('a selector of Mongolian', E'\u180B\u180E'), ('tags', E'\U000E0061\U000E0062\U000E0063'), ('a vowel of Khmer that is not shown', E'\u17B4'),
  ('invisible operators', E'\u2061\u2062\u2063\u2064'), ('an object', E'\uFFFC'), ('annotations', E'\uFFF9\uFFFB'), ('a head of a note that is none', E'\U0001D159'), ('all at once', E'\u3164\u2800\uFE0F\U000E0061\u00A0\u200B');
select is_empty($$ select d.door, u.category, found from doors d, unseen u, pg_temp.at_door(d, u.text) v (found)
  where found <> case when d.must then 'text_blank' else 'nothing' end and u.category in ('nothing', 'the filler of Hangul', 'a selector', 'tags', 'all at once') $$,
  'what shows nothing is blank at every door');
select is_empty($$ select category, tests.error_of(format('select private.clean_text(%L, ''title'', 1, 255)', text)) from unseen
  where private.is_visible(text) or (category <> 'an empty isolate' and tests.error_of(format('select private.clean_text(%L, ''title'', 1, 255)', text)) <> 'PT400 text_blank (title)') $$,
  'of every kind');
select is(private.is_visible('x'), true, 'a letter is seen');

-- what copying leaves around a text goes
select is_empty($$ select d.door, found from doors d, pg_temp.at_door(d, E'\uFEFF\u200B \u2068\u00A0Anna\u3164B.\u00A0\u2069\u200E\u202C\u2800\u3164\u3000 ') v (found) where found <> E'Anna\u3164B.' $$,
  'what copying leaves around a text is trimmed at every door');

-- what no text may hold
create temporary table forbidden (category text, text text);
insert into forbidden values ('a bell', E'a\u0007b'), ('an escape', E'a\u001B[31m'), ('a delete', E'a\u007Fb'), ('a C1 control', E'a\u0085b'), ('an embedding', E'a\u202Ab'), ('an override', E'\u202Eabc'),
  ('an isolate', E'a\u2066b'), ('no character', E'a\uFFFEb'), ('no character of another plane', E'a\U0001FFFFb'), ('an Arabic one', E'a\uFDD0b');
select is_empty($$ select d.door, f.category, found from doors d, forbidden f, pg_temp.at_door(d, f.text) v (found)
  where found <> 'text_has_control_characters' and f.category in ('a bell', 'an override', 'no character') $$, 'controls are refused at every door');
select is_empty($$ select category from forbidden where tests.error_of(format('select private.clean_text(%L, ''bio'', 1, 255, true)', text)) <> 'PT400 text_has_control_characters (bio)' $$,
  'of every kind');
select is(private.clean_optional_text(E'a\nb\u2028c', 'bio', 10, true), E'a\nb\u2028c', 'lines may part where a text has lines');
select is(tests.error_of($$ select private.clean_text(E'a\u2028b', 'title', 1, 10) $$), 'PT400 text_has_control_characters (title)', 'but no title');

-- counted is what shows
select is(tests.error_of(format('select private.clean_text(%L, ''title'', 3, 255)', title)), expected, why) from (values
  (E'a\u200B\u200D\uFE0Fb', 'PT400 text_too_short (title)', 'two letters are no three, whatever is between them'),
  (E'a b', 'no error', 'a space between them counts'), (E'a\u3164b', 'no error', 'so does a filler, which looks like one'),
  (E'a\u0301\u0302', 'no error', 'marks count'), (E'\U0001F468\u200D\U0001F469\u200D\U0001F467', 'no error', 'a family counts its members')) v (title, expected, why);

select is((select length(name) from public.users where id = tests.get_supabase_uid('anna')), 4, 'all of it was undone');

select * from finish();
rollback;
