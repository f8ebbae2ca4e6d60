create function private.fold_text(value text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := value;
begin
  -- nothing to fold in plain ASCII
  if pg_catalog.octet_length(v_text) > pg_catalog.char_length(v_text) then
    v_text := pg_catalog.regexp_replace(v_text, '[' || private.ignorable_characters() || ']', '', 'g');
    v_text := pg_catalog.normalize(v_text, 'NFKD');
    v_text := pg_catalog.regexp_replace(v_text, '([AOUaou])\u0308', '\1e', 'g');
    v_text := pg_catalog.regexp_replace(v_text, '[' || private.accent_characters() || ']', '', 'g');
    -- letters that do not come apart
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'ß', 'ss'), 'ẞ', 'ss');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'æ', 'ae'), 'Æ', 'ae');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'œ', 'oe'), 'Œ', 'oe');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'ø', 'oe'), 'Ø', 'oe');
    v_text := pg_catalog.translate(v_text, 'łŁđĐı', 'llddi');
  end if;
  return pg_catalog.lower(v_text);
end $$;
comment on function private.fold_text(text) is
  'Lower case without accents, umlauts written out: Gärtner and GAERTNER both become gaertner, Café becomes cafe.';

create function private.words_of(value text)
returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  return array(
    select pg_catalog.left(w.word, 64)
    from pg_catalog.regexp_split_to_table(private.fold_text(value),
      '[' || private.separating_characters() || ']+') w (word)
    where w.word <> '');
end $$;
comment on function private.words_of(text) is
  'The words of a text, folded, in their order, each cut to 64 characters. They hold no quote, space or sign.';

create function private.word_forms(words text[])
returns table (word text, forms text[])
language plpgsql immutable set search_path = ''
as $$
begin
  -- all words of a text at once, because a function with a pinned search_path costs more to enter than a word to stem
  return query
    select w.word, array[w.word] || w.german || w.english
    from (
      select u.word,
        -- with umlauts, whether they were written so or not: the German stemmer and its stop words expect them
        pg_catalog.ts_lexize('pg_catalog.german_stem', case when u.word ~ '[aou]e'
          then pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace(u.word, 'ae', 'ä'), 'oe', 'ö'),
            '(?<![aeiouäöq])ue', 'ü', 'g')
          else u.word end) as german,
        pg_catalog.ts_lexize('pg_catalog.english_stem', u.word) as english
      from pg_catalog.unnest(words) u (word)) w
    where w.german <> '{}' and w.english <> '{}';
end $$;
comment on function private.word_forms(text[]) is
  'Folded words, each with itself, its German and its English stem; stop words of either language are left out.';

create function private.terms_of(title text, body text)
returns tsvector
language plpgsql immutable set search_path = ''
as $$
declare
  v_title text[] := private.words_of(title);
  v_body  text[] := (private.words_of(body))[1:300];
begin
  -- the words hold nothing that would have to be escaped
  return pg_catalog.concat(
    (select pg_catalog.string_agg(pg_catalog.concat('''', pg_catalog.array_to_string(f.forms, ''':1A '''), ''':1A'),
      ' ') from private.word_forms(v_title) f), ' ',
    (select pg_catalog.string_agg(pg_catalog.concat('''', pg_catalog.array_to_string(f.forms, ''':2B '''), ''':2B'),
      ' ') from private.word_forms(v_body) f))::tsvector;
end $$;
comment on function private.terms_of(text, text) is
  'What a text is found by: words and stems of the title with weight A, of the first 300 words of the body with '
  'weight B.';

create function private.snippet(title text, body text, words text[], least_similarity double precision)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_parts    constant integer := 60;  -- words and what is between them
  v_stems    text[] := array(select pg_catalog.unnest(f.forms) from private.word_forms(words) f);
  v_initials text[] := array(select pg_catalog.left(w.word, 1) from pg_catalog.unnest(words) w (word));
  v_text     text;
  v_parts    text[];
  v_folded   text[];
  v_found    text[];
  v_hits     integer[];
  v_first    integer;
begin
  -- the body where a word of the search is in it, else the title
  foreach v_text in array array[coalesce(body, ''), title] loop
    v_text  := pg_catalog.translate(pg_catalog.regexp_replace(pg_catalog.left(v_text, 2000), '\s+', ' ', 'g'), '«»',
      '‹›');
    v_parts := array(select m[1]
      from pg_catalog.regexp_matches(v_text,
        pg_catalog.format('[^%1$s]+|[%1$s]+', private.separating_characters()), 'g') m);
    v_folded := pg_catalog.string_to_array(private.fold_text(pg_catalog.array_to_string(v_parts, E'\n')), E'\n');
    if least_similarity is null then
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
          where pg_catalog.starts_with(p.part, w.word)
        union
        -- stemming changes no beginning, so the first letter spares most words the stemmers
        select f.word from private.word_forms(array(select p.part from pg_catalog.unnest(v_folded) p (part)
          where pg_catalog.left(p.part, 1) = any (v_initials))) f
        where f.forms && v_stems);
    else
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
        where pg_catalog.starts_with(p.part, w.word) or extensions.word_similarity(w.word, p.part) >= least_similarity);
    end if;
    v_hits := array(select p.i from pg_catalog.unnest(v_folded) with ordinality p (part, i)
      where p.part = any (v_found));
    exit when v_hits <> '{}';
  end loop;
  v_first := greatest(coalesce(v_hits[1], 1) - 12, 1);
  return pg_catalog.concat(
    case when v_first > 1 then '… ' end,
    (select pg_catalog.string_agg(case when p.i = any (v_hits) then '«' || p.part || '»' else p.part end, ''
      order by p.i)
     from pg_catalog.unnest(v_parts) with ordinality p (part, i) where p.i between v_first and v_first + c_parts),
    case when pg_catalog.cardinality(v_parts) > v_first + c_parts then ' …' end);
end $$;
comment on function private.snippet(text, text, text[], double precision) is
  'Where the words of a search stand in a text, as written or, with least_similarity, spelt alike: about thirty '
  'words of it on one line, hits in «», own «» as ‹›. Plain text: it may hold anything that the author wrote, HTML '
  'too.';

create function private.fill_in(template text, facts jsonb)
returns text
language sql immutable set search_path = ''
as $$
  -- in one pass, so that braces in what a member wrote stay what they are
  select pg_catalog.string_agg(case
      when m.part[1] is not null then coalesce(facts ->> m.part[1], '')
      when m.part[2] is not null then pg_catalog.replace(case facts ->> m.part[2] when '1' then m.part[3]
        else m.part[4] end, '#', coalesce(facts ->> m.part[2], ''))
      else m.part[5] end, '' order by m.place)
  from pg_catalog.regexp_matches(template, '\{([a-z]+)\}|'
    '\{([a-z]+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}|([^{]+|\{)', 'g') with ordinality m (part, place)
$$;
comment on function private.fill_in(text, jsonb) is
  'Puts facts into the placeholders of a text: {actor}, and by number, as in ICU messages, '
  '{points, plural, one {# point} other {# points}}. A fact that is missing leaves nothing.';
