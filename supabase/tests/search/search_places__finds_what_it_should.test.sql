-- Which places are found, by whom, and what each row shows.
begin;
select plan(27);
select tests.create_partner('baker');
insert into public.places (id, partner_id, name, category, types, description, address, latitude, longitude, source) values
  (tests.get_supabase_uid('bakery'), tests.partner('baker'), 'Bäckerei Öztürk', 'shop', '{bakery,organic}', 'Brot und Brötchen', 'Gärtnerstraße 5', -48.8767, -123.3933, 'partner'),
  (tests.get_supabase_uid('garden'), null, 'Community garden', 'culture', '{}', null, null, -48.8317, -123.3933, 'community'),
  (tests.get_supabase_uid('cafe'), null, 'Café Brot & Zeit', 'cafe', '{}', 'Cakes', null, -48.8767, -123.3933, 'community');
insert into public.neighbourhoods (slug, name, area) values ('pgtap-north', 'North', extensions.st_multi(extensions.st_makeenvelope(-123.45, -48.85, -123.35, -48.80, 4326)));
create function pg_temp.found(query text, arguments text default '')
returns text[]
language plpgsql
as $$
declare
  v_names text[];
begin
  execute format('select coalesce(array_agg(name order by name), ''{}'') from public.search_places(%L, -48.8767, -123.3933 %s)', query, arguments) into v_names;
  return v_names;
end $$;
grant execute on function pg_temp.found(text, text) to anon, authenticated;
select is_empty('select * from ops.audit_search()', 'the projection agrees with the places');

-- not signed in
select tests.clear_authentication();
select is(
  (select array_agg(key order by key collate "C") from jsonb_object_keys((select to_jsonb(n) from public.search_places('brot', -48.8767, -123.3933, page_size => 1) n)) key),
  '{address,category,created_at,cursor,description,distance_m,id,latitude,longitude,name,opening_hours,partner_id,rank,rating_average,rating_count,snippet,source,types,updated_at}'::text[], 'what a row shows');
select is_empty(
  $$ select n.id from public.search_places('brot', -48.8767, -123.3933) n join public.places p using (id)
     where (select jsonb_object_agg(key, value) from jsonb_each(to_jsonb(n)) where key not in ('distance_m', 'rank', 'snippet', 'cursor')) <@ to_jsonb(p) is not true $$, 'with the values of the place');
select is(pg_temp.found(query), array[name], format('%s finds it', query))
from (values ('baeckerei', 'Bäckerei Öztürk'), ('OEZTUERK', 'Bäckerei Öztürk'), ('oztürk', 'Bäckerei Öztürk'), ('bakeries', 'Bäckerei Öztürk'), ('Gaertnerstr', 'Bäckerei Öztürk'), ('shop brot', 'Bäckerei Öztürk'), ('cafe', 'Café Brot & Zeit'),
  ('cake', 'Café Brot & Zeit'), ('Bäkerei', 'Bäckerei Öztürk')) q (query, name);
select results_eq($$ select name from public.search_places('brot', -48.8767, -123.3933) $$, array['Café Brot & Zeit', 'Bäckerei Öztürk'], 'a word in the name counts more than one in the description');
select results_eq($$ select snippet from public.search_places('brötchen', -48.8767, -123.3933) $$, array['Brot und «Brötchen» · Gärtnerstraße 5'], 'the excerpt shows where the word is');
select is(pg_temp.found('garden', ', 4700'), '{}'::text[], 'a radius leaves out what is farther');
select is(pg_temp.found('garden', ', 5300'), '{"Community garden"}'::text[], 'and includes what is nearer');
select is(pg_temp.found('brot', ', category => ''cafe'''), '{"Café Brot & Zeit"}'::text[], 'a category leaves out the others');
select is(pg_temp.found('brot', ', category => ''haircutter'''), '{}'::text[], 'an unknown category finds nothing');
select is(pg_temp.found('brot garden', format(', 50000, neighbourhood_id => %L', (select id from public.neighbourhoods where slug = 'pgtap-north'))), '{}'::text[], 'every word must be there');
select is(pg_temp.found('garden', format(', 50000, neighbourhood_id => %L', (select id from public.neighbourhoods where slug = 'pgtap-north'))), '{"Community garden"}'::text[], 'a neighbourhood keeps what lies in it');
select is(pg_temp.found('brot', format(', 50000, neighbourhood_id => %L', (select id from public.neighbourhoods where slug = 'pgtap-north'))), '{}'::text[], 'and leaves out what does not');
select is(tests.error_of('select * from public.search_places(''brot'', 91, 0)'), 'PT400 coordinates_invalid', 'a place that is none');
select is(tests.error_of('select * from public.search_places(''brot'', 0, 0, after => ''x'')'), 'PT400 cursor_invalid', 'a cursor that is none');

-- the same for a member
select tests.reset_authentication();
select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select is(pg_temp.found('baeckerei'), '{"Bäckerei Öztürk"}'::text[], 'a member finds the same');

-- what is switched off
select tests.reset_authentication();
update public.partners set is_active = false where id = tests.partner('baker');
select tests.clear_authentication();
select is(pg_temp.found('baeckerei'), '{}'::text[], 'a place of a partner who is switched off is not found');
select tests.reset_authentication();
update public.partners set is_active = true where id = tests.partner('baker');
update public.places set is_active = false where id = tests.get_supabase_uid('cafe');
select tests.clear_authentication();
select is(pg_temp.found('brot'), '{"Bäckerei Öztürk"}'::text[], 'switched on again it is, and a closed place is not');
select tests.authenticate_as_service_role();
select is(tests.error_of('select * from public.search_places(''brot'', 0, 0)'), '42501 permission denied for function search_places', 'the secret key has no use for it');

select * from finish();
rollback;
