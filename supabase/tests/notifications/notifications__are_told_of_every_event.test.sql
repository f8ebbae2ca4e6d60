-- Every event tells whom it should, once, within its own transaction, in both languages. The whole catalogue appears.
begin;
select plan(65);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben', 'cem', 'dora');
create temporary table t (name text primary key, id uuid);
grant select on t to authenticated;
create function pg_temp.id(name text) returns uuid language sql as $$ select t.id from t where t.name = $1 $$;
create function pg_temp.inbox(member text) returns text language sql as $$ select coalesce(string_agg(i, ' '), '') from tests.inbox(member) i $$;
create temporary table told (id bigint);
create function pg_temp.news(member text) returns text language plpgsql as $$
declare
  v_news text;
begin
  select string_agg(format('%s | %s | %s | %s', x.title_de, x.body_de, x.title_en, x.body_en), ' / ' order by n.id) into v_news
  from public.notifications n, private.notification_texts(n) x where n.user_id = tests.get_supabase_uid(member) and n.id not in (select w.id from told w);
  insert into told select n.id from public.notifications n where n.user_id = tests.get_supabase_uid(member);
  return v_news;
end $$;

-- a task, from the offer to the ratings
insert into t values ('mow', tests.post_task('anna', 25));
insert into t values ('ben', tests.offer_help('ben', pg_temp.id('mow'))), ('cem', tests.offer_help('cem', pg_temp.id('mow'))), ('dora', tests.offer_help('dora', pg_temp.id('mow')));
select is(pg_temp.inbox('anna'), 'offer_received offer_received offer_received', 'the creator is told of each offer');
select is(pg_temp.news('anna'), 'Neues Hilfsangebot | Ben möchte dir bei „Mow the lawn“ helfen. | New offer of help | Ben would like to help you with “Mow the lawn”.'
  || ' / Neues Hilfsangebot | Cem möchte dir bei „Mow the lawn“ helfen. | New offer of help | Cem would like to help you with “Mow the lawn”.'
  || ' / Neues Hilfsangebot | Dora möchte dir bei „Mow the lawn“ helfen. | New offer of help | Dora would like to help you with “Mow the lawn”.', 'in words');
select is(pg_temp.inbox('ben') || pg_temp.inbox('cem') || pg_temp.inbox('dora'), '', 'and nobody else');
select tests.as_member('ben', format('select public.offer_help(%L)', pg_temp.id('mow')));
select is(pg_temp.inbox('anna'), 'offer_received offer_received offer_received', 'an offer repeated is no news');
select tests.as_member('ben', format('select public.withdraw_offer(%L)', pg_temp.id('ben')));
select tests.as_member('ben', format('select public.offer_help(%L)', pg_temp.id('mow')));
select is(pg_temp.inbox('anna'), 'offer_received offer_received offer_received', 'nor is one taken back and made again on the same day');
update public.notifications set dedupe_key = dedupe_key || ' yesterday' where offer_id = pg_temp.id('ben');
select tests.as_member('ben', format('select public.withdraw_offer(%L)', pg_temp.id('ben')));
select tests.as_member('ben', format('select public.offer_help(%L)', pg_temp.id('mow')));
select is(pg_temp.inbox('anna'), 'offer_received offer_received offer_received offer_received', 'on another day it is');
select pg_temp.news('anna');
select tests.as_member('anna', format('select public.decline_offer(%L)', pg_temp.id('cem')));
select is(pg_temp.news('cem'), 'Angebot abgelehnt | Bei „Mow the lawn“ wird deine Hilfe nicht gebraucht. Danke für dein Angebot! | Offer declined | Your help with “Mow the lawn” is not needed. Thank you for offering!', 'offer_declined');
select tests.as_member('anna', format('select public.accept_offer(%L)', pg_temp.id('ben')));
select is(pg_temp.news('ben'), 'Angebot angenommen | Anna freut sich auf deine Hilfe bei „Mow the lawn“. | Offer accepted | Anna is looking forward to your help with “Mow the lawn”.', 'offer_accepted');
select is(pg_temp.news('dora'), 'Nicht mehr zu haben | „Mow the lawn“ ist vergeben oder beendet. Danke für dein Angebot! | No longer available | “Mow the lawn” was given to somebody else or has ended. Thank you for offering!', 'offer_not_chosen');
select is(pg_temp.inbox('cem'), 'offer_declined', 'who was declined before is not told again');
select tests.send_message('anna', pg_temp.id('dora'), 'Next time!');
select is(pg_temp.news('dora'), 'Neue Nachricht | Anna hat dir zu „Mow the lawn“ geschrieben. | New message | Anna wrote to you about “Mow the lawn”.', 'message_received, without its words');
select tests.as_member('ben', format('select public.request_phone_number(%L)', pg_temp.id('mow')));
select tests.as_member('ben', format('select public.request_phone_number(%L)', pg_temp.id('mow')));
select is(pg_temp.news('anna'), 'Frage nach deiner Telefonnummer | Ben möchte dich wegen „Mow the lawn“ anrufen können. Magst du deine Telefonnummer zeigen?'
  || ' | Asked for your phone number | Ben would like to call you about “Mow the lawn”. Would you like to show your phone number?', 'phone_number_requested, once');
