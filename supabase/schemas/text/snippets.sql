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
    v_parts := array(select m[1]
      from pg_catalog.regexp_matches(v_text,
        pg_catalog.format('[^%1$s]+|[%1$s]+', private.separating_characters()), 'g') m);
    v_folded := pg_catalog.string_to_array(private.fold_text(pg_catalog.array_to_string(v_parts, E'\n')), E'\n');
    if least_similarity is null then
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
          where pg_catalog.starts_with(p.part, w.word)
        union
        -- scripts where a word begins inside of another one
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(v_stems) w (word)
          where pg_catalog.octet_length(p.part) > pg_catalog.char_length(p.part)
            and pg_catalog.strpos(p.part, w.word) > 0
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
    -- W-LAN for wlan: found in two parts
    v_hits := v_hits || array(
      select pg_catalog.unnest(array[p.i, p.i + 1, p.i + 2])
      from (select f.part, f.i, pg_catalog.lead(f.written) over a as sign, pg_catalog.lead(f.part, 2) over a as last
        from unnest(v_folded, v_parts) with ordinality f (part, written, i) window a as (order by f.i)) p
      where pg_catalog.char_length(p.sign) = 1 and p.i <> all (v_hits) and exists (
        select from pg_catalog.unnest(words) w (word)
        where pg_catalog.char_length(w.word) > pg_catalog.char_length(p.part)
          and pg_catalog.starts_with(p.part || p.last, w.word)));
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
