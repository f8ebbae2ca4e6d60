begin;
select plan(37);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem');
create temporary table t as select tests.post_task('anna', 10) as id, private.max_points_reward() as largest_reward;
grant select on t to authenticated;
update public.tasks set updated_at = now() - interval '1 hour' where id = (select id from t);
create temporary table before as select to_jsonb(k) as task from public.tasks k join t using (id);
grant select on before to authenticated;
create function pg_temp.update_task(arguments text) returns text language sql as $$ select tests.error_of(format('select public.update_task(%L, %s)', id, arguments)) from t $$;
grant execute on function pg_temp.update_task(text) to authenticated;

select tests.authenticate_as('anna');
select is(to_jsonb(k) - 'updated_at', (select task - 'updated_at' from before), 'null leaves every column as it is') from t, public.update_task(id) k;
select is(updated_at, now(), 'only updated_at moves') from public.tasks join t using (id);

select results_eq(
  $$ select k.title, k.description, k.category, k.points_reward, k.image_paths, k.expires_at, k.metadata, k.status::text from t, public.update_task(
       id, title => ' Mow the front lawn ', description => 'Once.', category => 'technik', points_reward => 8,
       image_paths => array[tests.get_supabase_uid('anna') || '/lawn.jpg'], expires_at => tests.iso(now() + interval '1 day'), metadata => '{"size": 1}') k $$,
  $$ values ('Mow the front lawn', 'Once.', 'technik', 8, array[tests.get_supabase_uid('anna') || '/lawn.jpg'], now() + interval '1 day', '{"size": 1}'::jsonb, 'open') $$,
  'every column can change; without offers the reward may fall');
select results_eq('select k.latitude, k.longitude from public.tasks k join t using (id)', $$ select (task ->> 'latitude')::float8, (task ->> 'longitude')::float8 from before $$, 'the place did not');
select results_eq('select details from public.task_events join t on task_id = t.id order by task_events.id desc limit 1',
  $$ values ('{"title": "Mow the front lawn", "title_before": "Mow the lawn", "description": "Once.", "description_before": "About two hours.", "category": "technik",
    "category_before": "garten", "points_reward": 8, "points_reward_before": 10, "terms_version": 2, "terms_version_before": 1}'::jsonb) $$, 'the event says what changed, before and after');

-- the place
select public.update_task(id, latitude => -40.1, longitude => -120.2, address => 'Sea Lane 2') from t;
select results_eq('select l.* from t, public.get_task_location(id) l', $$ values (-40.1::float8, -120.2::float8, 'Sea Lane 2') $$, 'the exact place moves');
select tests.reset_authentication();
select results_eq('select k.latitude, k.longitude from public.tasks k join t using (id)', 'select * from private.cell_centre(-40.1, -120.2)', 'the public place moves to the centre of its cell');
select tests.books_are_right('the projection moved along');
update public.tasks set category = 'garten', expires_at = now() + interval '2 days' where id = (select id from t);
select tests.books_are_right('the projection follows an edit in Studio, too');
update public.tasks set category = 'technik', expires_at = now() + interval '1 day' where id = (select id from t);
select tests.authenticate_as('ben');
select results_eq('select id from public.nearby_tasks(-40.1, -120.2)', 'select id from t', 'it is found at the new place');
select is_empty('select id from public.nearby_tasks(-48.8767, -123.3933)', 'and no longer at the old one');
select is_empty($$ select id from public.nearby_tasks(-40.1, -120.2, category => 'garten') $$, 'nor in the old category');
select tests.authenticate_as('anna');
select public.update_task(id, address => '') from t;
select is((select l.address from t, public.get_task_location(id) l), null, 'an empty address clears it');
select results_eq('select l.latitude, l.longitude from t, public.get_task_location(id) l', $$ values (-40.1::float8, -120.2::float8) $$, 'and nothing else');

-- input
select is(pg_temp.update_task($$ title => ' ' $$), 'PT400 text_blank (title)', 'a blank title');
select is(pg_temp.update_task($$ title => 'ab' $$), 'PT400 text_too_short (title)', 'a short title');
select is(pg_temp.update_task($$ description => repeat('x', 5001) $$), 'PT400 text_too_long (description)', 'an overlong description');
select is(pg_temp.update_task($$ category => 'gardening' $$), 'PT400 category_not_found (gardening)', 'an unknown category');
select is(pg_temp.update_task('latitude => 1'), 'PT400 coordinates_invalid', 'half a place');
select is(pg_temp.update_task($$ latitude => 'NaN', longitude => 1 $$), 'PT400 coordinates_invalid', 'no place');
select is(pg_temp.update_task('points_reward => 0'), 'PT400 points_reward_out_of_range', 'no reward');
select is(pg_temp.update_task(format('points_reward => %s', largest_reward + 1)), 'PT400 points_reward_out_of_range', 'too much reward') from t;
select is(pg_temp.update_task($$ address => E'a\u0007' $$), 'PT400 text_has_control_characters (address)', 'a bell in the address');
select is(pg_temp.update_task($$ image_paths => array['x'] $$), 'PT400 image_paths_invalid (x)', 'a bad picture');
select is(pg_temp.update_task('expires_at => tests.iso(now())'), 'PT400 expires_at_in_past', 'a deadline that has passed');
select is(pg_temp.update_task($$ expires_at => tests.iso(now() + interval '2 years') $$), 'PT400 expires_at_too_far', 'a deadline too far ahead');
select is(pg_temp.update_task($$ metadata => '[]' $$), 'PT400 metadata_invalid', 'bad metadata');
select is(tests.error_of('select public.update_task(null, title => ''Mow'')'), 'PT404 task_not_found', 'no task');
select results_eq('select title, points_reward, metadata from public.tasks join t using (id)', $$ values ('Mow the front lawn', 8, '{"size": 1}'::jsonb) $$, 'the refused calls changed nothing');

-- once somebody has offered
select tests.reset_authentication();
create temporary table o as select tests.offer_help('ben', id) as id from t;
grant select on o to authenticated;
select tests.authenticate_as('anna');
select is(pg_temp.update_task('points_reward => 7'), 'PT409 reward_may_only_rise', 'with an offer the reward may not fall');
select is(pg_temp.update_task('points_reward => 8'), 'no error', 'it may stay');
select is(pg_temp.update_task('points_reward => 9'), 'no error', 'it may rise');
select public.decline_offer(id) from o;
select is(pg_temp.update_task('points_reward => 7'), 'no error', 'when the only offer was declined it may fall');
select tests.reset_authentication();
update o set id = (select tests.offer_help('cem', id) from t);
select tests.authenticate_as('cem');
select public.withdraw_offer(id) from o;
select tests.authenticate_as('anna');
select is(pg_temp.update_task('points_reward => 6'), 'no error', 'nor does a withdrawn offer hold it');

-- past its deadline, before the job comes
select tests.reset_authentication();
select tests.pass_deadline(id) from t;
select tests.authenticate_as('anna');
select is(pg_temp.update_task($$ title => 'Too late' $$), 'PT409 task_not_open (open)', 'past its deadline a task is closed, even before the job comes');
select is(pg_temp.update_task($$ expires_at => tests.iso(now() + interval '1 day') $$), 'PT409 task_not_open (open)', 'and cannot be revived');
select is((select title from public.tasks join t using (id)), 'Mow the front lawn', 'nothing changed');

select * from finish();
rollback;
