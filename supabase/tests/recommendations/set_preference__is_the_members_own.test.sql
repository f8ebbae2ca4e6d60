-- What a member likes: said, changed, taken back, and nobody else's business.
begin;
select plan(20);
select tests.create_supabase_users('anna', 'ben');
insert into public.categories (slug, parent_slug, name_de, name_en, is_active) values ('pgtap-old', null, 'Alt', 'Old', false);

select tests.authenticate_as('anna');
select results_eq($$ select user_id, category, rating from public.set_preference('garten', 5) $$, $$ values (tests.get_supabase_uid('anna'), 'garten', 5) $$, 'a category of tasks');
select is((public.set_preference('cafe', 0)).rating, 0, 'a category of places; 0 is a word, too');
select is((public.set_preference('garten', 2)).rating, 2, 'changed');
select results_eq('select category, rating from public.preferences order by category', $$ values ('cafe', 0), ('garten', 2) $$, 'the own ones can be read');
select is((public.set_preference('garten', null)).category, null, 'null takes it back');
select is((public.set_preference('garten', null)).category, null, 'and again');
select results_eq('select category, rating from public.preferences', $$ values ('cafe', 0) $$, 'it is gone');
select is(tests.error_of($$ select public.set_preference('flying', 3) $$), 'PT400 category_not_found (flying)', 'a category that is none');
select is(tests.error_of($$ select public.set_preference(null, 3) $$), 'PT400 category_not_found (null)', 'no category');
select is(tests.error_of($$ select public.set_preference('pgtap-old', 3) $$), 'PT400 category_not_found (pgtap-old)', 'one that is no longer used');
select is(tests.error_of($$ select public.set_preference('garten', -1) $$), 'PT400 preference_rating_out_of_range (-1)', 'too little');
select is(tests.error_of($$ select public.set_preference('garten', 6) $$), 'PT400 preference_rating_out_of_range (6)', 'too much');

select tests.authenticate_as('ben');
select is_empty('select * from public.preferences', 'others read none of it');
select throws_ok($$ insert into public.preferences (user_id, category, rating) values (auth.uid(), 'garten', 5) $$, '42501', 'permission denied for table preferences', 'nothing is written directly');
select public.set_preference('cafe', 4);
select results_eq('select category, rating from public.preferences', $$ values ('cafe', 4) $$, 'each has their own');
select tests.clear_authentication();
select throws_ok('select * from public.preferences', '42501', 'permission denied for table preferences', 'anon reads none');
select throws_ok($$ select public.set_preference('cafe', 1) $$, '42501', 'permission denied for function set_preference', 'and says none');
select tests.reset_authentication();
select throws_ok($$ update public.preferences set rating = 6 $$, '23514', null, 'the table keeps the range');
select throws_ok($$ update public.preferences set category = '' $$, '23514', null, 'and wants a category');
update public.preferences set updated_at = '2026-01-01';
update public.preferences set rating = 1 where user_id = tests.get_supabase_uid('ben');
select is((select updated_at from public.preferences where user_id = tests.get_supabase_uid('ben')), now(), 'a change is stamped');

select * from finish();
rollback;
