create function private.snippet(title text, body text, words text[], least_similarity double precision)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_parts    constant integer := 60;  -- words and what is between them
  v_stems    text[] := array(select pg_catalog.unnest(f.forms) from private.word_forms(words) f);
  v_inner    text := (select pg_catalog.string_agg(pg_catalog.normalize(w.word), '|')
    from pg_catalog.unnest(words) w (word)
    where private.may_be_unspaced(w.word) and w.word ~ ('^[' || private.unspaced_characters() || ']'));
  v_initials text[] := array(select pg_catalog.left(w.word, 1) from pg_catalog.unnest(words) w (word));
  v_text     text;
  v_parts    text[];
  v_lines    text;
  v_folded   text[];
  v_found    text[];
  v_hits     integer[];
  v_first    integer;
begin
  -- the body where a word of the search is in it, else the title
  foreach v_text in array array[coalesce(body, ''), title] loop
    v_text  := pg_catalog.translate(pg_catalog.regexp_replace(pg_catalog.left(v_text, 2000), '\s+', ' ', 'g'), '«»',
      '‹›');
    -- what is written without spaces is parted by a control character, which no text has
    if v_inner is not null then
      v_text := pg_catalog.regexp_replace(v_text, '(' || v_inner || ')', E'\u0001\\1\u0001', 'g');
    end if;
    v_parts := pg_catalog.array_remove(pg_catalog.string_to_array(pg_catalog.regexp_replace(v_text,
      '[' || private.separating_characters() || ']+', E'\u0002\\&\u0002', 'g'), E'\u0002'), '');
    v_lines  := private.fold_text(pg_catalog.array_to_string(v_parts, E'\n'));
    v_folded := pg_catalog.string_to_array(v_lines, E'\n');
    if least_similarity is null then
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
          where pg_catalog.starts_with(p.part, w.word)
        union
        -- stemming changes no beginning, so the first letter spares most words the stemmers
        select f.word from private.word_forms(array(select p.part from pg_catalog.unnest(v_folded) p (part)
          where pg_catalog.left(p.part, 1) = any (v_initials))) f
        where f.forms && v_stems);
      -- scripts where a word begins inside of another one
      if pg_catalog.octet_length(v_lines) > pg_catalog.char_length(v_lines) then
        v_found := v_found || array(
          select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(v_stems) w (word)
          where pg_catalog.octet_length(p.part) > pg_catalog.char_length(p.part)
            and pg_catalog.strpos(p.part, w.word) > 0);
      end if;
    else
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
        where pg_catalog.starts_with(p.part, w.word) or extensions.word_similarity(w.word, p.part) >= least_similarity);
    end if;
    v_hits := array(select p.i from pg_catalog.unnest(v_folded) with ordinality p (part, i)
      where p.part = any (v_found));
    -- W-LAN for wlan: found in two parts
    v_hits := v_hits || array(
      select pg_catalog.unnest(array[p.i, p.i + 1, p.i + 2])
      from pg_catalog.unnest(v_folded) with ordinality p (part, i), pg_catalog.unnest(words) w (word)
      where pg_catalog.starts_with(w.word, p.part) and w.word <> p.part and p.i <> all (v_hits)
        and pg_catalog.char_length(v_parts[p.i + 1]) = 1
        and pg_catalog.starts_with(p.part || v_folded[p.i + 2], w.word));
    exit when v_hits <> '{}';
  end loop;
  v_first := greatest(coalesce((select min(h.i) from pg_catalog.unnest(v_hits) h (i)), 1) - 12, 1);
  return pg_catalog.translate(pg_catalog.replace(pg_catalog.concat(
    case when v_first > 1 then '… ' end,
    (select pg_catalog.string_agg(case when p.i = any (v_hits) then '«' || p.part || '»' else p.part end, ''
      order by p.i)
     from pg_catalog.unnest(v_parts) with ordinality p (part, i) where p.i between v_first and v_first + c_parts),
    case when pg_catalog.cardinality(v_parts) > v_first + c_parts then ' …' end), '»«', ''), E'\u0001', '');
end $$;
comment on function private.snippet(text, text, text[], double precision) is
  'Where the words of a search stand in a text, as written or, with least_similarity, spelt alike: about thirty '
  'words of it on one line, hits in «», own «» as ‹›. Plain text: it may hold anything that the author wrote, HTML '
  'too.';

create function private.fill_in(template text, facts jsonb)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_letters constant text := 'abcdefghijklmnopqrstuvwxyz';
  c_plural  constant text := ', plural, one ';
  c_other   constant text := '} other ';
  v_parts   text[] := pg_catalog.string_to_array(template, '{');
  v_part    text;
  v_name    text;
  v_filled  text := v_parts[1];
  v_place   integer := 2;
begin
  -- in one pass, so that braces in what a member wrote stay what they are; without regular expressions, which take
  -- twenty times as long
  while v_place <= pg_catalog.cardinality(v_parts) loop
    v_part := v_parts[v_place];
    v_name := pg_catalog.split_part(pg_catalog.split_part(v_part, '}', 1), c_plural, 1);
    if v_name = '' or pg_catalog.translate(v_name, c_letters, '') <> '' then
      v_filled := v_filled || '{' || v_part;
    elsif pg_catalog.starts_with(v_part, v_name || '}') then
      v_filled := v_filled || coalesce(facts ->> v_name, '')
        || pg_catalog.substr(v_part, pg_catalog.char_length(v_name) + 2);
    elsif v_part = v_name || c_plural and v_parts[v_place + 1] like '%' || c_other
      and v_parts[v_place + 2] like '%}}%' then
      v_filled := v_filled
        || pg_catalog.replace(case facts ->> v_name when '1' then pg_catalog.split_part(v_parts[v_place + 1], '}', 1)
          else pg_catalog.split_part(v_parts[v_place + 2], '}', 1) end, '#', coalesce(facts ->> v_name, ''))
        || pg_catalog.substr(v_parts[v_place + 2], pg_catalog.strpos(v_parts[v_place + 2], '}}') + 2);
      v_place := v_place + 2;
    else
      v_filled := v_filled || '{' || v_part;
    end if;
    v_place := v_place + 1;
  end loop;
  return v_filled;
end $$;
comment on function private.fill_in(text, jsonb) is
  'Puts facts into the placeholders of a text: {actor}, and by number, as in ICU messages, '
  '{points, plural, one {# point} other {# points}}. A fact that is missing leaves nothing.';
