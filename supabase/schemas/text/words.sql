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
    -- and what is written in two ways: letters of Arabic, its digits and Persian ones, the stroke that only stretches.
    -- In German nothing is left of them by now, and translating costs for every letter
    if pg_catalog.octet_length(v_text) > pg_catalog.char_length(v_text) then
      v_text := pg_catalog.translate(v_text, 'łŁđĐıةى٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹ـ', 'llddiهي01234567890123456789');
    end if;
  end if;
  return pg_catalog.lower(v_text);
end $$;
comment on function private.fold_text(text) is
  'Lower case without accents, umlauts written out: Gärtner and GAERTNER both become gaertner, Café becomes cafe.';

create function private.may_be_unspaced(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return pg_catalog.octet_length(value) > pg_catalog.char_length(value) and value ~ '[\u0E00-\u1AFF\u3005-\U0003FFFF]';
end $$;
comment on function private.may_be_unspaced(text) is
  'Whether a closer look for private.unspaced_characters, which are many, is worth it.';

create function private.split_words(folded text)
returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  -- 买iPhone手机: where the script changes, a word ends
  if private.may_be_unspaced(folded) then
    folded := pg_catalog.regexp_replace(folded, '([' || private.unspaced_characters() || ']+)', ' \1 ', 'g');
  end if;
  return array(
    select pg_catalog.left(w.word, 64)
    from pg_catalog.regexp_split_to_table(folded, '[' || private.separating_characters() || ']+') w (word)
    where w.word <> '');
end $$;
comment on function private.split_words(text) is 'The words of a folded text, see private.words_of.';

create function private.words_of(value text)
returns text[]
language plpgsql immutable set search_path = ''
as $$ begin
  return private.split_words(private.fold_text(value));
end $$;
comment on function private.words_of(text) is
  'The words of a text, folded, in their order, each cut to 64 characters. They hold no quote, space or sign. What is '
  'written without spaces stays together.';

create function private.joined_words(folded text)
returns table (word text, parts text[])
language plpgsql immutable rows 5 set search_path = ''
as $$
declare
  c_joints constant text := '-‐‒–−־.''’_&';
  c_mark   constant text := 'ª';  -- stands for a joint: it parts no words, and folding leaves none of it
  v_word   text;
  v_parts  text[];
begin
  folded := pg_catalog.translate(folded, c_joints, pg_catalog.repeat(c_mark, pg_catalog.char_length(c_joints)));
  -- most texts have nothing like it, and looking closely costs
  if folded !~ ('[^ ]' || c_mark || '[^ ]|[0-9]') then
    return;
  end if;
  -- 2.5 is not 25; 20 kg is as good as 20-kg, and iphone 12 as iphone-12
  folded := pg_catalog.regexp_replace(folded, '([0-9])' || c_mark || '(?=[0-9])', '\1/', 'g');
  folded := pg_catalog.regexp_replace(folded, '(^|[ (])([0-9]+) (?=[^ 0-9])', '\1\2' || c_mark, 'g');
  folded := pg_catalog.regexp_replace(folded, '([^ 0-9]) ([0-9]+)(?=$|[^a-z0-9])', '\1' || c_mark || '\2', 'g');
  folded := coalesce((
    select pg_catalog.string_agg(t.token, ' ') from pg_catalog.string_to_table(folded, ' ') t (token)
    where t.token like '%_' || c_mark || '_%'), '');
  -- loops: the planner would take the same as one query for millions of rows, and compile it
  foreach v_word in array pg_catalog.regexp_split_to_array(folded, '[' || private.separating_characters() || ']+') loop
    v_parts := (pg_catalog.array_remove(pg_catalog.string_to_array(v_word, c_mark), ''))[1:5];
    for i in 1 .. pg_catalog.cardinality(v_parts) - 1 loop
      for j in i + 1 .. pg_catalog.cardinality(v_parts) loop
        parts := v_parts[i:j];
        word := pg_catalog.left(pg_catalog.array_to_string(parts, ''), 64);
        return next;
      end loop;
    end loop;
  end loop;
end $$;
comment on function private.joined_words(text) is
  'What a folded text has with a hyphen, dot or apostrophe inside, written together: w-lan gives wlan; and numbers '
  'with the word beside them: 20 kg gives 20kg. parts are what stands apart.';

create function private.word_forms(words text[])
returns table (word text, forms text[])
language plpgsql immutable set search_path = ''
as $$
begin
  -- all words of a text at once, because a function with a pinned search_path costs more to enter than a word to stem
  return query
    select w.word, array[w.word] || w.german || w.english || w.semitic
    from (
      select u.word,
        -- with umlauts, whether they were written so or not: the German stemmer and its stop words expect them
        pg_catalog.ts_lexize('pg_catalog.german_stem', case when u.word ~ '[aou]e'
          then pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace(u.word, 'ae', 'ä'), 'oe', 'ö'),
            '(?<![aeiouäöq])ue', 'ü', 'g')
          else u.word end) as german,
        pg_catalog.ts_lexize('pg_catalog.english_stem', u.word) as english,
        -- without article and prefixes; the Arabic stemmer knows "and" only before words without article
        case
          when u.word ~ '^[\u0620-\u06D3]' then pg_catalog.ts_lexize('pg_catalog.arabic_stem',
            pg_catalog.regexp_replace(u.word, '^[وف](?=[بك]?ال..|لل..)', ''))
          when u.word ~ '^[\u05D0-\u05EA]' then
            array[pg_catalog.regexp_replace(u.word, '^[בהוכלמש](?=..)', ''),
              pg_catalog.regexp_replace(u.word, '^[בהוכלמש]{2}(?=..)', '')]
        end as semitic
      from pg_catalog.unnest(words) u (word)) w
    where w.german <> '{}' and w.english <> '{}';
