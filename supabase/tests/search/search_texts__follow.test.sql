-- The projections of the search follow every change, the audit sees when they do not, and the rebuild mends it.
begin;
select plan(39);
select tests.use_default_settings();
select tests.create_supabase_users('anna', 'ben');
delete from private.task_texts;
delete from private.place_texts;
select private.fill_search();
create temporary table t as select tests.post_task('anna', 1, 'Mow the lawn') as id;
grant select on t to authenticated;
create function pg_temp.right(description text) returns text language sql as $$ select extensions.is_empty('select * from ops.audit_search()', description) $$;
create function pg_temp.found(query text) returns boolean language sql as $$ select exists (select from private.task_texts e where e.task_id = (select id from t) and e.terms @@ query::tsquery) $$;
select pg_temp.right('a posted task');
select ok(pg_temp.found('lawn:A & hours:B'), 'is there with its words');

-- edited by its creator
select tests.authenticate_as('anna');
select public.update_task((select id from t), title => 'Paint a fence');
select tests.reset_authentication();
select ok(pg_temp.found('fence & !lawn'), 'another title');
select tests.authenticate_as('anna');
select public.update_task((select id from t), description => 'With a brush.');
select tests.reset_authentication();
select ok(pg_temp.found('brush & !hours'), 'another description');
select tests.authenticate_as('anna');
select public.update_task((select id from t), category => 'technik', latitude => -48.5, longitude => -123.2, expires_at => tests.iso(now() + interval '1 day'));
select tests.reset_authentication();
select pg_temp.right('another category, place and deadline');
select is((select e.category from private.task_texts e join t on t.id = e.task_id), 'technik', 'it is really there');

-- by an admin in Studio
update public.tasks set title = 'Hang up lamps', category = 'handwerk' where id = (select id from t);
select pg_temp.right('title and category at once');
select ok(pg_temp.found('lamps'), 'it is really there');
update public.categories set slug = 'pgtap-handwerk' where slug = 'handwerk';
select pg_temp.right('a category with another name');
insert into public.neighbourhoods (slug, name, area) values ('pgtap', 'Here', extensions.st_multi(extensions.st_makeenvelope(-123.3, -48.6, -123.1, -48.4, 4326)));
select pg_temp.right('a neighbourhood drawn around it');
select isnt((select e.neighbourhood_id from private.task_texts e join t on t.id = e.task_id), null, 'it is really there');
update public.neighbourhoods set area = extensions.st_multi(extensions.st_makeenvelope(0, 0, 1, 1, 4326)) where slug = 'pgtap';
select pg_temp.right('redrawn elsewhere');
delete from public.neighbourhoods where slug = 'pgtap';
select pg_temp.right('removed');

-- its life
select ops.ban_user(tests.get_supabase_uid('anna'), 'test');
select ok(not exists (select from private.task_texts e join t on t.id = e.task_id), 'gone while its creator is banned');
update public.tasks set title = 'Hang up two lamps' where id = (select id from t);
select ops.unban_user(tests.get_supabase_uid('anna'));
select ok(pg_temp.found('two & lamps'), 'back afterwards, with what was edited meanwhile');
select tests.offer_help('ben', id) from t;
select tests.authenticate_as('anna');
select public.accept_offer(tests.offer_on((select id from t), 'ben'));
select tests.reset_authentication();
select ok(not exists (select from private.task_texts e join t on t.id = e.task_id), 'gone when a helper is accepted');
update public.tasks set title = 'Hang up three lamps' where id = (select id from t);
select tests.authenticate_as('ben');
select public.release_task((select id from t));
select tests.reset_authentication();
select ok(pg_temp.found('three & lamps'), 'back when the helper steps back');
select pg_temp.right('after all that');
delete from auth.users where id = tests.get_supabase_uid('anna');
select ok(not exists (select from private.task_texts e where e.creator_id = tests.get_supabase_uid('anna')), 'erasing the member takes it away for good');

