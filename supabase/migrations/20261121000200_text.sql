-- Written by npm run db:build from supabase/schemas/text/: edit there.

-- schemas/text/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_message_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_message_length() is 'Most characters of a message, note, comment or reason.';

create function private.max_address_length() returns integer language sql immutable set search_path = '' return 500;
comment on function private.max_address_length() is 'Most characters of a postal address.';

create function private.max_picture_name_length() returns integer language sql immutable set search_path = ''
return 100;
comment on function private.max_picture_name_length() is 'Most characters of a picture''s name before its extension.';

create function private.max_metadata_bytes() returns integer language sql immutable set search_path = '' return 8192;
comment on function private.max_metadata_bytes() is 'Most bytes of metadata as JSON text.';

-- schemas/text/cleaning.sql

-- Room: text. What people type: cleaned, checked, folded, cut into words.

create function private.clean_text(value text, field text, min_length integer, max_length integer,
  is_multiline boolean default false)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := pg_catalog.btrim(value, E' \t\n\r');
begin
  if v_text is null
     -- invisible characters alone are as blank as spaces
     or pg_catalog.regexp_replace(v_text, '[\s\u00A0\u00AD\u200B-\u200F\u2060\u3000\uFEFF]', '', 'g') = '' then
    raise exception using errcode = 'PT400', message = 'text_blank', detail = field,
      hint = 'Please fill in this field.';
  end if;
  -- C0, C1 and the bidirectional overrides, which can make a text read as another one
  if v_text ~ '[\u0001-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]'
     or (not is_multiline and v_text ~ '[\t\n\r]') then
    raise exception using errcode = 'PT400', message = 'text_has_control_characters', detail = field,
      hint = 'Please remove control characters and line breaks from this field.';
  end if;
  if pg_catalog.char_length(v_text) < min_length then
    raise exception using errcode = 'PT400', message = 'text_too_short', detail = field,
      hint = pg_catalog.format('At least %s characters are needed.', min_length);
  end if;
  if pg_catalog.char_length(v_text) > max_length then
    raise exception using errcode = 'PT400', message = 'text_too_long', detail = field,
      hint = pg_catalog.format('At most %s characters are allowed.', max_length);
  end if;
  return v_text;
end $$;
comment on function private.clean_text(text, text, integer, integer, boolean) is
  'Trims and checks one text input; detail of an error names the field. Raises PT400 text_blank, '
  'text_has_control_characters, text_too_short, text_too_long.';

create function private.clean_optional_text(value text, field text, max_length integer,
  is_multiline boolean default false)
returns text
language sql immutable set search_path = ''
as $$
  select case when pg_catalog.btrim(value, E' \t\n\r') <> ''
    then private.clean_text(value, field, 1, max_length, is_multiline) end
$$;
comment on function private.clean_optional_text(text, text, integer, boolean) is
  'Like private.clean_text, but null and blank both mean absent and give null.';

create function private.is_picture_path(path text, owner_id uuid)
returns boolean
language sql immutable set search_path = ''
return path ~ pg_catalog.format(
  '^%s/[A-Za-z0-9_-]{1,%s}\.(jpg|png|webp)$', owner_id, private.max_picture_name_length());
comment on function private.is_picture_path(text, uuid) is
  'Whether a path is one that the buckets for pictures can hold: <owner''s id>/<name>.jpg, .png or .webp.';

create function private.check_paths(paths text[], owner_id uuid, slug text, most integer)
returns void
language plpgsql immutable set search_path = ''
as $$
declare
  v_path text;
begin
  if pg_catalog.array_ndims(paths) > 1 or coalesce(pg_catalog.cardinality(paths), 0) > most then
    raise exception using errcode = 'PT400', message = slug,
      hint = pg_catalog.format('At most %s pictures are allowed.', most);
  end if;
  foreach v_path in array coalesce(paths, '{}') loop
    if private.is_picture_path(v_path, owner_id) is not true then
      raise exception using errcode = 'PT400', message = slug, detail = coalesce(v_path, 'null'),
        hint = 'A picture is named by its path: your own user id, a slash, a name that ends in .jpg, .png or .webp.';
    end if;
  end loop;
end $$;
comment on function private.check_paths(text[], uuid, text, integer) is
  'Raises PT400 with the given slug unless every path is one that the owner''s folder can hold.';

create function private.check_metadata(metadata jsonb)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if pg_catalog.jsonb_typeof(metadata) is distinct from 'object'
     or pg_catalog.octet_length(metadata::text) > private.max_metadata_bytes() then
    raise exception using errcode = 'PT400', message = 'metadata_invalid',
      hint = pg_catalog.format('Metadata must be a JSON object of at most %s bytes.', private.max_metadata_bytes());
  end if;
end $$;
comment on function private.check_metadata(jsonb) is
  'Raises PT400 metadata_invalid unless a JSON object, and not too large.';

-- schemas/text/words.sql

create function private.fold_text(value text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := value;
begin
  -- nothing to fold in plain ASCII
  if pg_catalog.octet_length(v_text) > pg_catalog.char_length(v_text) then
    v_text := pg_catalog.regexp_replace(v_text, '[\u00AD\u200B-\u200D\u2060\uFEFF]', '', 'g');
    v_text := pg_catalog.normalize(v_text, 'NFKD');
    v_text := pg_catalog.regexp_replace(v_text, '([AOUaou])\u0308', '\1e', 'g');
    v_text := pg_catalog.regexp_replace(v_text, '[\u0300-\u036F]', '', 'g');
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
  -- ASCII signs, general punctuation, symbols and emoji part the words; letters of every script make them up
  return array(
    select pg_catalog.left(w.word, 64)
    from pg_catalog.regexp_split_to_table(private.fold_text(value),
      '[\u0001-\u002F\u003A-\u0060\u007B-\u00BF\u2000-\u206F\u2190-\u2BFF'
      '\u3000-\u303F\uFE00-\uFE0F\uFFFC\uFFFD\U0001F000-\U0001FAFF]+') w (word)
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
  c_signs    constant text :=
    '\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00BF\u2000-\u206F\u2190-\u2BFF'
    '\u3000-\u303F\uFE00-\uFE0F\uFFFC\uFFFD\U0001F000-\U0001FAFF';
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
      from pg_catalog.regexp_matches(v_text, pg_catalog.format('[^%1$s]+|[%1$s]+', c_signs), 'g') m);
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
