-- The ranking of places: its parts, their weights, who is asked about what, and the pages. On a small map it is exact.
begin;
select plan(41);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.create_partner('bakery');
insert into public.places (id, name, category, latitude, longitude, source, partner_id) values
  (tests.get_supabase_uid('cafe'), 'Café', 'cafe', -48.8767, -123.3933, 'community', null),
  (tests.get_supabase_uid('shop'), 'Shop', 'shop', -48.8767, -123.3933, 'partner', tests.partner('bakery')),
  (tests.get_supabase_uid('gym'), 'Gym', 'sport', -48.8767, -123.3933, 'community', null),
  (tests.get_supabase_uid('far'), 'Far café', 'cafe', -48.8533, -123.3933, 'community', null);
create function pg_temp.names(arguments text default '') returns text[] language plpgsql
as $$
declare v_names text[];
begin
  execute format('select coalesce(array_agg(name order by line), ''{}'') from (select row_number() over () as line, name from public.recommended_places(-48.8767, -123.3933 %s)) p', arguments) into v_names;
  return v_names;
end $$;
grant execute on function pg_temp.names(text) to public;

-- a new member: nothing said, nothing reviewed
select tests.authenticate_as('anna');
select is((select count(*)::int from public.recommended_places(-48.8767, -123.3933)), 4, 'a new member gets everything');
select results_eq(
  $$ select distance_m, score, part_preference, part_rating, part_popularity, part_proximity from public.recommended_places(-48.8767, -123.3933) where name = 'Café' $$,
  $$ values (0, 0.5::float8, 0.5::float8, 0.5::float8, 0::float8, 1::float8) $$, 'opinions that are not there are neutral');
select is((select array_agg(distinct part_preference) from public.recommended_places(-48.8767, -123.3933)), '{0.5}'::float8[], 'whatever the category');

-- what a row shows
select is(
  (select array_agg(key order by key collate "C") from jsonb_object_keys((select to_jsonb(n) from public.recommended_places(-48.8767, -123.3933, page_size => 1) n)) key),
  (select array_agg(name order by name collate "C") from (
     select attname::text from pg_attribute where attrelid = 'public.places'::regclass and attnum > 0 and not attisdropped and attname <> 'location'
     union all select unnest('{distance_m,score,part_preference,part_rating,part_popularity,part_proximity,explanation_de,explanation_en,cursor}'::text[])) a (name)),
  'every column of the place but location; distance, score, parts, reasons, cursor');
select is_empty(
  $$ select n.id from public.recommended_places(-48.8767, -123.3933) n join public.places p using (id)
     where to_jsonb(n) - '{distance_m,score,part_preference,part_rating,part_popularity,part_proximity,explanation_de,explanation_en,cursor}'::text[] <> to_jsonb(p) - 'location' $$,
  'with the values of the place');
select results_eq($$ select abs(distance_m - 2602) < 30 from public.recommended_places(-48.8767, -123.3933) where name = 'Far café' $$, array[true], 'the distance is the real one, also where degrees of longitude are short');

-- what the member likes counts most
select public.set_preference('cafe', 5), public.set_preference('sport', 0);
select is(pg_temp.names(), '{Café,"Far café",Shop,Gym}'::text[], 'liked first, disliked last, the others between');
select results_eq($$ select part_preference from public.recommended_places(-48.8767, -123.3933) where name in ('Gym', 'Café') order by name $$, array[1::float8, 0], '5 is 1, 0 is 0');
select tests.authenticate_as('ben');
select is((select array_agg(distinct part_preference) from public.recommended_places(-48.8767, -123.3933)), '{0.5}'::float8[], 'for another member it does not');

-- reviews
select public.review_place(tests.get_supabase_uid('shop'), 5);
select tests.authenticate_as('cem');
select public.review_place(tests.get_supabase_uid('shop'), 4), public.review_place(tests.get_supabase_uid('gym'), 1);
select results_eq(
  $$ select part_rating, part_popularity from public.recommended_places(-48.8767, -123.3933) where name = 'Shop' $$,
  $$ values (0.9::float8, round((ln(3) / ln(101))::numeric, 4)::float8) $$, 'rating: the mean of five; popularity: how many, one hundred at most');
select is(pg_temp.names(), '{Shop,Café,Gym,"Far café"}'::text[], 'well reviewed before not reviewed before badly reviewed; near before far');
select is_empty(
  $$ select name from public.recommended_places(-48.8767, -123.3933)
     where score <> round((0.6 * part_preference + 0.2 * part_rating + 0.1 * part_popularity + 0.1 * part_proximity)::numeric, 4)::float8 $$, 'the score is the weighed sum of the parts');
select is_empty(
  $$ select name from public.recommended_places(-48.8767, -123.3933, 2700) p
     where least(part_preference, part_rating, part_popularity, part_proximity) < 0 or greatest(part_preference, part_rating, part_popularity, part_proximity) > 1 $$, 'each part lies between 0 and 1');
select results_eq($$ select part_proximity from public.recommended_places(-48.8767, -123.3933) where name = 'Far café' $$,
  $$ select round(1 - distance_m / 5000.0, 4)::float8 from public.recommended_places(-48.8767, -123.3933) where name = 'Far café' $$, 'proximity falls to 0 at the radius');