select tests.as_member('anna', $$ select public.update_contact(phone_number => '+49 30 1') $$);
select tests.as_member('anna', format('select public.share_phone_number(%L)', pg_temp.id('mow')));
select tests.as_member('anna', format('select public.share_phone_number(%L)', pg_temp.id('mow')));
select is(pg_temp.news('ben'), 'Telefonnummer zu sehen | Anna zeigt dir für „Mow the lawn“ die Telefonnummer. | Phone number shown | Anna shows you the phone number for “Mow the lawn”.', 'phone_number_shared, once');
select tests.as_member('ben', format('select public.reveal_task_contact(%L)', pg_temp.id('mow')));
select is(pg_temp.news('anna'), null, 'a look is noted, and no news');
select is((select x.body_de from public.notifications n, private.notification_texts(n) x where n.type = 'phone_number_requested' and n.user_id = tests.get_supabase_uid('anna')),
  'Ben hat wegen „Mow the lawn“ nach deiner Telefonnummer gefragt.', 'a question that was answered is past');
select tests.as_member('ben', format('select public.start_task(%L)', pg_temp.id('mow')));
select is(pg_temp.news('anna'), 'Es geht los | Ben hat mit „Mow the lawn“ begonnen. | Work has started | Ben has started “Mow the lawn”.', 'task_started');
select tests.as_member('ben', format('select public.finish_task(%L)', pg_temp.id('mow')));
select is(pg_temp.news('anna'), 'Erledigt – bitte bestätigen | Ben ist mit „Mow the lawn“ fertig. Bestätige es, damit die 25 Punkte ankommen. | Done – please confirm | Ben has finished “Mow the lawn”. Confirm it so that the 25 points arrive.', 'task_finished');
select tests.as_member('anna', format('select public.reject_completion(%L, ''The edges.'')', pg_temp.id('mow')));
select is(pg_temp.news('ben'), 'Noch nicht fertig | Anna meint, dass bei „Mow the lawn“ noch etwas fehlt. | Not done yet | Anna says that something is still missing in “Mow the lawn”.', 'completion_rejected');
select tests.as_member('ben', format('select public.finish_task(%L)', pg_temp.id('mow')));
select tests.as_member('ben', format('select public.finish_task(%L)', pg_temp.id('mow')));
select is(pg_temp.inbox('anna'), 'offer_received offer_received offer_received offer_received phone_number_requested task_started task_finished task_finished', 'finished once more; a repeated call is no news');
select pg_temp.news('anna');
select tests.as_member('anna', format('select public.confirm_task(%L)', pg_temp.id('mow')));
select tests.as_member('anna', format('select public.confirm_task(%L)', pg_temp.id('mow')));
select is(pg_temp.news('ben'), 'Punkte erhalten | Für „Mow the lawn“ hast du 25 Punkte bekommen. Danke für deine Hilfe! | Points received | You received 25 points for “Mow the lawn”. Thank you for your help!', 'task_confirmed, once');
select is(pg_temp.news('anna'), null, 'who confirmed is not told of it');
select tests.rate_task('ben', pg_temp.id('mow'), 4);
select is(pg_temp.inbox('anna') || pg_temp.inbox('ben'), replace(pg_temp.inbox('anna') || pg_temp.inbox('ben'), 'rating', ''), 'a hidden rating tells nobody');
select tests.rate_task('anna', pg_temp.id('mow'), 5);
select is(pg_temp.news('anna'), 'Neue Bewertung | Ben hat dich für „Mow the lawn“ mit 4 von 5 Sternen bewertet. | New rating | Ben rated you 4 out of 5 stars for “Mow the lawn”.', 'rating_received, once both have rated');
select is(pg_temp.news('ben'), 'Neue Bewertung | Anna hat dich für „Mow the lawn“ mit 5 von 5 Sternen bewertet. | New rating | Anna rated you 5 out of 5 stars for “Mow the lawn”.', 'for both');
select tests.rate_task('ben', pg_temp.id('mow'), 4);
select is(pg_temp.news('anna'), null, 'the same rating again is no news');
update public.ratings set score = 3 where ratee_id = tests.get_supabase_uid('anna');
select is((select x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'rating_received' and n.user_id = tests.get_supabase_uid('anna')),
  'Ben rated you 3 out of 5 stars for “Mow the lawn”.', 'and should an admin change it, the text follows');

