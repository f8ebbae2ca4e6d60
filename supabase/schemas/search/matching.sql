create function private.word_query(word text, forms text[], joined text[])
returns tsquery
language plpgsql immutable set search_path = ''
as $$
begin
  if private.may_be_unspaced(word) and word ~ ('^[' || private.unspaced_characters() || ']') then
    -- piece by piece, as long as the index has them
    return (select pg_catalog.string_agg(
        pg_catalog.concat('''', pg_catalog.substr(word, i, private.inner_word_length()), ''':*'), ' & ')
      from pg_catalog.generate_series(1, pg_catalog.char_length(word), private.inner_word_length()) i)::tsquery;
  end if;
  return pg_catalog.concat('''', pg_catalog.array_to_string(array[word] || joined, ''':* | '''), ''':* | ''',
    pg_catalog.array_to_string(forms, ''' | '''), '''')::tsquery;
end $$;
comment on function private.word_query(text, text[], text[]) is
  'How a word is looked for: by its beginning, its forms, and written together with what stands beside it.';

create function private.parse_search(query text, out words text[], out template text, out ranking tsquery,
  out word_queries tsquery[])
language plpgsql immutable set search_path = ''
as $$
declare
  c_words  constant integer := 8;
  v_folded text := private.fold_text(pg_catalog.left(query, private.max_query_length()));
  v_words  text[] := array(
    select w.word from pg_catalog.unnest(private.split_words(v_folded)) with ordinality w (word, position)
    group by w.word order by min(w.position));
begin
  with joined as materialized (select * from private.joined_words(v_folded))
  select coalesce(pg_catalog.array_agg(q.word), '{}'),
    coalesce(pg_catalog.array_agg(private.word_query(q.word, q.forms,
      array(select distinct j.word from joined j where q.word = any (j.parts)))), '{}')
  into words, word_queries
  from (select f.word, f.forms from private.word_forms(v_words) f order by pg_catalog.array_position(v_words, f.word)
    limit c_words) q;
  if words = '{}' and v_words <> '{}' then
    -- somebody who has typed only stop words so far may be in the middle of the last one
    words := v_words[pg_catalog.cardinality(v_words):];
    word_queries := array[private.word_query(words[1], words, '{}')];
  end if;
  template := (
    select pg_catalog.regexp_replace(pg_catalog.string_agg('(' || q.word_query::text || ')', ' & '), '''([^'']+)''',
      '''%:\1''', 'g')
    from pg_catalog.unnest(word_queries) q (word_query));
  ranking := pg_catalog.array_to_string(word_queries, ' | ')::tsquery;
end $$;
comment on function private.parse_search(text) is
  'What a search looks for, null-safe and never an error: its words (at most eight, stop words left out); a query '
  'for each word, see private.word_query; all of them as template of a bound query, where % stands for '
  'the square; and any of them, for ranking.';

create function private.bound_query(template text, categories text[], neighbourhood_id uuid)
returns text
language plpgsql immutable set search_path = ''
as $$
begin
  return pg_catalog.concat(template,
    ' & (' || (select pg_catalog.string_agg('''%:#' || c.slug || '''', ' | ')
      from pg_catalog.unnest(categories) c (slug)) || ')',
    ' & ''%:@' || neighbourhood_id::text || '''');
end $$;
comment on function private.bound_query(text, text[], uuid) is
  'A template of private.parse_search narrowed to categories and a neighbourhood; null for either: all.';

create function private.nearest_texts(kind text, circle private.circle, most integer)
returns uuid[]
language plpgsql stable set search_path = ''
-- as in private.nearby_tasks: follow the index by distance
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
begin
  return case kind
    when 'task' then array(
      select o.task_id from private.open_tasks o where o.position <@ circle.area
      order by o.position <-> circle.centre limit most)
    else array(
      select e.place_id from private.place_texts e where e.position <@ circle.area
      order by e.position <-> circle.centre limit most) end;
end $$;
comment on function private.nearest_texts(text, private.circle, integer) is
  'Ids of the listed tasks or places nearest to the centre of a circle, of those in the box around it.';

create function private.similarity_of(words text[], word_queries tsquery[], title text, terms tsvector,
  least_similarity double precision)
returns double precision
language plpgsql immutable set search_path = ''
as $$
declare
  v_sum  double precision := 0;
  v_word double precision;
begin
  for i in 1 .. pg_catalog.cardinality(words) loop
    v_word := case
      when terms @@ word_queries[i] then 1
      -- three letters are similar to too much
      when pg_catalog.char_length(words[i]) > 3 then extensions.word_similarity(words[i], title)
      else 0 end;
    if v_word < least_similarity then
      return null;
    end if;
    v_sum := v_sum + v_word;
  end loop;
  return v_sum / pg_catalog.cardinality(words);
end $$;
comment on function private.similarity_of(text[], tsquery[], text, tsvector, double precision) is
  'How similar a title is to the words of a search, least_similarity to 1, where each word is there or one spelt '
  'like it; null otherwise.';
