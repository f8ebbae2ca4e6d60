-- Helpers for a task: who may be suggested, to whom, in which order, and that it stays so for a day.
begin;
select plan(50);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora', 'emil', 'fay');
create function pg_temp.lives(member text, latitude double precision, agrees boolean default true) returns void language sql
as $$
  update public.user_contacts set latitude = lives.latitude, longitude = -123.3933 where user_id = tests.get_supabase_uid(member);
  update public.user_settings set is_open_to_suggestions = agrees where user_id = tests.get_supabase_uid(member);
$$;
-- anna asks; ben lives next door, cem 2 km, dora 6 km, emil 40 km away; fay did not agree
select pg_temp.lives('anna', -48.8767), pg_temp.lives('ben', -48.8770), pg_temp.lives('cem', -48.8580), pg_temp.lives('dora', -48.8200), pg_temp.lives('emil', -48.5), pg_temp.lives('fay', -48.8767, false);
create temporary table t as select tests.post_task('anna', 1, 'Garden') as garden, tests.post_task('anna', 1, 'Second') as second, tests.post_task('anna', 1, 'Third') as third;
grant select on t to public;
create function pg_temp.names(task uuid default null) returns text[] language sql
as $$ select coalesce(array_agg(s.name order by s.line), '{}') from t, lateral (select name, row_number() over () as line from public.suggest_helpers(coalesce(task, t.garden))) s $$;
grant execute on function pg_temp.names(uuid) to public;
create function pg_temp.forget() returns void language sql as $$ update private.suggestion_rounds set created_at = created_at - interval '1 day' $$;

-- the creator asks
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{Ben,Cem,Dora}'::text[], 'who agreed and lives within 10 km, near before far; not oneself');
select results_eq(
  $$ select name, distance_band::text, part_distance from t, public.suggest_helpers(garden) $$,
  $$ values ('Ben', 'under_1_km', 1::float8), ('Cem', '1_to_3_km', 0.6), ('Dora', '3_to_10_km', 0.2) $$, 'in bands, never in metres');
select results_eq(
  $$ select score, part_preference, part_trust, part_fatigue, trust_score, rating_average, rating_count, avatar_path from t, public.suggest_helpers(garden) where name = 'Ben' $$,
  $$ values (0.75::float8, 0.5::float8, 0.5::float8, 1::float8, 0.00, 0.00, 0, null::text) $$, 'of a new member nothing is known: neutral, and rested');
select is_empty($$ select s.* from t, public.suggest_helpers(garden) s where score <> round((0.3 * part_distance + 0.3 * part_preference + 0.2 * part_trust + 0.2 * part_fatigue)::numeric, 4)::float8 $$,
  'the score is the weighed sum of the parts');
select results_eq($$ select explanation_de, explanation_en from t, public.suggest_helpers(garden) $$,
  $$ values ('weniger als 1 km entfernt · keine Angabe zu Garten · noch ohne Bewertung · zuletzt selten gefragt', 'less than 1 km away · said nothing about Garden · no ratings yet · rarely asked lately'),
    ('1 bis 3 km entfernt · keine Angabe zu Garten · noch ohne Bewertung · zuletzt selten gefragt', '1 to 3 km away · said nothing about Garden · no ratings yet · rarely asked lately'),
    ('3 bis 10 km entfernt · keine Angabe zu Garten · noch ohne Bewertung · zuletzt selten gefragt', '3 to 10 km away · said nothing about Garden · no ratings yet · rarely asked lately') $$, 'said in both languages');
select is_empty($$ select s from t, public.suggest_helpers(garden) s where to_jsonb(s)::text ~ '48\.|123\.|Sea Lane' $$, 'no position anywhere');

-- only the creator, only an open task
select tests.authenticate_as('ben');
select throws_ok('select * from public.suggest_helpers((select garden from t))', 'PT404', 'task_not_found', 'another member''s task is not found');
select is(tests.error_of('select * from public.suggest_helpers(null)'), 'PT404 task_not_found (null)', 'nor is no task');
select tests.clear_authentication();
select throws_ok('select * from public.suggest_helpers(null)', '42501', 'permission denied for function suggest_helpers', 'anon has none');
select tests.reset_authentication();
create temporary table ended as select s as status, tests.task_in(s, 'fay', 'ben') as id from unnest('{assigned,in_progress,pending_confirmation,completed,cancelled,expired,archived}'::text[]) s;
grant select on ended to public;
select tests.authenticate_as('fay');
select is_empty($$ select status from ended where tests.error_of(format('select * from public.suggest_helpers(%L)', id)) <> format('PT409 task_not_open (%s)', status) $$, 'nothing but open tasks');