-- how else a task can end
insert into t values ('released', tests.task_in('assigned', 'anna', 'ben'));
select pg_temp.news('anna'), pg_temp.news('ben');
insert into t values ('passed over', tests.post_task('anna'));
select tests.as_member('ben', format('select public.release_task(%L)', pg_temp.id('released')));
select is(pg_temp.news('anna'), 'Aufgabe wieder offen | Ben hat „Mow the lawn“ abgegeben. Die Aufgabe ist wieder offen. | Task open again | Ben has stepped back from “Mow the lawn”. The task is open again.', 'task_released');
insert into t values ('two', tests.post_task('anna'));
insert into t values ('two by ben', tests.offer_help('ben', pg_temp.id('two'))), ('two by dora', tests.offer_help('dora', pg_temp.id('two')));
select tests.as_member('anna', format('select public.accept_offer(%L)', pg_temp.id('two by ben')));
select pg_temp.news('anna'), pg_temp.news('ben'), pg_temp.news('dora');
select tests.as_member('ben', format('select public.release_task(%L)', pg_temp.id('two')));
select is((select status from public.task_offers where id = pg_temp.id('two by dora')), 'pending', 'an offer that was passed over comes back');
select is((select count(*)::int from public.notifications where offer_id = pg_temp.id('two by dora') and type = 'offer_received'), 1, 'which is no new offer');
select is(pg_temp.news('dora'), 'Dein Angebot gilt wieder | „Mow the lawn“ ist wieder offen, und dein Angebot gilt wieder. Zieh es zurück, wenn du nicht mehr kannst. | Your offer counts again | “Mow the lawn” is open again, and so is your offer. Take it back if you no longer can.', 'offer_revived');
insert into t values ('missed', tests.task_in('assigned', 'anna', 'ben')), ('given up', tests.task_in('in_progress', 'anna', 'ben'));
select pg_temp.news('anna'), pg_temp.news('ben');
update private.tasks_under_way set expected_at = now() - interval '30 days' where task_id in (pg_temp.id('missed'), pg_temp.id('given up'));
select tests.as_member('anna', format('select public.replace_helper(%L, ''Weeks ago.'')', pg_temp.id('given up')));
select is(pg_temp.news('ben'), 'Du wirst nicht mehr erwartet | Anna sucht für „Mow the lawn“ jemand anderen. | You are no longer expected | Anna is looking for somebody else for “Mow the lawn”.', 'helper_replaced');
select tests.as_member('anna', format('select public.replace_helper(%L, ''Nobody came.'')', pg_temp.id('missed')));
select is(pg_temp.news('ben'), 'Nicht gekommen? | Anna sucht für „Mow the lawn“ jemand anderen, weil von dir nichts kam. Das zählt. Stimmt es nicht, kannst du einmal widersprechen. | Did you not come? | Anna is looking for somebody else for “Mow the lawn”, because nothing came from you. This counts. If it is wrong, you can contest it once.', 'no_show_recorded, instead of that');
select ops.decide_no_show(l.id, 'upheld', 'Seen.') from public.lapses l where l.task_id = pg_temp.id('missed');
select is(pg_temp.news('ben'), 'Es bleibt dabei | Dass du zu „Mow the lawn“ nicht gekommen bist, zählt nach unserer Prüfung weiter. | It stands | We have looked into it: that you did not come to “Mow the lawn” still counts.', 'no_show_upheld');
select ops.decide_no_show(l.id, 'withdrawn', 'Seen anew.') from public.lapses l where l.task_id = pg_temp.id('missed');
select is(pg_temp.news('ben'), 'Es zählt nicht mehr | Dass du zu „Mow the lawn“ nicht gekommen sein sollst, zählt nicht mehr. | It no longer counts | That you did not come to “Mow the lawn” no longer counts.', 'no_show_withdrawn');
select is(pg_temp.news('anna'), null, 'the creator is not told of what she did, nor of what is decided');
insert into t values ('cancelled', tests.task_in('cancelled', 'cem', 'dora'));
select is(pg_temp.inbox('dora'), 'offer_not_chosen message_received offer_not_chosen offer_revived offer_accepted task_cancelled', 'task_cancelled');
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_cancelled' and n.task_id = pg_temp.id('cancelled')),
  'Cem hat „Mow the lawn“ abgesagt. Cem has called off “Mow the lawn”.', 'in words');
