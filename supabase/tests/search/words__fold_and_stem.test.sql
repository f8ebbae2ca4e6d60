-- What a text is found by: folded words and their German and English stems.
begin;
select plan(36);

select is(private.fold_text(value), folded, format('%s is folded to %s', value, folded))
from (values ('Gärtner', 'gaertner'), ('GÄRTNER', 'gaertner'), (E'Ga\u0308rtner', 'gaertner'), ('Straße', 'strasse'), ('STRAẞE', 'strasse'), ('Café', 'cafe'),
  ('Łódź', 'lodz'), ('Smørrebrød', 'smoerrebroed'), ('Œuvre', 'oeuvre'), ('naïve', 'naive'), (E'Ra\u00ADsen', 'rasen'), ('ﬁne', 'fine'), ('', '')) v (value, folded);
select is(private.fold_text(null), null, 'nothing stays nothing');

select is(private.words_of('O''Neil''s  dog – «Rex» 🐶, foo_bar@example.org (2. Stock)'), '{o,neil,s,dog,rex,foo,bar,example,org,2,stock}'::text[], 'signs, symbols and emoji part words');
select is(private.words_of('Собака и 犬'), '{собака,и,犬}'::text[], 'other scripts are words too');
select is(private.words_of(E' \t\n 🐶🐶 !? '), '{}'::text[], 'a text without letters has no words');
select is(private.words_of(null), '{}'::text[], 'nothing has no words');
-- of every script, by Unicode's properties
select is(private.words_of(value), words::text[], value)
from (values ('佐々木さん、東京です。', normalize('{佐々木さん,東京です}', NFKD)), ('مرحبا، كيف حالك؟', '{مرحبا,كيف,حالك}'), ('שלום־עולם', '{שלום,עולם}'), ('नमस्ते। दुनिया॥', '{नमस्ते,दुनिया}'), ('Բարեւ՝ աշխարհ։', '{բարեւ,աշխարհ}'),
  ('ሰላም፡ዓለም።', '{ሰላም,ዓለም}'), ('10€ 5₽', '{10,5}'), ('ラーメン・カレー', '{' || normalize('ラーメン', NFKD) || ',' || normalize('カレー', NFKD) || '}'), (E'می\u200Cخواهم', '{میخواهم}'), ('مُحَمَّد', '{محمد}'),
  (E'1\uFE0F\u20E3\U0001FAE8\U0001F469\u200D\U0001F33Ea', '{1,a}'), (E'Hilfe\u2800gesucht\u3164heute', '{hilfe,gesucht,heute}')) v (value, words);
select is(private.words_of(repeat('a', 100)), array[repeat('a', 64)], 'a word is cut to 64 characters');

select is_empty(
  $$ select one, other from (values ('gaerten', 'garten'), ('haeuser', 'haus'), ('kinder', 'kind'), ('hunde', 'hund'), ('running', 'runs'), ('babies', 'baby'),
       ('painting', 'painted'), ('umzuege', 'umzug'), ('baeume', 'baum'), ('neue', 'neuen')) v (one, other)
     where not exists (select from private.word_forms(array[one]) o, private.word_forms(array[other]) p where o.forms && p.forms) $$, 'inflected words share a stem, umlauts written out or not');
select results_eq($$ select word from private.word_forms('{und,haus,der,fuer,ueber,the,with,haus}') $$, '{haus,haus}'::text[], 'stop words of both languages are left out, and nothing else');
select is((select forms from private.word_forms('{haeuser}')), '{haeuser,haus,haeuser}'::text[], 'a word has itself, a German and an English stem');
select is(private.terms_of('Rasen mähen', 'Rasen, und Hecke'), $$ 'heck':2B 'hecke':2B 'maehen':1A 'mah':1A 'ras':1A,2B 'rasen':1A,2B $$::tsvector, 'title and body weigh differently, stop words are left out');
select is((select length(private.terms_of('', string_agg('wort' || i, ' '))) from generate_series(1, 400) i), 300, 'three hundred words of a body count');

select * from finish();
rollback;