-- the reasons
select tests.authenticate_as('anna');
select results_eq(
  $$ select explanation_de, explanation_en from public.recommended_places(-48.8767, -123.3933) where name in ('Café', 'Gym', 'Shop') order by name $$,
  $$ values ('Café: von dir mit 5 von 5 bewertet · noch ohne Bewertung · 0 m entfernt', 'Café: rated 5 of 5 by you · no ratings yet · 0 m away'),
    ('Sport: von dir mit 0 von 5 bewertet · 1,0 von 5 bei einer Bewertung · 0 m entfernt', 'Sport: rated 0 of 5 by you · 1.0 of 5 from one rating · 0 m away'),
    ('Laden: von dir noch nicht bewertet · 4,5 von 5 bei 2 Bewertungen · 0 m entfernt', 'Shop: not rated by you yet · 4.5 of 5 from 2 ratings · 0 m away') $$,
  'said in both languages');
select matches((select explanation_de from public.recommended_places(-48.8767, -123.3933) where name = 'Far café'), '2,6 km entfernt$', 'far: in kilometres, with a comma');
select matches((select explanation_en from public.recommended_places(-48.8767, -123.3933) where name = 'Far café'), '2\.6 km away$', 'or a point');

-- the weights are settings
select tests.reset_authentication();
select throws_ok('update private.settings set recommendation_rating_weight = 0.3', '23514', null, 'the shares sum to 1');
select throws_ok('update private.settings set recommendation_rating_weight = -0.2, recommendation_popularity_weight = 0.5', '23514', null, 'and are not negative');
select throws_ok('update private.settings set recommendation_neutral_part = 1.1', '23514', null, 'the neutral part lies between 0 and 1');
update private.settings set recommendation_preference_weight = 0, recommendation_rating_weight = 1, recommendation_popularity_weight = 0, recommendation_proximity_weight = 0;
select tests.authenticate_as('anna');
select is((pg_temp.names())[1], 'Shop', 'rating alone: the best reviewed first');
select results_eq($$ select score = part_rating from public.recommended_places(-48.8767, -123.3933) where name = 'Shop' $$, array[true], 'and the score is the rating');
select tests.reset_authentication();
update private.settings set recommendation_neutral_part = 0;
select tests.authenticate_as('anna');
select is((select part_rating from public.recommended_places(-48.8767, -123.3933) where name = 'Café'), 0::float8, 'the neutral part is a setting, too');
select tests.reset_authentication();
select is_empty('select * from ops.audit_recommendations()', 'new settings hold for everything that is listed');
update private.settings set recommendation_rating_weight = 0, recommendation_preference_weight = 1;
select is_empty('select * from ops.audit_recommendations()', 'also when neither rating nor popularity counts');
select tests.use_default_settings();

-- what is not shown
update public.places set is_active = false where name = 'Gym';
update public.partners set is_active = false where id = tests.partner('bakery');
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{Café,"Far café"}'::text[], 'places that are not shown are not recommended');
select is(pg_temp.names(', 2000'), '{Café}'::text[], 'nor those outside the radius');
select is(pg_temp.names(', radius_m => null, page_size => null, after => null'), pg_temp.names(), 'null is the default');
select is((select count(*)::int from public.recommended_places(-49.27, -123.3933, 2000000000)), 2, 'the largest radius is 50 km');
select is((select count(*)::int from public.recommended_places(-49.35, -123.3933, 2000000000)), 0, 'and no farther');
select is((select count(*)::int from public.recommended_places(-48.8767, -123.3933, -5, -5)), 1, 'radius and page size are at least 1');
select is((select count(*)::int from public.recommended_places(90, 0, 50000)), 0, 'at the pole there is nothing, and no error');

-- pages
select tests.reset_authentication();
insert into public.places (name, category, latitude, longitude, source) select 'P' || n, 'other', -48.8767 + n % 7 * 0.001, -123.3933, 'community' from generate_series(1, 45) n;
select tests.authenticate_as('anna');
create temporary table whole as select row_number() over () as line, id, score from public.recommended_places(-48.8767, -123.3933, page_size => 100);
create function pg_temp.pages(size integer) returns setof uuid language plpgsql
as $$
declare v_after text; v_row record;
begin
  loop
    v_row := null;
    for v_row in select p.id, p.cursor from public.recommended_places(-48.8767, -123.3933, page_size => size, after => v_after) p loop return next v_row.id; end loop;
    exit when v_row is null;
    v_after := v_row.cursor;
  end loop;
end $$;
select is((select count(*)::int from whole), 47, 'one page holds them all');
select is_empty('select * from whole a join whole b on b.line = a.line + 1 where b.score > a.score', 'best first');
select results_eq('select * from pg_temp.pages(7)', 'select id from whole order by line', 'page after page gives the same, without gap or repetition');
select results_eq('select * from pg_temp.pages(1)', 'select id from whole order by line', 'also one by one, through equals');

-- errors and callers
select is_empty(
  $$ select a from unnest(array['null, 0', '0, null', '''NaN'', 0', '90.01, 0', '0, 180.01']) a where tests.error_of('select * from public.recommended_places(' || a || ')') <> 'PT400 coordinates_invalid' $$, 'a place that is none');
select is_empty(
  $$ select a from unnest(array['', 'x', '%%%', encode(convert_to('newest|1|' || auth.uid(), 'utf8'), 'base64'), encode('recommended|x|y', 'base64'), repeat('A', 10000)]) a
     where tests.error_of(format('select * from public.recommended_places(0, 0, after => %L)', a)) <> 'PT400 cursor_invalid' $$, 'a cursor that is none');
select tests.authenticate_as('nobody');
select throws_ok('select * from public.recommended_places(0, 0)', 'PT401', 'not_signed_in', 'it takes a member');
select tests.clear_authentication();
select throws_ok('select * from public.recommended_places(0, 0)', '42501', 'permission denied for function recommended_places', 'anon has none');
select tests.authenticate_as_service_role();
select throws_ok('select * from public.recommended_places(0, 0)', '42501', 'permission denied for function recommended_places', 'nor the secret key');

select * from finish();
rollback;
