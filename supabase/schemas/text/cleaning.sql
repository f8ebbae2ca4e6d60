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
