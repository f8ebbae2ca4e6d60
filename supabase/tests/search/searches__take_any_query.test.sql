-- Whatever is typed, a search answers: with rows or with none, never with an error.
begin;
select plan(8);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
select tests.post_task('anna', 1, 'Mow the lawn'), tests.post_task('anna', 1, 'O''Neil''s 100% <script>alert(1)</script> & co');
insert into public.places (name, category, description, latitude, longitude, source) values ('Lawn & Co', 'shop', 'We lend 100% of our mowers', -48.8767, -123.3933, 'community');

create temporary table queries as
select q as query from unnest(array[
  null, '', ' ', E'\t\n\r', '''', '''''', '"', '\', E'\\', '%', '_', '%%%', '*', ':', ':*', '''lawn'':*', 'lawn:A', 'lawn:*AB', '&', '|', '!', '!!', '!lawn', '&&&', '| |', '(', ')', '()', '(lawn', 'lawn)', '((((lawn))))',
  'lawn & | mow', 'lawn <-> mow', 'lawn <2> mow', '<->', '"lawn', '-lawn', '+lawn', 'or', 'OR', 'lawn or', 'and or not', '; drop table tasks; --', ''' or 1=1 --', '$$lawn$$', '{}', '[]', '{lawn}', '\x00', '\u0000', E'\u0001\u0008\u001F\u007F',
  '#garten', '@lawn', '1:#garten', '%:lawn', '0', '-1', '1e308', 'NaN', 'null', 'true',
  'der die das und oder', 'the and of', 'der', 'the', 'a', 'ä', 'ß', 'ẞ', 'İ', 'ı', 'K', 'ǅ', 'ﬁ', '㎏', 'ﷺ', 'ﷲ lawn', '½', '１２３', 'lawn️', 'ＬＡＷＮ',
  '🐶', '🐶🐶🐶', 'lawn🐶', '👨‍👩‍👧‍👦', '🇩🇪', '❤️', E'\u200B', E'la\u200Bwn', E'\u202Enwal', E'\uFEFFlawn', E'\u0308', E'a\u0308\u0308\u0308\u0301\u0323', E'\uFFFD', E'\uFFFF', E'\U0010FFFF', E'\uE000',
  'собака', '犬の散歩', 'كلب', 'כלב', 'สุนัข', 'ἄνθρωπος',
  repeat('lawn ', 2000), repeat('a', 10000), repeat('ä', 10000), repeat('🐶', 10000), repeat('(', 10000), repeat('!', 10000), repeat('''', 10000), repeat('der ', 2500), repeat('%', 10000), repeat(E'\u0308', 10000), repeat('ﷺ', 10000),
  (select string_agg('w' || i, ' ') from generate_series(1, 2000) i), (select string_agg(chr(i), '') from generate_series(1, 2000) i), (select string_agg(chr(i), ' ') from generate_series(33, 1500) i)]) q;
grant select on queries to authenticated, anon;
create function pg_temp.error(command text, query text) returns text language sql as $$ select tests.error_of(format(command, query)) $$;
grant execute on function pg_temp.error(text, text) to authenticated, anon;

select cmp_ok((select count(*)::int from queries), '>', 110, 'there are many nasty queries');
select tests.authenticate_as('ben');
select is_empty($$ select left(query, 60), e from queries, pg_temp.error('select * from public.search_tasks(%L, -48.8767, -123.3933, 20000, ''garten'', 100)', query) e where e <> 'no error' $$, 'tasks: none fails');
select tests.clear_authentication();
select is_empty($$ select left(query, 60), e from queries, pg_temp.error('select * from public.search_places(%L, -48.8767, -123.3933)', query) e where e <> 'no error' $$, 'places: none fails');
select is_empty($$ select category, e from (values (''), (''''), ('%'), (repeat('x', 10000)), ('a'':*'), ('🐶'), ('shop'' | ''x')) c (category),
  tests.error_of(format('select * from public.search_places(''lawn'', -48.8767, -123.3933, category => %L)', category)) e where e <> 'no error' $$, 'places: nor does any category');
select is((select count(*)::int from public.search_places('lawn', -48.8767, -123.3933, category => 'shop'' | ''shop')), 0, 'places: a category is no piece of a query');

-- what is in the corpus by accident would prove little: these find something
select tests.authenticate_as('ben');
select is_empty($$ select query from unnest(array['lawn', '!lawn', 'lawn & | mow', '"lawn', 'ＬＡＷＮ', 'lawn🐶', E'la\u200Bwn', repeat('lawn ', 2000), '((((lawn))))', 'lawn:A', '%:lawn']) query
  where not exists (select from public.search_tasks(query, -48.8767, -123.3933) where title = 'Mow the lawn' and rank >= 0.5) $$, 'signs around a word do not hide it');
select is_empty($$ select query from unnest(array[null, '', '%', '🐶', '!', 'der die das und oder', '''', '犬の散歩']) query, public.search_tasks(query, -48.8767, -123.3933) $$, 'without a word, or with an unknown one, nothing is found');
select results_eq($$ select snippet from public.search_tasks('o''neil 100%', -48.8767, -123.3933) $$, array['«O»''«Neil»''s «100»% <script>alert(1)</script> & co'],
  'texts come as they are: plain text, to be escaped by whoever shows it');

select * from finish();
rollback;