-- a day long the task keeps its suggestions
select tests.reset_authentication();
select pg_temp.lives('fay', -48.8767);
delete from public.preferences;
insert into public.preferences (user_id, category, rating) values (tests.get_supabase_uid('dora'), 'garten', 5);
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{Ben,Cem,Dora}'::text[], 'whatever happens meanwhile');
select is((select part_preference from t, public.suggest_helpers(garden) where name = 'Dora'), 0.5::float8, 'with the parts they had');
select public.update_task(garden, latitude => -48.82, longitude => -123.3933) from t;
select results_eq($$ select distance_band::text from t, public.suggest_helpers(garden) $$, $$ values ('under_1_km'), ('1_to_3_km'), ('3_to_10_km') $$, 'also when the task moves: nobody is located by moving it');
select public.update_task(garden, latitude => -48.8767, longitude => -123.3933) from t;
select tests.reset_authentication();
select is((select count(*)::int from private.suggestion_rounds), 1, 'all that was one round');
select pg_temp.forget();
select tests.authenticate_as('anna');
select is((select array_agg(n order by n) from unnest(pg_temp.names()) n), '{Ben,Cem,Dora,Fay}'::text[], 'the next day it is asked again');
select is((select part_preference from t, public.suggest_helpers(garden) where name = 'Dora'), 1::float8, 'and knows better');
select matches((select explanation_de from t, public.suggest_helpers(garden) where name = 'Dora'), ' · mag Garten: 5 von 5 · ', 'which it says');

-- fatigue: suggested lately, helped lately
select is((select part_fatigue from t, public.suggest_helpers(garden) where name = 'Dora'), round(1 / (1 + 1 / 3.0), 4)::float8, 'suggested once: a bit tired');
select is((select part_fatigue from t, public.suggest_helpers(garden) where name = 'Fay'), 1::float8, 'not suggested before: rested');
select is((select part_fatigue from t, public.suggest_helpers(garden) where name = 'Ben'), round(1 / (1 + 7 / 3.0), 4)::float8, 'suggested once and accepted six times: tired');
select is((pg_temp.names())[1], 'Fay', 'the same few kind people are not always first');
select matches((select explanation_en from t, public.suggest_helpers(garden) where name = 'Ben'), 'often asked lately$', 'which it says');
select tests.reset_authentication();
update private.helper_suggestions set suggested_at = suggested_at - interval '8 days';
update public.tasks set assigned_at = assigned_at - interval '31 days' where helper_id = tests.get_supabase_uid('ben');
select pg_temp.forget();
select tests.authenticate_as('anna');
select is((select part_fatigue from t, public.suggest_helpers(garden) where name = 'Ben'), 1::float8, 'after a while everybody is rested');

-- trust
select tests.reset_authentication();
update public.users set rating_count = 4, rating_average = 4.5, trust_score = 4 where id = tests.get_supabase_uid('cem');
select tests.authenticate_as('anna');
select results_eq($$ select trust_score, rating_average, rating_count, part_trust, split_part(explanation_de, ' · ', 3) from t, public.suggest_helpers(second) where name = 'Cem' $$,
  $$ values (4.00, 4.50, 4, 0.8::float8, 'Vertrauen 4,0 von 5') $$, 'a rated helper has a trust score');

-- who is left out, also of a list made before
select is(cardinality(pg_temp.names(second)) , 4, 'before') from t;
select tests.offer_help('ben', second) from t;
select tests.authenticate_as('anna');
select ok(not pg_temp.names(second) @> '{Ben}', 'who has offered on this task meanwhile') from t;
select ok(pg_temp.names() @> '{Ben}', 'for another task they stay');
select public.block_user(tests.get_supabase_uid('cem'));
select ok(not pg_temp.names() @> '{Cem}', 'whom the creator blocks');
select ok(not pg_temp.names(third) @> '{Cem}', 'also in a new list') from t;
select public.unblock_user(tests.get_supabase_uid('cem'));
select tests.authenticate_as('dora');
select public.block_user(tests.get_supabase_uid('anna'));
select tests.authenticate_as('anna');
select ok(not pg_temp.names() @> '{Dora}', 'who blocks the creator');
select tests.authenticate_as('dora');
select public.unblock_user(tests.get_supabase_uid('anna'));
select public.update_settings(is_open_to_suggestions => false);
select tests.authenticate_as('fay');
select public.update_contact(remove_home => true);
select tests.reset_authentication();
select ops.ban_user(tests.get_supabase_uid('cem'), 'test');
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{Ben}'::text[], 'who stepped back, has no home, is banned: at once');
select tests.reset_authentication();
select pg_temp.forget();
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{Ben}'::text[], 'and in new lists');
select is(pg_temp.names(second), '{}'::text[], 'nor who has offered') from t;
select tests.reset_authentication();
delete from auth.users where id = tests.get_supabase_uid('ben');
select tests.authenticate_as('anna');
select is(pg_temp.names(), '{}'::text[], 'nor a deleted account');

