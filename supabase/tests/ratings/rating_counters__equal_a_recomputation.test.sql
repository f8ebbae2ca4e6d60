-- Average, count and trust on users equal what the revealed ratings say, whoever changes what; the parts of trust add up to it.
begin;
select plan(54);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create function pg_temp.counters(identifier text) returns text
language sql as $$ select format('%s %s %s', rating_average, rating_count, trust_score) from public.users where id = tests.get_supabase_uid(identifier) $$;
create function pg_temp.parts(identifier text) returns text
language sql as $$
  select string_agg(part || ' ' || amount, ', ' order by position) from public.explain_trust(tests.get_supabase_uid(identifier)) with ordinality x (part, amount, text_de, text_en, position) $$;
create function pg_temp.add_up(identifier text) returns boolean
language sql as $$
  select (select sum(amount) from public.explain_trust(tests.get_supabase_uid(identifier))) = (select trust_score from public.users where id = tests.get_supabase_uid(identifier)) $$;
grant execute on function pg_temp.counters(text), pg_temp.parts(text), pg_temp.add_up(text) to public;
-- ratings by admins, with which the number of tasks is no limit
create function pg_temp.rate(rater text, ratee text, score integer, is_revealed boolean default true) returns uuid
language sql as $$
  insert into public.ratings (task_id, rater_id, ratee_id, score, revealed_at)
  values (gen_random_uuid(), tests.get_supabase_uid(rater), tests.get_supabase_uid(ratee), score, case when is_revealed then now() end) returning id $$;

create function pg_temp.counted_right() returns text
language sql as $$ select extensions.is_empty('select * from ops.audit_ratings() where problem <> ''rating_by_stranger''', 'the audit finds counters and totals right') $$;
select is(pg_temp.counters('ben'), '0.00 0 0.00', 'unrated');
select tests.authenticate_as('anna');
select is(pg_temp.parts('ben'), 'average 0.00, number 0.00, limit 0.00', 'unrated: every part is 0');
select ok((select every(text_de <> '' and text_en <> '' and text_de <> text_en) from public.explain_trust(tests.get_supabase_uid('ben'))), 'unrated: the texts are there, in both languages');
select tests.reset_authentication();

-- through the commands
create temporary table t as select n, tests.task_in('completed', 'anna', 'ben') as id from generate_series(1, 3) n;
select tests.rate_task('anna', id, 5), tests.rate_task('ben', id, 4) from t where n = 1;
select is(pg_temp.counters('ben'), '5.00 1 1.45', 'one 5: 5 x ln 2 / ln 11');
select is(pg_temp.counters('anna'), '4.00 1 1.16', 'one 4');
select tests.rate_task('anna', id, 2) from t where n = 2;
select is(pg_temp.counters('ben'), '5.00 1 1.45', 'a hidden one counts for nothing');
select tests.rate_task('anna', id, 1) from t where n = 2;
select is(pg_temp.counters('ben'), '5.00 1 1.45', 'nor does changing it');
select tests.rate_task('ben', id, 3) from t where n = 2;
select is(pg_temp.counters('ben'), '3.00 2 1.37', '5 and 1');
select is(pg_temp.counters('anna'), '3.50 2 1.60', '4 and 3');
update public.ratings set score = 4 where task_id = (select id from t where n = 2) and rater_id = tests.get_supabase_uid('anna');
select is(pg_temp.counters('ben'), '4.50 2 2.06', 'the 1 becomes a 4');
select is(pg_temp.counters('anna'), '3.50 2 1.60', 'which leaves the other side alone');
select tests.books_are_right();

-- through Studio
create temporary table r as select pg_temp.rate('cem', 'ben', 1) as shown, pg_temp.rate('cem', 'ben', 1, false) as hidden;
select is(pg_temp.counters('ben'), '3.33 3 1.93', 'an inserted one counts: 10 in 3');
update public.ratings set revealed_at = now() where id = (select hidden from r);
select is(pg_temp.counters('ben'), '2.75 4 1.85', 'a revealed one counts');
update public.ratings set revealed_at = null where id = (select hidden from r);
select is(pg_temp.counters('ben'), '3.33 3 1.93', 'hidden again it does not');
update public.ratings set score = 5, comment = 'x' where id in (select hidden from r union select shown from r);
select is(pg_temp.counters('ben'), '4.67 3 2.70', 'a changed score counts instead of the old one');
update public.ratings set revealed_at = now() + interval '1 day', comment = null where id in (select shown from r);
select is(pg_temp.counters('ben'), '4.67 3 2.70', 'another moment changes nothing');
update public.ratings set ratee_id = tests.get_supabase_uid('anna') where id = (select shown from r);
select is(pg_temp.counters('ben') || ', ' || pg_temp.counters('anna'), '4.50 2 2.06, 4.00 3 2.31', 'about somebody else it counts there');
delete from public.ratings where id in (select hidden from r union select shown from r);
select is(pg_temp.counters('ben') || ', ' || pg_temp.counters('anna'), '4.50 2 2.06, 3.50 2 1.60', 'removed it does not count');
select pg_temp.counted_right();

