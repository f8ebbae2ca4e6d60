create function private.clamp_page_size(page_size integer)
returns integer
language plpgsql immutable set search_path = ''
as $$ begin
  return greatest(1, least(coalesce(page_size, private.default_page_size()), private.max_page_size()));
end $$;
comment on function private.clamp_page_size(integer) is 'Rows of a page, from what was asked for.';

create function private.as_page(items jsonb, page_size integer, key text)
returns jsonb
language sql immutable set search_path = ''
as $$
  select pg_catalog.jsonb_build_object(
    'items', coalesce(items, '[]'),
    'next', case when pg_catalog.jsonb_array_length(items) = page_size then items -> -1 ->> key end)
$$;
comment on function private.as_page(jsonb, integer, text) is
  'A page of a list: items, and next = where the following page starts, null at the end.';

create function private.encode_cursor(list text, key double precision, id uuid)
returns text
language plpgsql stable set search_path = ''
as $$ begin
  return pg_catalog.replace(
    pg_catalog.encode(pg_catalog.convert_to(list || '|' || key || '|' || id, 'utf8'), 'base64'), E'\n', '');
end $$;
comment on function private.encode_cursor(text, double precision, uuid) is
  'Where the page of a list goes on: after the row with this sort key and id. Clients take it for opaque.';

create function private.decode_cursor(value text, list text, out key double precision, out id uuid)
language plpgsql immutable set search_path = ''
as $$
declare
  v_parts text[];
begin
  v_parts := pg_catalog.string_to_array(pg_catalog.convert_from(pg_catalog.decode(value, 'base64'), 'utf8'), '|');
  -- the range refuses NaN, infinity and what no time or distance can be
  key := v_parts[2]::double precision;
  if v_parts[1] is distinct from list or pg_catalog.cardinality(v_parts) <> 3 or key not between 0 and 1e17 then
    raise invalid_parameter_value;
  end if;
  id := v_parts[3]::uuid;
exception when data_exception then
  raise exception using errcode = 'PT400', message = 'cursor_invalid',
    hint = 'Pass the cursor of the last row you received, with the same sort.';
end $$;
comment on function private.decode_cursor(text, text) is
  'Sort key and id from a cursor of this list. Raises PT400 cursor_invalid.';
