-- A task that changes leaves its offers outdated: they cannot be accepted before whoever made them has renewed them.
begin;
select plan(62);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create temporary table t as select tests.post_task('anna', 10) as id;
create temporary table o (who text primary key, id uuid);
insert into o select 'ben', tests.offer_help('ben', id) from t;
insert into o select 'cem', tests.offer_help('cem', id) from t;
grant select on t, o to authenticated, anon, service_role;
create function pg_temp.change(arguments text) returns void language sql as $$ select tests.as_member('anna', format('select public.update_task(%L, %s)', id, arguments)) from t $$;
create function pg_temp.tell(who text, command text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  perform tests.authenticate_as(who);
  v_answer := tests.error_of(command);
  perform tests.reset_authentication();
  return v_answer;
end $$;
create function pg_temp.accept(who text) returns text language sql as $$ select pg_temp.tell('anna', format('select public.accept_offer(%L)', id)) from o where o.who = $1 $$;
create function pg_temp.renew(who text, caller text default null, version integer default null) returns text language sql as $$
  select pg_temp.tell(coalesce(caller, who), format('select public.renew_offer(%L, %L)', id, version)) from o where o.who = $1 $$;
create function pg_temp.is_outdated(who text, reader text) returns boolean language plpgsql as $$
declare
  v_is_outdated boolean;
begin
  perform tests.authenticate_as(reader);
  v_is_outdated := (select public.is_outdated(f) from public.task_offers f join o on o.id = f.id where o.who = $1);
  perform tests.reset_authentication();
  return v_is_outdated;
end $$;
create function pg_temp.versions() returns integer[] language sql as $$
  select array[k.terms_version, f.terms_version] from t join public.tasks k using (id) join o on o.who = 'ben' join public.task_offers f on f.id = o.id $$;
create function pg_temp.reset() returns void language sql as $$ update public.task_offers f set terms_version = k.terms_version from public.tasks k where k.id = f.task_id and f.id in (select id from o) $$;

-- what counts
select is(pg_temp.versions(), '{1,1}', 'an offer is made for the task as it is');
select is(pg_temp.is_outdated('ben', 'anna'), false, 'and is not outdated');
select pg_temp.change($$ points_reward => 11 $$);
select pg_temp.change($$ address => 'Sea Lane 3', metadata => '{"door": "left"}', expires_at => tests.iso(now() + interval '9 days') $$);
select pg_temp.change($$ image_paths => array[tests.get_supabase_uid('anna') || '/lawn.jpg'] $$);
select pg_temp.change($$ title => ' Mow the lawn ', description => 'About two hours.', category => 'garten', latitude => -48.8767, longitude => -123.3933, is_flexible => false $$);
select pg_temp.change($$ latitude => -48.87671, longitude => -123.39331 $$);
select is(pg_temp.versions(), '{1,1}', 'a higher reward, address, pictures, metadata, deadline, the same once more, and another place in the same cell do not count');
select lives_ok(format('select pg_temp.change(%L)', c.change), c.change) from (values (1, $$ title => 'Mow the front lawn' $$), (2, $$ description => 'About three hours.' $$),
  (3, $$ category => 'technik' $$), (4, $$ latitude => -48.9, longitude => -123.3933 $$), (5, $$ starts_at => tests.iso(now() + interval '2 days') $$),
  (6, $$ ends_at => tests.iso(now() + interval '3 days') $$), (7, $$ is_flexible => true $$), (8, $$ starts_at => '' $$)) c (line, change) order by line;
select is(pg_temp.versions(), '{9,1}', 'each of these counts');
update public.tasks set title = 'Corrected in Studio' where id = (select id from t);
select is(pg_temp.versions(), '{10,1}', 'so does an edit in Studio');
update public.categories set slug = 'technik-neu' where slug = 'technik';
select is(pg_temp.versions(), '{10,1}', 'a category that has another name now is the same');
update public.categories set slug = 'technik' where slug = 'technik-neu';
update public.tasks set points_reward = 5 where id = (select id from t);
select is(pg_temp.versions(), '{11,1}', 'a lower reward, which only Studio can set now, counts');

-- who sees it, and what an outdated offer can do
select is(pg_temp.is_outdated('ben', 'anna'), true, 'the creator sees that an offer is outdated');
select is(pg_temp.is_outdated('ben', 'ben'), true, 'so does whoever made it');
select is(pg_temp.is_outdated('ben', 'cem'), null, 'nobody else sees anything');
select is(pg_temp.accept('ben'), 'PT409 offer_outdated', 'it cannot be accepted');
select is((select k.status from public.tasks k join t using (id)), 'open', 'the task stays open');
select is(pg_temp.tell('ben', format('select public.offer_help(%L)', id)), 'no error', 'offering once more is a repetition') from t;
select is(pg_temp.is_outdated('ben', 'anna'), true, 'which renews nothing: a phone may send it by itself');

-- the change can be read by whoever has offered
create function pg_temp.changes(reader text) returns setof jsonb language plpgsql as $$
begin
  perform tests.authenticate_as(reader);
  return query select e.details from public.task_events e join t on t.id = e.task_id where e.action = 'updated' and e.details is not null order by e.id;
  perform tests.reset_authentication();
end $$;
select results_eq($$ select c from pg_temp.changes('ben') c limit 2 $$, $$ values ('{"points_reward": 11, "points_reward_before": 10}'::jsonb),
  ('{"title": "Mow the front lawn", "title_before": "Mow the lawn", "terms_version": 2, "terms_version_before": 1}') $$, 'before and after');
select is((select count(*)::int from pg_temp.changes('ben')), 9, 'of each change');
select results_eq($$ select c from pg_temp.changes('ben') c $$, $$ select c from pg_temp.changes('anna') c $$, 'as its creator reads it');
select is((select jsonb_object_agg(key, value) from pg_temp.changes('ben') c, jsonb_each(c) where c ? 'latitude' and key like 'latitude%'),
  (select jsonb_build_object('latitude_before', b.latitude_centre, 'latitude', a.latitude_centre) from private.cell_centre(-48.8767, -123.3933) b, private.cell_centre(-48.9, -123.3933) a),
  'of the place only the cell');
select is((select count(*)::int from pg_temp.changes('ben') c where c::text ~ '48\.8767\D|123\.3933|Sea Lane'), 0, 'never the exact place, or the address');
select is((select count(*)::int from pg_temp.changes('dora')), 0, 'a member without an offer reads nothing');
select tests.authenticate_as('ben');
select is_empty($$ select * from public.task_events e join t on t.id = e.task_id where e.action <> 'updated' $$, 'and whoever has offered nothing else');
select tests.reset_authentication();

-- renewing
select is(pg_temp.renew('ben', 'anna'), 'PT404 offer_not_found', 'the creator cannot renew it');
select is(pg_temp.renew('ben', 'cem'), 'PT404 offer_not_found', 'nor can another helper');
select is(pg_temp.renew('ben', 'dora'), 'PT404 offer_not_found', 'nor a stranger');
select is(pg_temp.tell('ben', 'select public.renew_offer(null)'), 'PT404 offer_not_found', 'no offer');
select is(pg_temp.renew('ben', version => 10), 'PT409 offer_outdated (11)', 'not for a task that has changed once more');
select is(pg_temp.versions(), '{11,1}', 'the refused calls changed nothing');
update public.task_offers set updated_at = now() - interval '1 hour' where id in (select id from o);
select is(pg_temp.renew('ben', version => 11), 'no error', 'for the task that was seen');
select is(pg_temp.versions(), '{11,11}', 'it holds again');
select results_eq($$ select f.status::text, f.message, f.updated_at from public.task_offers f join o using (id) where who = 'ben' $$, $$ values ('pending', 'I can come tomorrow.', now()) $$, 'as it was made');
update public.task_offers set updated_at = now() - interval '1 hour' where id in (select id from o);
select is(pg_temp.renew('ben', version => 11), 'no error', 'renewing again');
select is((select f.updated_at from public.task_offers f join o using (id) where who = 'ben'), now() - interval '1 hour', 'changes nothing');
select is((select cardinality(done_at) from private.recent_actions where user_id = tests.get_supabase_uid('ben') and limit_slug = 'offer_limit_reached'), 2, 'a renewed offer counts as an offer, a repetition does not');
update private.settings set offer_limit_per_day = 2;
select pg_temp.change($$ title => 'Mow the back lawn' $$);
select is(pg_temp.renew('ben'), 'PT429 offer_limit_reached (2)', 'beyond the limit of a day it stays outdated');
update private.settings set offer_limit_per_day = default;

-- when it cannot be renewed
select ops.ban_user(tests.get_supabase_uid('ben'), 'test');
select is(pg_temp.renew('ben'), 'PT403 user_banned', 'a banned member');
select ops.unban_user(tests.get_supabase_uid('ben'));
select tests.as_member('anna', format('select public.block_user(%L)', tests.get_supabase_uid('ben')));
select is(pg_temp.renew('ben'), 'PT404 offer_not_found', 'where one blocks the other');
select tests.as_member('anna', format('select public.unblock_user(%L)', tests.get_supabase_uid('ben')));
select tests.as_member('ben', format('select public.withdraw_offer(%L)', id)) from o where who = 'ben';
select is(pg_temp.renew('ben'), 'PT409 offer_not_pending (withdrawn)', 'a withdrawn offer');
select is(pg_temp.tell('ben', format('select public.offer_help(%L)', id)), 'no error', 'is made again instead') from t;
select is(pg_temp.versions(), '{12,12}', 'for the task as it is');
select is(pg_temp.accept('cem'), 'PT409 offer_outdated', 'another one is still outdated');
select is(pg_temp.accept('ben'), 'no error', 'this one can be accepted');
select is(pg_temp.renew('ben'), 'no error', 'a repeated renewal after that');
select is(pg_temp.renew('cem'), 'PT409 offer_not_pending (not_chosen)', 'one that was passed over');
select tests.as_member('ben', format('select public.release_task(%L)', id)) from t;
select is(pg_temp.accept('cem'), 'PT409 offer_outdated', 'and comes back is as outdated as before');
select is(pg_temp.renew('cem'), 'no error', 'until it is renewed');
select pg_temp.change($$ title => 'Mow everything' $$);
select tests.pass_deadline(id) from t;
select is(pg_temp.renew('cem'), 'PT409 task_not_open (open)', 'past the deadline of the task');
select tests.clear_authentication();
select throws_ok('select public.renew_offer(null)', '42501', 'permission denied for function renew_offer', 'anon cannot renew');
select tests.authenticate_as_service_role();
select throws_ok('select public.renew_offer(null)', '42501', 'permission denied for function renew_offer', 'nor can the service role');
select tests.reset_authentication();
select tests.books_are_right();

-- the words of old leave with their creator; nothing else changes an event
select throws_ok($$ update public.task_events set details = private.without_words(details) where action = 'updated' $$, 'PT409', 'ledger_is_append_only', 'as long as the creator is here, events stay as they are');
delete from auth.users where id = tests.get_supabase_uid('anna');
select is_empty($$ select details from public.task_events e join t on t.id = e.task_id where details::text ~ 'Mow|hours' $$, 'then titles and descriptions go');
select is((select count(*)::int from public.task_events e join t on t.id = e.task_id where details ? 'category_before'), 1, 'the rest stays');
select throws_ok($$ update public.task_events set details = null where action = 'updated' $$, 'PT409', 'ledger_is_append_only', 'for good');
select tests.books_are_right();

select * from finish();
rollback;