select tests.as_member('anna', format('select public.cancel_task(%L)', pg_temp.id('passed over')));
select is_empty($$ select * from public.notifications where task_id = pg_temp.id('passed over') $$, 'a task without helper and offers ends in silence');
select pg_temp.news('anna'), pg_temp.news('ben');
insert into t values ('silent', tests.task_in('pending_confirmation', 'anna', 'ben'));
select pg_temp.news('anna'), pg_temp.news('ben');
select private.complete_task(pg_temp.id('silent'), null);
select is(pg_temp.news('anna'), 'Von selbst bestätigt | „Mow the lawn“ wurde ohne deine Antwort bestätigt, weil die Frist vorbei war. | Confirmed by itself | “Mow the lawn” was confirmed without your answer because the deadline had passed.', 'task_auto_confirmed');
select is(pg_temp.news('ben'), 'Punkte erhalten | Für „Mow the lawn“ hast du 10 Punkte bekommen. Danke für deine Hilfe! | Points received | You received 10 points for “Mow the lawn”. Thank you for your help!', 'and the helper');
insert into t values ('expired', tests.task_in('expired', 'anna', 'ben'));
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_expired' and n.task_id = pg_temp.id('expired')),
  'Für „Mow the lawn“ hat sich bis zum Ablauf nichts ergeben. Du kannst die Aufgabe neu einstellen. Nothing came of “Mow the lawn” before it ended. You can post it again.', 'task_expired');
select is((select count(*)::int from public.notifications where task_id = pg_temp.id('expired') and user_id = tests.get_supabase_uid('ben') and type = 'offer_not_chosen'), 1, 'and whoever had offered');

