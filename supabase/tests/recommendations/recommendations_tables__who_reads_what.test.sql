-- Reviews are for members, preferences for oneself, everything else for nobody.
begin;
select plan(14);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
insert into public.places (id, name, source, latitude, longitude) values (tests.get_supabase_uid('bench'), 'Bench', 'community', -48.8767, -123.3933);
select tests.authenticate_as('anna');
select public.review_place(tests.get_supabase_uid('bench'), 4, 'Nice.'), public.set_preference('garten', 5);

select tests.authenticate_as('ben');
select results_eq($$ select user_id, rating, comment from public.place_reviews where place_id = tests.get_supabase_uid('bench') $$,
  $$ values (tests.get_supabase_uid('anna'), 4, 'Nice.') $$, 'members read reviews, and who wrote them');
select is((select count(*)::int from public.preferences), 0, 'but not what others like');
select throws_ok($$ insert into public.place_reviews (place_id, user_id, rating) values (tests.get_supabase_uid('bench'), auth.uid(), 1) $$, '42501', 'permission denied for table place_reviews', 'nothing is written directly');
select throws_ok($$ update public.place_reviews set rating = 1 $$, '42501', 'permission denied for table place_reviews', 'nor changed');
select throws_ok($$ delete from public.place_reviews $$, '42501', 'permission denied for table place_reviews', 'nor removed');
select is_empty(
  $$ select t from unnest('{place_authors,listed_places,open_helpers,suggestion_rounds,helper_suggestions}'::text[]) t
     where tests.error_of('select * from private.' || t) <> '42501 permission denied for table ' || t $$, 'the room''s own tables are nobody''s');
select throws_ok('select * from ops.audit_recommendations()', '42501', 'permission denied for schema ops', 'nor is the audit for members');

select tests.clear_authentication();
select throws_ok('select * from public.place_reviews', '42501', 'permission denied for table place_reviews', 'anon reads no reviews');
select is((select rating_average from public.places where id = tests.get_supabase_uid('bench')), 4.00, 'but the mean');
select is_empty($$ select c from unnest(array['review_place(null, 1)', 'delete_review(null)']) c where tests.error_of('select public.' || c) not like '42501 permission denied for function %' $$, 'and writes none');

select tests.authenticate_as_service_role();
select is((select count(*)::int from public.preferences where category = 'garten' and user_id = tests.get_supabase_uid('anna')), 1, 'the secret key reads what members say');
select is_empty(
  $$ select t from unnest('{place_authors,listed_places,open_helpers,suggestion_rounds,helper_suggestions}'::text[]) t
     where tests.error_of('select * from private.' || t) <> '42501 permission denied for table ' || t $$, 'but not the room''s own tables');
select lives_ok('select * from ops.audit_recommendations()', 'it may run the audit');

-- possible facts only
select tests.reset_authentication();
select is_empty(
  $$ select v from unnest(array['set rating = 0', 'set rating = 6', 'set comment = repeat(''x'', 1001)']) v
     where tests.error_of('update public.place_reviews ' || v) not like '23514 %' $$, 'the table itself keeps stars and words in their ranges');

select * from finish();
rollback;