-- places
insert into public.places (id, name, latitude, longitude, source) values (tests.get_supabase_uid('place'), 'Library', 0.5, 0.5, 'community');
create function pg_temp.place_found(query text) returns boolean language sql as $$ select exists (select from private.place_texts e where e.place_id = tests.get_supabase_uid('place') and e.terms @@ query::tsquery) $$;
select ok(pg_temp.place_found('library'), 'a new place is there');
update public.places set name = 'Book shop', category = 'shop', types = '{antiquarian}', description = 'Old maps', address = 'Sea Lane 1' where id = tests.get_supabase_uid('place');
select ok(pg_temp.place_found('book & shop:A & antiquarian:A & maps:B & sea:B & !library'), 'with what was changed');
insert into public.neighbourhoods (slug, name, area) values ('pgtap-place', 'There', extensions.st_multi(extensions.st_makeenvelope(0, 0, 1, 1, 4326)));
select is((select e.neighbourhood_id from private.place_texts e where e.place_id = tests.get_supabase_uid('place')), (select id from public.neighbourhoods where slug = 'pgtap-place'), 'and its neighbourhood');
update public.places set latitude = 2 where id = tests.get_supabase_uid('place');
select is((select e.neighbourhood_id from private.place_texts e where e.place_id = tests.get_supabase_uid('place')), null, 'which it leaves when it moves');
update public.places set latitude = 0.5 where id = tests.get_supabase_uid('place');
delete from public.neighbourhoods where slug = 'pgtap-place';
select pg_temp.right('after all that');
update public.places set rating_average = 4, rating_count = 1 where id = tests.get_supabase_uid('place');
select pg_temp.right('a review changes nothing here');

-- the audit sees each of these
create temporary table u as select tests.post_task('ben', 1, 'Walk the dog') as id;
create function pg_temp.problem(change text)
returns text
language plpgsql
as $$
declare
  v_problem text;
begin
  begin
    execute change;
    select string_agg(a.problem, ',') into v_problem from ops.audit_search() a;
    raise exception 'undo';
  exception when raise_exception then
    return v_problem;
  end;
end $$;
select is(pg_temp.problem(change), problem, format('the audit sees: %s', change))
from (values
  ('delete from private.task_texts where task_id = (select id from u)', 'listed_task_not_searched'),
  ('alter table private.open_tasks disable trigger open_tasks_are_searched; delete from private.open_tasks where task_id = (select id from u)', 'searched_task_not_listed'),
  ('update private.task_texts set terms = ''cat:1'' where task_id = (select id from u)', 'searched_task_differs'),
  ('update private.task_texts set title = ''cat'' where task_id = (select id from u)', 'searched_task_differs'),
  ('update private.task_texts set creator_id = gen_random_uuid() where task_id = (select id from u)', 'searched_task_differs'),
  ('update private.task_texts set expires_at = now() where task_id = (select id from u)', 'searched_task_differs'),
  ('update private.task_texts set position = point(0, 0) where task_id = (select id from u)', 'searched_task_differs'),
  ('delete from private.place_texts where place_id = tests.get_supabase_uid(''place'')', 'place_not_searched'),
  ('insert into private.place_texts select gen_random_uuid(), category, position, square, null, title, terms from private.place_texts where place_id = tests.get_supabase_uid(''place'')', 'searched_place_not_active'),
  ('update private.place_texts set category = ''cafe'' where place_id = tests.get_supabase_uid(''place'')', 'searched_place_differs'),
  ('update private.place_texts set terms = ''cat:1'' where place_id = tests.get_supabase_uid(''place'')', 'searched_place_differs'),
  ('update private.place_texts set square = 0 where place_id = tests.get_supabase_uid(''place'')', 'searched_place_differs')) c (change, problem);

-- and the rebuild mends them
update private.task_texts set terms = '' where task_id = (select id from u);
delete from private.place_texts;
select tests.authenticate_as_service_role();
select is(ops.rebuild_search(), (select count(*)::integer from public.tasks t join public.users c on c.id = t.creator_id where t.status = 'open' and not c.is_banned)
  + (select count(*)::integer from public.places p where p.is_active and (p.partner_id is null or exists (select from public.partners r where r.id = p.partner_id and r.is_active))), 'the rebuild counts what it wrote');
select tests.reset_authentication();
select pg_temp.right('and leaves nothing to find');

select * from finish();
rollback;
