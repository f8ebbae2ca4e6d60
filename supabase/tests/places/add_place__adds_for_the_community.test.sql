-- Members add places; nobody learns who did, and nobody adds too many.
begin;
select plan(36);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
create function pg_temp.add(arguments text) returns text language sql as $$ select tests.error_of('select public.add_place(' || arguments || ')') $$;
grant execute on function pg_temp.add(text) to authenticated;

select tests.authenticate_as('anna');
select results_eq(
  $$ select name, category::text, latitude, longitude, address, types, description, source::text, partner_id, source_id, is_active, rating_sum, rating_count, rating_average
     from public.add_place('  The bench  ', 'other', -48.8767, -123.3933, 'Sea Lane 3', '{view, "  quiet "}', E'One can sit.\nAnd look.') $$,
  $$ values ('The bench', 'other', -48.8767::float8, -123.3933::float8, 'Sea Lane 3', '{view,quiet}'::text[], E'One can sit.\nAnd look.', 'community', null::uuid, null, true, 0, 0, 0.00) $$,
  'the place comes back, cleaned');
select is((select count(*)::int from public.places where name = 'The bench'), 1, 'it is there');
select results_eq($$ select address, types, description from public.add_place('Fountain', 'culture', -48.8767, -123.3933) $$, $$ values (null, '{}'::text[], null) $$, 'address, types and description may be left out');
select is((public.add_place('Pavilion', 'culture', -48.8767, -123.3933, '', null, ' ')).types, '{}'::text[], 'and be null or blank');
select is((select description from public.places where name = 'Pavilion'), null, 'blank is none');

-- nobody learns who added it
select is_empty($$ select * from public.places p where to_jsonb(p)::text like '%' || auth.uid() || '%' $$, 'the author stands in no column of the place');
select throws_ok('select * from private.place_authors', '42501', 'permission denied for table place_authors', 'nor can members read authors');
select tests.authenticate_as_service_role();
select throws_ok('select * from private.place_authors', '42501', 'permission denied for table place_authors', 'nor the secret key');
select tests.reset_authentication();
select results_eq($$ select a.user_id from private.place_authors a join public.places p on p.id = a.place_id where p.name = 'The bench' $$,
  $$ values (tests.get_supabase_uid('anna')) $$, 'the author is kept for admins');

-- the others see it
select tests.authenticate_as('ben');
select is((select count(*)::int from public.places where name = 'The bench'), 1, 'members read it');
select tests.clear_authentication();
select is((select count(*)::int from public.places where name = 'The bench'), 1, 'everybody does');
select throws_ok($$ select public.add_place('Kiosk', 'shop', 0, 0) $$, '42501', 'permission denied for function add_place', 'but only members add');

-- sent again
select tests.authenticate_as('anna');
select is((public.add_place('The bench', 'shop', -48.8767, -123.3933)).id, (select id from public.places where name = 'The bench'), 'the same again is the same place');
select is((select category from public.places where name = 'The bench'), 'other', 'which does not change');
select tests.authenticate_as('ben');
select isnt((public.add_place('The bench', 'other', -48.8767, -123.3933)).id, (select id from public.places where name = 'The bench' order by created_at limit 1), 'another member''s is another');

-- what is refused
select is(pg_temp.add($$ E'\u3164', 'shop', 0, 0 $$), 'PT400 text_blank (name)', 'a name of nothing to see');
select is(pg_temp.add($$ ' ', 'shop', 0, 0 $$), 'PT400 text_blank (name)', 'no name');
select is(pg_temp.add($$ repeat('x', 256), 'shop', 0, 0 $$), 'PT400 text_too_long (name)', 'a very long name');
select is(pg_temp.add($$ 'Kiosk', 'kiosk', 0, 0 $$), 'PT400 place_category_invalid (kiosk)', 'a category that is none');
select is(pg_temp.add($$ 'Kiosk', null, 0, 0 $$), 'PT400 place_category_invalid (null)', 'no category');
select is(pg_temp.add($$ 'Kiosk', 'shop', 91, 0 $$), 'PT400 coordinates_invalid', 'off the earth');
select is(pg_temp.add($$ 'Kiosk', 'shop', 'NaN', 0 $$), 'PT400 coordinates_invalid', 'nowhere');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, repeat('x', 501) $$), 'PT400 text_too_long (address)', 'a very long address');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, null, array_fill('x'::text, array[21]) $$), 'PT400 place_types_invalid (21)', 'too many types');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, null, array[['a', 'b'], ['c', 'd']] $$), 'PT400 place_types_invalid (4)', 'a table of types');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, null, '{a,null}' $$), 'PT400 text_blank (types)', 'a type that is null');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, null, array[repeat('x', 51)] $$), 'PT400 text_too_long (types)', 'a very long type');
select is(pg_temp.add($$ 'Kiosk', 'shop', 0, 0, null, '{}', repeat('x', 2001) $$), 'PT400 text_too_long (description)', 'a very long description');

-- not too many a day
select tests.reset_authentication();
update private.settings set place_limit_per_day = 2;
select tests.authenticate_as('ben');
select is(pg_temp.add($$ 'Second', 'shop', 0, 0 $$), 'no error', 'within the limit');
select is(pg_temp.add($$ 'Third', 'shop', 0, 0 $$), 'PT429 place_limit_reached (2)', 'one too many');
select is(pg_temp.add($$ 'Second', 'shop', 0, 0 $$), 'no error', 'sending one again is no new one');
select tests.reset_authentication();
update private.place_authors set created_at = created_at - interval '1 day';
select tests.authenticate_as('ben');
select is(pg_temp.add($$ 'Third', 'shop', 0, 0 $$), 'no error', 'the next day there is room again');
select tests.reset_authentication();
select throws_ok('update private.settings set place_limit_per_day = -1', '23514', null, 'the limit is not negative');
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select tests.authenticate_as('ben');
select is(pg_temp.add($$ 'Fourth', 'shop', 0, 0 $$), 'PT403 user_banned', 'banned members add nothing');
select tests.reset_authentication();
delete from public.places where name = 'Second';
select is((select count(*)::int from private.place_authors a left join public.places p on p.id = a.place_id where p.id is null), 0, 'a place that is removed takes its author along');
select is_empty('select * from ops.audit_recommendations()', 'the audit finds nothing');

select * from finish();
rollback;
