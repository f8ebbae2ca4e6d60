-- Room: text. What people type: cleaned, checked, folded, cut into words.

create function private.is_visible(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return value ~ ('[^' || private.space_characters() || private.ignorable_characters() || ']');
end $$;
comment on function private.is_visible(text) is 'Whether there is anything to see in a text.';

create function private.has_controls(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return value ~ ('[' || private.control_characters() || ']');
end $$;
comment on function private.has_controls(text) is 'Whether a text holds what no text may hold.';

create function private.trim_text(value text)
returns text
language plpgsql immutable set search_path = ''
as $$ begin
  -- nothing else to look for around plain ASCII
  if pg_catalog.octet_length(value) = pg_catalog.char_length(value) then
    return pg_catalog.btrim(value, E' \t\n\u000B\f\r');
  end if;
  return pg_catalog.regexp_replace(value, pg_catalog.format('^[%1$s]+|[%1$s]+$', private.edge_characters()), '', 'g');
end $$;
comment on function private.trim_text(text) is
  'A text without the white space around it, and without what copying leaves there.';

create function private.clean_text(value text, field text, min_length integer, max_length integer,
  is_multiline boolean default false)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text   text := private.trim_text(value);
  v_length integer := pg_catalog.char_length(v_text);
begin
  if private.has_controls(v_text) or (not is_multiline and v_text ~ '[\t\n\r\u2028\u2029]') then
    raise exception using errcode = 'PT400', message = 'text_has_control_characters', detail = field,
      hint = 'Please remove control characters and line breaks from this field.';
  end if;
  if v_text is null or not private.is_visible(v_text) then
    raise exception using errcode = 'PT400', message = 'text_blank', detail = field,
      hint = 'Please fill in this field.';
  end if;
  -- what shows nothing counts for nothing
  if v_length < min_length or (min_length > 1 and pg_catalog.char_length(pg_catalog.regexp_replace(
       pg_catalog.left(v_text, 100), '[' || private.ignorable_characters() || ']', '', 'g')) < min_length) then
    raise exception using errcode = 'PT400', message = 'text_too_short', detail = field,
      hint = pg_catalog.format('At least %s characters are needed.', min_length);
  end if;
  if v_length > max_length then
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
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := private.trim_text(value);
begin
  if v_text is null or v_text = '' or not (private.is_visible(v_text) or private.has_controls(v_text)) then
    return null;
  end if;
  return private.clean_text(v_text, field, 1, max_length, is_multiline);
end $$;
comment on function private.clean_optional_text(text, text, integer, boolean) is
  'Like private.clean_text, but null and blank both mean absent and give null.';

create function private.is_picture_path(path text, owner_id uuid)
returns boolean
language sql immutable set search_path = ''
return path ~ pg_catalog.format(
  '^%s/[A-Za-z0-9_-]{1,%s}\.(jpg|png|webp)$', owner_id, private.max_picture_name_length());
comment on function private.is_picture_path(text, uuid) is
  'Whether a path is one that the buckets for pictures can hold: <owner''s id>/<name>.jpg, .png or .webp.';

create function private.ascii_digits(value text)
returns text
language sql immutable set search_path = ''
as $$
  select case when value ~ '^[ -~]*$' then value else (
    select pg_catalog.string_agg(coalesce((
        select (pg_catalog.ascii(c.sign) - z.zero)::text from pg_catalog.unnest(private.zero_digits()) z (zero)
        where pg_catalog.ascii(c.sign) between z.zero and z.zero + 9), c.sign), '' order by c.place)
    from pg_catalog.regexp_split_to_table(value, '') with ordinality c (sign, place)) end
$$;
comment on function private.ascii_digits(text) is 'A text with the digits of every script as 0 to 9.';

create function private.clean_phone_number(value text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  -- wide signs become plain ones, every kind of space on a line the same
  v_number text := pg_catalog.normalize(private.trim_text(value), 'NFKC');
begin
  v_number := pg_catalog.regexp_replace(v_number, '[' || private.ignorable_characters() || ']', '', 'g');
  v_number := pg_catalog.regexp_replace(v_number, '[' || private.dash_characters() || ']', '-', 'g');
  v_number := private.ascii_digits(pg_catalog.replace(v_number, E'\t', ' '));
  if v_number !~ '^\(?\+? ?\(?[0-9][0-9 ()/.-]*$' or v_number !~ '([0-9][^0-9]*){4}'
     or pg_catalog.char_length(v_number) > private.max_phone_number_length() then
    return null;
  end if;
  return v_number;
end $$;
comment on function private.clean_phone_number(text) is
  'A phone number as somebody wrote or copied it, in plain signs; null when it is none.';

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
