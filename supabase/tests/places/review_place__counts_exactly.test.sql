-- One review for each member and place, changeable; the place's mean is exact whatever comes and goes.
begin;
select plan(36);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
select tests.create_partner('bakery');
insert into public.places (id, partner_id, name, latitude, longitude) values
  (tests.get_supabase_uid('branch'), tests.partner('bakery'), 'Bakery', -48.8767, -123.3933);
insert into public.places (id, name, latitude, longitude, source) values
  (tests.get_supabase_uid('bench'), 'Bench', -48.8767, -123.3933, 'community'), (tests.get_supabase_uid('quiet'), 'Quiet place', -48.8767, -123.3933, 'community');
create function pg_temp.rated() returns text language sql
as $$ select concat_ws(' ', rating_sum, rating_count, rating_average) from public.places where id = tests.get_supabase_uid('branch') $$;
grant execute on function pg_temp.rated() to public;

-- a member reviews
select is(pg_temp.rated(), '0 0 0.00', 'before: no reviews');
select tests.authenticate_as('anna');
select results_eq(
  $$ select place_id, user_id, rating, comment, created_at, updated_at from public.review_place(tests.get_supabase_uid('branch'), 5, '  Good bread.  ') $$,
  $$ values (tests.get_supabase_uid('branch'), tests.get_supabase_uid('anna'), 5, 'Good bread.', now(), now()) $$, 'the review comes back');
select is(pg_temp.rated(), '5 1 5.00', 'the place counts it');
select tests.authenticate_as('ben');
select is((public.review_place(tests.get_supabase_uid('branch'), 4)).comment, null, 'stars alone will do');
select tests.authenticate_as('cem');
select public.review_place(tests.get_supabase_uid('branch'), 4, '   ');
select is(pg_temp.rated(), '13 3 4.33', 'the mean is that of all reviews');
select is((select comment from public.place_reviews where user_id = auth.uid()), null, 'a blank comment is none');
select is((select rating_count from public.places where id = tests.get_supabase_uid('bench')), 0, 'another place is not touched');

-- changing it
select tests.reset_authentication();
update public.place_reviews set created_at = '2026-01-01', updated_at = '2026-01-01' where user_id = tests.get_supabase_uid('anna');
create temporary table first as select id from public.place_reviews where user_id = tests.get_supabase_uid('anna');
grant select on first to authenticated;
select tests.authenticate_as('anna');
select results_eq(
  $$ select id, rating, comment, created_at, updated_at from public.review_place(tests.get_supabase_uid('branch'), 1, 'Not any more.') $$,
  $$ select id, 1, 'Not any more.', timestamptz '2026-01-01', now() from first $$, 'the same review, changed');
select is(pg_temp.rated(), '9 3 3.00', 'and counted as changed');
select is((public.review_place(tests.get_supabase_uid('branch'), 1)).comment, null, 'a comment left out is gone');
select is(pg_temp.rated(), '9 3 3.00', 'repeating counts nothing twice');

-- taking it back
select lives_ok($$ select public.delete_review(tests.get_supabase_uid('branch')) $$, 'the review is taken back');
select is(pg_temp.rated(), '8 2 4.00', 'and no longer counts');
select is((select count(*)::int from public.place_reviews where place_id = tests.get_supabase_uid('branch')), 2, 'those of others stay');
select lives_ok($$ select public.delete_review(tests.get_supabase_uid('branch')) $$, 'taking it back again does nothing');
select lives_ok($$ select public.delete_review(null) $$, 'nor does taking back what never was');
select is(pg_temp.rated(), '8 2 4.00', 'and changes nothing');
select tests.authenticate_as('ben');
select public.delete_review(tests.get_supabase_uid('branch'));
select tests.authenticate_as('cem');
select public.delete_review(tests.get_supabase_uid('branch'));
select is(pg_temp.rated(), '0 0 0.00', 'without reviews there is no mean');

-- what is refused
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('nowhere'), 3) $$), 'PT404 place_not_found (' || tests.get_supabase_uid('nowhere') || ')', 'a place that is none');
select is(tests.error_of($$ select public.review_place(null, 3) $$), 'PT404 place_not_found (null)', 'no place');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), 0) $$), 'PT400 review_rating_out_of_range (0)', 'no stars');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), 6) $$), 'PT400 review_rating_out_of_range (6)', 'six stars');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), null) $$), 'PT400 review_rating_out_of_range (null)', 'null stars');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), 3, repeat('x', 1001)) $$), 'PT400 text_too_long (comment)', 'too many words');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), 3, E'a\u0007b') $$), 'PT400 text_has_control_characters (comment)', 'words that are none');
select is(tests.error_of($$ select public.review_place(tests.get_supabase_uid('bench'), 3, repeat('x', 1000)) $$), 'no error', 'a thousand characters are welcome');
select tests.reset_authentication();
update public.places set is_active = false where id = tests.get_supabase_uid('quiet');
update public.partners set is_active = false where id = tests.partner('bakery');
select tests.authenticate_as('dora');
select throws_ok($$ select public.review_place(tests.get_supabase_uid('quiet'), 3) $$, 'PT404', 'place_not_found', 'a place that is not shown');
select throws_ok($$ select public.review_place(tests.get_supabase_uid('branch'), 3) $$, 'PT404', 'place_not_found', 'a branch of an inactive partner');

-- a banned member takes back, but does not write
select public.review_place(tests.get_supabase_uid('bench'), 2, 'Wobbly.');
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('dora'), 'test');
select tests.authenticate_as('dora');
select throws_ok($$ select public.review_place(tests.get_supabase_uid('bench'), 1) $$, 'PT403', 'user_banned', 'banned: no review');
select lives_ok($$ select public.delete_review(tests.get_supabase_uid('bench')) $$, 'banned: taking one back');
select tests.reset_authentication();
select is((select count(*)::int from public.place_reviews where user_id = tests.get_supabase_uid('dora')), 0, 'it is gone');

-- Studio: edits by an admin count, too
insert into public.place_reviews (place_id, user_id, rating) select tests.get_supabase_uid('branch'), tests.get_supabase_uid(n), 2 from unnest('{ben,cem,dora}'::text[]) n;
select is(pg_temp.rated(), '6 3 2.00', 'entered by an admin');
update public.place_reviews set place_id = tests.get_supabase_uid('quiet') where place_id = tests.get_supabase_uid('branch') and user_id = tests.get_supabase_uid('dora');
select is((select concat_ws(' ', rating_sum, rating_count, rating_average) from public.places where id = tests.get_supabase_uid('quiet')), '2 1 2.00', 'moved to another place');
select is(pg_temp.rated(), '4 2 2.00', 'and away from the first');
delete from public.places where id = tests.get_supabase_uid('quiet');
select is((select count(*)::int from public.place_reviews where place_id = tests.get_supabase_uid('quiet')), 0, 'the reviews of a place go with it');
select is_empty('select * from ops.audit_recommendations()', 'the audit finds nothing');

select * from finish();
rollback;