-- a task that is changed after somebody has offered
create function pg_temp.change(arguments text) returns void language sql as $$ select tests.as_member('anna', format('select public.update_task(%L, %s)', pg_temp.id('changed'), arguments)) $$;
insert into t values ('changed', tests.post_task('anna'));
insert into t values ('change for ben', tests.offer_help('ben', pg_temp.id('changed'))), ('change for dora', tests.offer_help('dora', pg_temp.id('changed'))), ('change for cem', tests.offer_help('cem', pg_temp.id('changed')));
select tests.as_member('cem', format('select public.withdraw_offer(%L)', pg_temp.id('change for cem')));
select pg_temp.news('anna'), pg_temp.news('ben'), pg_temp.news('cem'), pg_temp.news('dora');
select pg_temp.change('points_reward => 12');
select pg_temp.change($$ metadata => '{"door": "left"}' $$);
select is(pg_temp.news('ben'), null, 'a higher reward is no reason to ask again');
select pg_temp.change($$ title => 'Mow the front lawn', starts_at => tests.iso(now() + interval '2 days'), points_reward => 13 $$);
select is(pg_temp.news('ben'), 'Aufgabe geändert | „Mow the front lawn“ wurde geändert: Punkte, Titel, Zeit. Möchtest du noch helfen? Dann erneuere dein Angebot.'
  || ' | Task changed | “Mow the front lawn” was changed: points, time, title. Would you still like to help? Then renew your offer.', 'task_changed');
select is(pg_temp.inbox('dora'), replace(pg_temp.inbox('dora') || ' task_changed', ' task_changed task_changed', ' task_changed'), 'for everybody who has offered');
select is(pg_temp.news('cem'), null, 'but nobody whose offer is no more');
select pg_temp.change($$ latitude => -48.9, longitude => -123.3933, title => 'Mow the lawn' $$);
select is(pg_temp.news('ben'), null, 'told once, however often it changes');
select is((select x.body_de || ' ' || x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_changed' and n.offer_id = pg_temp.id('change for ben')),
  '„Mow the lawn“ wurde geändert: Ort, Punkte, Titel, Zeit. Möchtest du noch helfen? Dann erneuere dein Angebot. “Mow the lawn” was changed: place, points, time, title. Would you still like to help? Then renew your offer.',
  'with all that changed since the offer, counted when it is read');
select tests.as_member('ben', format('select public.renew_offer(%L)', pg_temp.id('change for ben')));
select is(pg_temp.news('anna'), 'Angebot erneuert | Ben möchte dir bei „Mow the lawn“ auch nach der Änderung helfen. | Offer renewed | Ben would like to help you with “Mow the lawn” after the change, too.', 'offer_renewed');
select is((select x.body_en from public.notifications n, private.notification_texts(n) x where n.type = 'task_changed' and n.offer_id = pg_temp.id('change for ben')),
  '“Mow the lawn” was changed after you had offered help.', 'which ends the first news');
select pg_temp.change($$ is_flexible => true $$);
select is(pg_temp.news('ben'), 'Aufgabe geändert | „Mow the lawn“ wurde geändert: Zeit. Möchtest du noch helfen? Dann erneuere dein Angebot.'
  || ' | Task changed | “Mow the lawn” was changed: time. Would you still like to help? Then renew your offer.', 'of what changes after that, whoever renewed is told again');
select is((select count(*)::int from public.notifications where type = 'task_changed' and offer_id = pg_temp.id('change for dora')), 1, 'nobody else is');
delete from public.notifications where type = 'task_changed' and offer_id = pg_temp.id('change for ben');
select tests.as_member('ben', format('select public.renew_offer(%L)', pg_temp.id('change for ben')));
update public.tasks set description = 'In Studio' where id = pg_temp.id('changed');
select is(pg_temp.news('ben'), 'Aufgabe geändert | „Mow the lawn“ wurde geändert: Angaben. Möchtest du noch helfen? Dann erneuere dein Angebot.'
  || ' | Task changed | “Mow the lawn” was changed: details. Would you still like to help? Then renew your offer.', 'also of an edit in Studio');

-- redemptions
select tests.create_partner('bakery');
insert into private.partner_connections (partner_id, url, secret) values (tests.partner('bakery'), null, 'sealed');
create temporary table w as select tests.create_reward('bakery', '{"code_source": "partner_api", "title_de": "Ein Brot", "title_en": "A loaf", "points_cost": 7}') as asked,
  tests.create_reward('bakery', '{"title_de": "Ein Brot", "title_en": "A loaf", "points_cost": 7, "return_days": 5}') as made;
insert into t select x, tests.redeem('cem', asked) from w, unnest('{failed,prompt,late}'::text[]) x;
insert into t select x, tests.redeem('cem', made) from w, unnest('{returned,cancelled by partner,ended}'::text[]) x;
select pg_temp.news('cem');
select tests.as_service_role(format('select public.record_partner_refusal(%L, ''no'')', pg_temp.id('failed')));
select is(pg_temp.news('cem'), 'Einlösung fehlgeschlagen | Für „Ein Brot“ gab es keinen Code. Deine 7 Punkte sind zurück. | Redemption failed | There was no code for “A loaf”. Your 7 points are back.', 'redemption_failed');
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''x'')', pg_temp.id('prompt'), tests.hash_of('prompt')));
select is(pg_temp.news('cem'), null, 'a code that comes at once is no news: the app shows it');
update public.redemptions set redeemed_at = now() - interval '2 minutes' where id = pg_temp.id('late');
select tests.as_service_role(format('select public.record_partner_code(%L, %L, ''x'')', pg_temp.id('late'), tests.hash_of('late')));
select is(pg_temp.news('cem'), 'Dein Code ist da | Der Code für „Ein Brot“ ist angekommen. | Your code is here | The code for “A loaf” has arrived.', 'code_ready');
select tests.as_service_role(format('select public.return_redemption(%L, %L)', tests.get_supabase_uid('cem'), pg_temp.id('returned')));
select is(pg_temp.news('cem'), null, 'who gives a code back is not told of it');
select tests.as_service_role(format('select public.cancel_redemption(%L, %L)', tests.create_api_key('bakery'), pg_temp.id('cancelled by partner')));
select is(pg_temp.news('cem'), 'Einlösung storniert | Der Partner hat „Ein Brot“ storniert. | Redemption cancelled | The partner has cancelled “A loaf”.', 'redemption_cancelled');
select private.end_redemption(r, 'expired', null, 0) from public.redemptions r where r.id = pg_temp.id('ended');
select is(pg_temp.news('cem'), 'Code abgelaufen | Der Code für „Ein Brot“ ist abgelaufen. | Code has ended | The code for “A loaf” has ended.', 'code_expired');