-- nobody found: looked for again each time, within the limit
select tests.authenticate_as('dora');
select public.update_settings(is_open_to_suggestions => true);
select tests.authenticate_as('anna');
select is(pg_temp.names(second), '{Dora}'::text[], 'an empty list is not kept') from t;

-- the limit
select tests.reset_authentication();
update private.settings set suggestion_limit_per_day = (select count(*) from private.suggestion_rounds where created_at > now() - interval '1 day');
select tests.authenticate_as('anna');
select is(pg_temp.names(second), '{Dora}'::text[], 'reading a list again is free') from t;
create temporary table fourth as select null::uuid as id;
select tests.reset_authentication();
update fourth set id = tests.post_task('anna', 1, 'Fourth');
grant select on fourth to public;
select tests.authenticate_as('anna');
select throws_ok('select * from public.suggest_helpers((select id from fourth))', 'PT429', 'suggestion_limit_reached', 'a new list is not');
select tests.reset_authentication();
select pg_temp.forget();
select tests.authenticate_as('anna');
select is(pg_temp.names((select id from fourth)), '{Dora}'::text[], 'until the next day');
select tests.reset_authentication();
select throws_ok('update private.settings set suggestion_limit_per_day = -1', '23514', null, 'the limit is not negative');
select throws_ok('update private.settings set suggestion_trust_weight = 0.3', '23514', null, 'the shares sum to 1');
select throws_ok('update private.settings set suggestion_trust_weight = -0.2, suggestion_fatigue_weight = 0.6', '23514', null, 'and are not negative');
select throws_ok('update private.helper_suggestions set distance_band = ''next_door''', '23514', null, 'bands are known');
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select tests.authenticate_as('anna');
select throws_ok('select * from public.suggest_helpers((select garden from t))', 'PT403', 'user_banned', 'banned members ask nobody');

-- many helpers: ten are suggested, and the next task asks others
select tests.reset_authentication();
select ops.unban_user(tests.get_supabase_uid('anna'));
update private.settings set suggestion_limit_per_day = 20;
select tests.create_supabase_user('helper' || n, metadata => jsonb_build_object('name', 'Helper ' || n)), pg_temp.lives('helper' || n, -48.8767) from generate_series(1, 30) n;
select pg_temp.forget();
select tests.authenticate_as('anna');
create temporary table asked as select 1 as round, s.user_id from t, public.suggest_helpers(garden) s;
select is((select count(*)::int from asked), 10, 'ten at most');
insert into asked select 2, s.user_id from t, public.suggest_helpers(second) s;
insert into asked select 3, s.user_id from t, public.suggest_helpers(third) s;
select is((select count(distinct user_id)::int from asked where user_id <> tests.get_supabase_uid('dora')), (select count(*)::int from asked where user_id <> tests.get_supabase_uid('dora')), 'nobody twice, as long as there are others');
select tests.reset_authentication();
select is_empty('select * from ops.audit_recommendations()', 'the audit finds nothing');

-- forgotten after 90 days
update private.suggestion_rounds set created_at = now() - interval '91 days' where task_id = (select garden from t);
create temporary table others as select count(*) as rounds from private.suggestion_rounds where task_id <> (select garden from t);
select results_eq($$ select processed > 0, failed from tests.run_jobs('recommendations', now(), 1000) $$, $$ values (true, 0) $$, 'the job forgets');
select is((select count(*) from private.suggestion_rounds), (select rounds from others), 'what is older than 90 days, and no more');
update private.settings set suggestion_retention_days = 7;
select results_eq($$ select processed from private.purge_suggestions(now() + interval '7 days 1 second', 1000) $$, 'select rounds::int from others', 'or than the setting says');
select ok((select count(*) filter (where job = 'purge_suggestions') = 1 from ops.run_due_jobs(now())), 'and runs with the others');

select * from finish();
rollback;
