-- Deleting an account takes words, likes and suggestions away; the stars stay, as part of the places' means.
begin;
select plan(12);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
select tests.authenticate_as('anna');
select public.add_place('pgtap bench', 'other', -48.8767, -123.3933);
select public.review_place((select id from public.places where name = 'pgtap bench'), 4, 'Anna was here.'), public.set_preference('garten', 5),
  public.update_settings(is_open_to_suggestions => true), public.update_contact(latitude => -48.8767, longitude => -123.3933);
select public.add_place('pgtap door', 'other', -48.8767, -123.3933);
select public.review_place((select id from public.places where name = 'pgtap door'), 5, 'My own door.');
select tests.authenticate_as('cem');
select public.review_place((select id from public.places where name = 'pgtap bench'), 2);
select tests.reset_authentication();
create temporary table t as select tests.post_task('anna', 1, 'Hers') as hers, tests.post_task('ben', 1, 'His') as his;
grant select on t to public;
select tests.authenticate_as('ben');
select results_eq('select name from t, public.suggest_helpers(his)', array['Anna'], 'before: suggested');
select tests.authenticate_as('cem');
select public.update_settings(is_open_to_suggestions => true), public.update_contact(latitude => -48.8767, longitude => -123.3933);
select tests.authenticate_as('anna');
select results_eq('select name from t, public.suggest_helpers(hers)', array['Cem'], 'before: asks');

select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('anna');
select results_eq($$ select p.rating_sum, p.rating_count, r.rating, r.comment, u.name from public.places p join public.place_reviews r on r.place_id = p.id join public.users u on u.id = r.user_id where p.name = 'pgtap bench' and u.id = tests.get_supabase_uid('anna') $$,
  $$ values (6, 2, 4, null::text, 'Deleted member') $$, 'the stars stay, without words and name');
select is_empty($$ select * from public.preferences where user_id = tests.get_supabase_uid('anna') $$, 'likes are gone');
select is_empty($$ select * from private.place_authors where user_id = tests.get_supabase_uid('anna') $$, 'nobody added the place any more');
select is((select count(*)::int from public.places where name = 'pgtap bench'), 1, 'which stays, because a neighbour knows it, too');
select is_empty($$ select * from public.places where name = 'pgtap door' $$, 'a place that nobody else has reviewed goes with who added it');
select is_empty($$ select * from private.place_texts where title like '%door%' $$, 'and is not found any more');
select is_empty($$ select * from private.listed_places l where not exists (select from public.places p where p.id = l.place_id) $$, 'nor recommended');
select is_empty($$ select user_id from private.open_helpers where user_id = tests.get_supabase_uid('anna') union all select user_id from private.helper_suggestions where user_id = tests.get_supabase_uid('anna')
  union all select creator_id from private.suggestion_rounds where creator_id = tests.get_supabase_uid('anna') $$, 'nothing is left of suggestions, either way');
select tests.authenticate_as('ben');
select is_empty('select * from t, public.suggest_helpers(his) s where s.user_id = tests.get_supabase_uid(''anna'')', 'and nobody is sent to her');
select tests.reset_authentication();
select tests.books_are_right();

select * from finish();
rollback;
