-- Which words find which task: beginnings, stems, accents, umlauts and typing errors, in German and in English.
begin;
select plan(42);
select tests.use_default_settings();
update private.settings set task_limit_per_day = 10000, open_task_limit = 1000, points_limit_per_creator = 100000;
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.post(title text, description text)
returns void
language plpgsql
as $$
begin
  perform tests.authenticate_as('anna');
  perform public.create_task(title, description, 'garten', -48.8767, -123.3933, 1);
  perform tests.reset_authentication();
end $$;
select pg_temp.post(title, description) from (values
  ('Gärtner gesucht', 'Der Rasen müsste gemäht werden, dazu zwei Bäume.'), ('Umzugskartons tragen', 'Vierter Stock ohne Aufzug.'), ('Walk the dogs', 'Two friendly dogs, every morning.'),
  ('Fahrrad reparieren', 'Die Kette springt über.'), ('Café an der Straße', 'Stühle lackieren'), ('Mathe-Nachhilfe', 'Für die 7. Klasse: Brüche & Prozente'),
  ('Babysitting on Fridays', 'Our baby sleeps early.'), ('Garage aufräumen', 'Viel Gartenzeug, wenig Platz')) t (title, description);

create function pg_temp.found(query text)
returns text[]
language sql
as $$ select coalesce(array_agg(s.title order by s.title), '{}') from public.search_tasks(query, -48.8767, -123.3933) s $$;
create function pg_temp.exactly(query text)
returns text[]
language sql
as $$ select coalesce(array_agg(s.title order by s.title), '{}') from public.search_tasks(query, -48.8767, -123.3933) s where s.rank >= 0.5 $$;
grant execute on function pg_temp.found(text), pg_temp.exactly(text) to authenticated;
select tests.authenticate_as('ben');

select is(pg_temp.exactly(query), array[title], format('%s finds it as written', query))
from (values
  -- umlauts and accents, whoever leaves them out
  ('Gärtner', 'Gärtner gesucht'), ('Gaertner', 'Gärtner gesucht'), ('GÄRTNER', 'Gärtner gesucht'), (E'Ga\u0308rtner', 'Gärtner gesucht'), ('cafe', 'Café an der Straße'), ('strasse', 'Café an der Straße'),
  ('STRASSE', 'Café an der Straße'), ('stühl', 'Café an der Straße'),
  -- stems
  ('Baum', 'Gärtner gesucht'), ('Bäume', 'Gärtner gesucht'), ('baeumen', 'Gärtner gesucht'), ('Fahrräder', 'Fahrrad reparieren'), ('dog', 'Walk the dogs'), ('walking', 'Walk the dogs'),
  ('babies', 'Babysitting on Fridays'), ('Stocks', 'Umzugskartons tragen'), ('Klassen', 'Mathe-Nachhilfe'),
  -- beginnings
  ('Umzug', 'Umzugskartons tragen'), ('umz', 'Umzugskartons tragen'), ('baby', 'Babysitting on Fridays'), ('Gartenz', 'Garage aufräumen'), ('Nachhi', 'Mathe-Nachhilfe'),
  -- several words, in any order, across title and description, signs and stop words between them
  ('tragen umzug', 'Umzugskartons tragen'), ('Kette, Fahrrad!', 'Fahrrad reparieren'), ('the dogs and the morning', 'Walk the dogs'), ('7 Klasse', 'Mathe-Nachhilfe'), ('"Mathe" -Nachhilfe', 'Mathe-Nachhilfe')) q (query, title);

-- what is typed wrongly
select is(pg_temp.found(query), array[title], format('%s finds it although misspelt', query))
from (values ('Fahrad', 'Fahrrad reparieren'), ('Nachilfe', 'Mathe-Nachhilfe'), ('Gertner', 'Gärtner gesucht'), ('Umzugskratons', 'Umzugskartons tragen'), ('Babisitting', 'Babysitting on Fridays')) q (query, title);
select is(pg_temp.exactly('Fahrad'), '{}'::text[], 'and its rank tells');
select is(pg_temp.found('Fahrad Kette'), '{"Fahrrad reparieren"}'::text[], 'one word wrong, one right');
select is(pg_temp.found('Fahrad Klavier'), '{}'::text[], 'every word must be there or nearly');

-- what does not fit
select is(pg_temp.found(query), '{}'::text[], format('%s finds nothing', query)) from unnest('{Klavier,"dogs Klavier",arten}'::text[]) query;

-- order and excerpt
select tests.reset_authentication();
select pg_temp.post('Hecke schneiden', 'Bitte nur die Hecke, <b>nicht</b> den «alten» Zaun'), pg_temp.post('Zaun streichen', 'Grün. Die Hecke bleibt.');
select tests.authenticate_as('ben');
select results_eq($$ select title from public.search_tasks('Hecke', -48.8767, -123.3933) $$, array['Hecke schneiden', 'Zaun streichen'], 'a word in the title counts more than one in the description');
select results_eq($$ select snippet from public.search_tasks('hecken zaun', -48.8767, -123.3933) $$,
  array['Bitte nur die «Hecke», <b>nicht</b> den ‹alten› «Zaun»', 'Grün. Die «Hecke» bleibt.'],
  'hits stand in «», own «» as ‹›, everything else as the author wrote it');
select results_eq($$ select snippet from public.search_tasks('Umzug', -48.8767, -123.3933) $$, array['«Umzugskartons» tragen'], 'where only the title has the word, the excerpt is the title');
select tests.reset_authentication();
select is(private.snippet('x', repeat('word ', 100) || 'Rasen' || repeat(' word', 100), '{rasen}', null),
  '… ' || repeat('word ', 6) || '«Rasen»' || repeat(' word', 24) || ' …', 'a long text is cut around the first hit');

select * from finish();
rollback;