-- the transaction of the event: what did not happen is not told
create function pg_temp.fail() returns trigger language plpgsql as $$ begin raise exception 'planted'; end $$;
insert into t values ('fails', tests.task_in('in_progress', 'anna', 'ben'));
create trigger planted after insert on public.notifications for each row execute function pg_temp.fail();
select tests.authenticate_as('ben');
select throws_ok(format('select public.finish_task(%L)', (select id from t where name = 'fails')), 'P0001', 'planted', 'telling is part of the command');
select tests.reset_authentication();
drop trigger planted on public.notifications;
select is((select status from public.tasks where id = pg_temp.id('fails')), 'in_progress', 'so neither happened');

-- the catalogue knows them all
select is_empty('select n.type from public.notifications n except select t.type from public.notification_types t', 'everything told is in the catalogue');
select results_eq(
  $$ select t.type::text from public.notification_types t except select n.type from public.notifications n where n.task_id in (select id from t) or n.redemption_id in (select id from t) order by 1 $$,
  array['code_expires_soon', 'confirmation_reminder', 'start_overdue', 'start_reminder', 'task_expires_soon', 'task_starts_soon', 'task_unended'], 'and everything in the catalogue was told here, but the reminders');
select results_eq($$ select distinct n.actor_id from public.notifications n where n.task_id = pg_temp.id('silent') and n.type like '%confirmed' $$, array[null::uuid], 'the deadline has no name');
select is_empty($$ select * from public.notifications n where n.actor_id = n.user_id $$, 'nobody is told of what they did');

select * from finish();
rollback;