-- exact, not a mean of means: 100 ratings in any order
select pg_temp.rate('anna', 'cem', (n * 7 % 5 + 1)) from generate_series(1, 100) n;
select pg_temp.rate('anna', 'cem', 2);
select is(pg_temp.counters('cem'), '2.99 101 5.00', '302 in 101, and trust is at most 5');
select tests.authenticate_as('ben');
select is(pg_temp.parts('cem'), 'average 2.99, number 2.78, limit -0.77', 'many ratings add, the limit takes away');
select ok(pg_temp.add_up('cem'), 'the parts add up');
select is(pg_temp.parts('ben'), 'average 4.50, number -2.44, limit 0.00', 'few ratings take away; one''s own trust is explained, too');
select ok(pg_temp.add_up('ben'), 'the parts add up');
select tests.reset_authentication();
do $$ begin perform pg_temp.rate('ben', 'anna', n % 5 + 1) from generate_series(1, 8) n; end $$;
select is((select rating_count from public.users where id = tests.get_supabase_uid('anna')), 10, 'ten ratings');
select is((select trust_score = rating_average from public.users where id = tests.get_supabase_uid('anna')), true, 'with ten ratings trust is the average');

-- the other formula
update private.settings set trust_formula = 'bayesian';
select is(pg_temp.counters('ben'), '4.50 2 3.79', 'bayesian: (3.5 x 5 + 9) / 7, for everybody at once');
select is(pg_temp.counters('cem'), '2.99 101 3.01', 'bayesian: (3.5 x 5 + 302) / 106');
select tests.create_supabase_user('dora');
select is(pg_temp.counters('dora'), '0.00 0 3.50', 'bayesian: nobody has rated them: the prior');
select pg_temp.counted_right();
select tests.authenticate_as('anna');
select is(pg_temp.parts('ben'), 'prior 2.50, ratings 1.29', 'bayesian: two parts');
select is(pg_temp.parts('dora'), 'prior 3.50, ratings 0.00', 'bayesian: the prior alone');
select ok(pg_temp.add_up(who), 'bayesian: the parts add up for ' || who) from unnest('{anna,ben,cem,dora}'::text[]) who;
select matches(text_de, '^Vorschuss: .*3,50.*Gewicht von 5 ') from public.explain_trust(tests.get_supabase_uid('ben')) where part = 'prior';
select tests.reset_authentication();
select pg_temp.rate('anna', 'ben', 1);
select is(pg_temp.counters('ben'), '3.33 3 3.44', 'bayesian: a new rating');
update private.settings set trust_prior = 2;
select is(pg_temp.counters('ben'), '3.33 3 2.50', 'another prior holds for everybody at once');
select is(pg_temp.counters('dora'), '0.00 0 2.00', 'also for whom nobody has rated');
update private.settings set trust_weight = 2.5;
select is(pg_temp.counters('ben'), '3.33 3 2.73', 'so does another weight');
update private.settings set trust_formula = 'documented', trust_prior = 3.5, trust_weight = 5;
select is(pg_temp.counters('ben'), '3.33 3 1.93', 'and back');
select is(pg_temp.counters('dora'), '0.00 0 0.00', 'for everybody');
select pg_temp.counted_right();
select alike(tests.error_of('update private.settings set ' || change), '23514 %"' || name || '"%', change || ' is refused')
from (values ('trust_formula = ''median''', 'trust_formula_is_known'), ('trust_prior = 0.99', 'trust_prior_is_between_1_and_5'), ('trust_prior = 5.01', 'trust_prior_is_between_1_and_5'),
  ('trust_weight = 0', 'trust_weight_is_between_0_01_and_1000'), ('trust_weight = 1000.01', 'trust_weight_is_between_0_01_and_1000')) v (change, name);

-- explain_trust: who may
select tests.authenticate_as('anna');
select is(tests.error_of('select public.explain_trust(gen_random_uuid())'), 'PT404 user_not_found', 'nobody of this id');
select is(tests.error_of('select public.explain_trust(null)'), 'PT404 user_not_found', 'nobody');
select tests.act_as('authenticated', '{"role": "authenticated"}');
select is(tests.error_of('select public.explain_trust(gen_random_uuid())'), 'PT401 not_signed_in', 'a token without a member');
select tests.clear_authentication();
select is(tests.error_of('select public.explain_trust(gen_random_uuid())'), '42501 permission denied for function explain_trust', 'anon');
select tests.reset_authentication();

select * from finish();
rollback;