end $$;
comment on function private.word_forms(text[]) is
  'Folded words, each with itself, its German and its English stem, Arabic and Hebrew ones also without article and '
  'prefixes; stop words of German and English are left out.';

create function private.inner_words(folded text)
returns setof text
language plpgsql immutable rows 50 set search_path = ''
as $$
declare
  v_run text;
begin
  if not private.may_be_unspaced(folded) then
    return;
  end if;
  foreach v_run in array array(
      select m[1] from pg_catalog.regexp_matches(folded, '[' || private.unspaced_characters() || ']+', 'g') m) loop
    for i in 1 .. pg_catalog.char_length(v_run) loop
      return next pg_catalog.substr(v_run, i, private.inner_word_length());
    end loop;
  end loop;
end $$;
comment on function private.inner_words(text) is
  'What a folded text has in scripts without spaces, from every character on: 帮忙搬家 is found by 搬家, because the '
  'index finds beginnings.';

create function private.weighed_terms(value text, weight text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_words  constant integer := 300;
  v_folded text := private.fold_text(value);
  v_words  text[] := (private.split_words(v_folded))[1:c_words]
    || array(select j.word from private.joined_words(v_folded) j where j.word ~ '[^0-9]' limit c_words / 3);
  v_inner  text[] := array(select * from private.inner_words(v_folded) limit 2 * c_words);
begin
  -- the words hold nothing that would have to be escaped
  return (
    select pg_catalog.string_agg(
      pg_catalog.concat('''', pg_catalog.array_to_string(t.terms, ''':' || weight || ' '''), ''':', weight), ' ')
    from (
      select f.forms from private.word_forms(v_words) f
      union all
      select v_inner where v_inner <> '{}') t (terms));
end $$;
comment on function private.weighed_terms(text, text) is
  'What a text is found by, as text of a tsvector; weight is position and class of every term. It has at most 300 '
  'words, a third of that of joined ones, and twice that of those inside of scripts without spaces.';

create function private.terms_of(title text, body text)
returns tsvector
language plpgsql immutable set search_path = ''
as $$ begin
  return pg_catalog.concat(private.weighed_terms(title, '1A'), ' ', private.weighed_terms(body, '2B'))::tsvector;
end $$;
comment on function private.terms_of(text, text) is
  'What a text is found by: words and stems of the title with weight A, of the first 300 words of the body with '
  'weight B, see private.weighed_terms.';
