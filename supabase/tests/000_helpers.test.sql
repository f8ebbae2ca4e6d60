-- Helpers of all pgTAP files, created for good in the schema tests: every file runs in a session of its own.
-- Running this file again replaces them. They leave no data behind, only functions.
begin;

create extension if not exists pgtap with schema extensions;
drop schema if exists tests cascade;
create schema tests;
comment on schema tests is 'Helpers of the pgTAP tests (supabase/tests/000_helpers.test.sql); not part of the product.';

-- Actors ----------------------------------------------------------------------------------------------------------------

create function tests.get_supabase_uid(identifier text)
returns uuid
language sql immutable
as $$ select pg_catalog.md5('neighbourhood tests: ' || identifier)::uuid $$;
comment on function tests.get_supabase_uid(text) is 'Id of a test member; the same name always has the same id.';

create function tests.create_supabase_user(identifier text, email text default null, phone text default null, metadata jsonb default null)
returns uuid
language plpgsql
as $$
declare
  v_id uuid := tests.get_supabase_uid(identifier);
begin
  insert into auth.users (id, email, email_confirmed_at, phone, raw_user_meta_data)
  values (v_id, coalesce(email, identifier || '@pgtap.example.test'), now(), phone, coalesce(metadata, pg_catalog.jsonb_build_object('name', pg_catalog.initcap(identifier))));
  update public.users u set created_at = now() - interval '1 year' where u.id = v_id;
  return v_id;
end $$;
comment on function tests.create_supabase_user(text, text, text, jsonb) is
  'Signs a test member up, with a confirmed e-mail address and a year ago: the sign-up trigger creates the rows of the product.';

create function tests.create_supabase_users(variadic identifiers text[])
returns void
language sql
as $$ select tests.create_supabase_user(i) from pg_catalog.unnest(identifiers) i $$;
comment on function tests.create_supabase_users(text[]) is 'Signs several test members up.';

-- Roles: really the role, so that grants and row level security apply. The test starts as the owner of the product's
-- objects, whom neither binds.

create function tests.act_as(role_name text, claims jsonb)
returns void
language plpgsql
as $$
begin
  perform pg_catalog.set_config('role', role_name, true);
  perform pg_catalog.set_config('request.jwt.claims', coalesce(claims::text, ''), true);
end $$;
comment on function tests.act_as(text, jsonb) is 'Becomes a role with a token''s claims until the end of the transaction, as the API does.';

create function tests.authenticate_as(identifier text)
returns void
language sql
as $$
  select tests.act_as('authenticated', pg_catalog.jsonb_build_object('sub', tests.get_supabase_uid(identifier), 'role', 'authenticated'))
$$;
comment on function tests.authenticate_as(text) is 'Acts as a signed-in member.';

create function tests.authenticate_as_service_role()
returns void
language sql
as $$ select tests.act_as('service_role', '{"role": "service_role"}') $$;
comment on function tests.authenticate_as_service_role() is 'Acts as the secret key does.';

create function tests.clear_authentication()
returns void
language sql
as $$ select tests.act_as('anon', null) $$;
comment on function tests.clear_authentication() is 'Acts as somebody who is not signed in.';

create function tests.reset_authentication()
returns void
language plpgsql
as $$
begin
  reset role;
  perform pg_catalog.set_config('request.jwt.claims', '', true);
end $$;
comment on function tests.reset_authentication() is 'Acts as the owner again, who is bound by triggers and constraints only.';

-- Assertions ------------------------------------------------------------------------------------------------------------

create function tests.error_of(command text)
returns text
language plpgsql
as $$
declare
  v_code    text;
  v_message text;
  v_detail  text;
begin
  execute command;
  return 'no error';
exception when others then
  get stacked diagnostics v_code = returned_sqlstate, v_message = message_text, v_detail = pg_exception_detail;
  return v_code || ' ' || v_message || coalesce(' (' || nullif(v_detail, '') || ')', '');
end $$;
comment on function tests.error_of(text) is 'What a command fails with, as "code slug (detail)", so that one test proves all three.';

create function tests.rls_enabled(schema_name text)
returns text
language sql
as $$
  select extensions.is_empty(
    pg_catalog.format('select c.oid::regclass from pg_class c where c.relnamespace = %L::regnamespace and c.relkind in (''r'', ''p'') and not c.relrowsecurity', schema_name),
    'row level security is on for every table in ' || schema_name)
$$;
comment on function tests.rls_enabled(text) is 'Asserts that row level security is on for every table of a schema.';

create function tests.books_are_right(description text default 'the audits find nothing')
returns text
language sql
as $$
  select extensions.is_empty('select * from ops.audit_books() union all select * from ops.audit_tasks() union all select * from ops.audit_recommendations() union all select * from ops.audit_ratings() union all select * from ops.audit_messages()
    union all select * from ops.audit_erasure()', description)
$$;
comment on function tests.books_are_right(text) is 'Asserts that the books, the projections of the tasks, the counters of the ratings and of conversations are right, and nothing is left of members who were erased.';

-- Fixtures, called as the owner; they go through the same door as members do ---------------------------------------------

create function tests.use_default_settings()
returns void
language plpgsql
as $$
begin
  execute (
    select format('update private.settings set %s where is_singleton', string_agg(format('%I = default', a.attname), ', '))
    from pg_attribute a where a.attrelid = 'private.settings'::regclass and a.attnum > 0 and not a.attisdropped);
  perform tests.live_by(private.default_time_zone());
end $$;
comment on function tests.use_default_settings() is 'Makes a test independent of the settings of the database it runs on.';

create function tests.run_jobs(room text, as_of timestamptz, batch integer)
returns table (job text, processed integer, failed integer)
language plpgsql
as $$
begin
  for job in select j.job from private.jobs j where j.room = run_jobs.room and j.runs_in = 'database' order by j.step loop
    execute format('select r.processed, r.failed from private.%I($1, $2) r', job) into processed, failed using as_of, batch;
    return next;
  end loop;
end $$;
comment on function tests.run_jobs(text, timestamptz, integer) is 'Does the jobs of one room as of a moment; one that fails fails the test.';

create function tests.live_by(time_zone text)
returns void
language plpgsql
as $$
begin
  update private.settings s set time_zone = live_by.time_zone where s.is_singleton;
  delete from private.community_clocks where since > '-infinity';
  update private.community_clocks c set time_zone = live_by.time_zone where c.since = '-infinity';
end $$;
comment on function tests.live_by(text) is 'Gives the community the clock of a time zone, as if it had always had it.';

create function tests.change_clock(time_zone text, since timestamptz)
returns void
language sql
as $$
  insert into private.community_clocks (since, time_zone, first_day)
  values (change_clock.since, change_clock.time_zone, private.community_day(change_clock.since)) $$;
comment on function tests.change_clock(text, timestamptz) is 'What private.change_clock() would have noted, had the setting changed at another moment.';

create function tests.iso(moment timestamptz)
returns text
language sql stable
as $$ select pg_catalog.to_json(moment) #>> '{}' $$;
comment on function tests.iso(timestamptz) is 'A moment as clients send it: ISO 8601 with its offset.';

create function tests.post_task(creator text, points_reward integer default 10, title text default 'Mow the lawn',
  latitude double precision default -48.8767, longitude double precision default -123.3933, category text default 'garten', expires_at timestamptz default null)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform tests.authenticate_as(creator);
  select t.id into v_id
  from public.create_task(title, 'About two hours.', category, latitude, longitude, points_reward, 'Sea Lane 1', '{}', tests.iso(expires_at)) t;
  perform tests.reset_authentication();
  return v_id;
end $$;
comment on function tests.post_task(text, integer, text, double precision, double precision, text, timestamptz) is
  'Posts a task, far from any demo data (the middle of the Pacific), and returns its id.';

create function tests.offer_help(helper text, task_id uuid)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform tests.authenticate_as(helper);
  select o.id into v_id from public.offer_help(task_id, 'I can come tomorrow.') o;
  perform tests.reset_authentication();
  return v_id;
end $$;
comment on function tests.offer_help(text, uuid) is 'Offers help and returns the offer''s id.';

create function tests.task_in(status text, creator text, helper text, points_reward integer default 10)
returns uuid
language plpgsql
as $$
declare
  v_path text[] := array['open', 'assigned', 'in_progress', 'pending_confirmation', 'completed', 'archived'];
  v_goal integer := coalesce(pg_catalog.array_position(v_path, status), case status when 'cancelled' then 2 when 'expired' then 1 end);
  v_task uuid := tests.post_task(creator, points_reward);
  v_offer uuid := tests.offer_help(helper, v_task);
begin
  if v_goal is null then raise exception 'there is no state %', status; end if;
  if v_goal >= 2 then perform tests.authenticate_as(creator); perform public.accept_offer(v_offer); end if;
  if v_goal >= 3 then perform tests.authenticate_as(helper); perform public.start_task(v_task); end if;
  if v_goal >= 4 then perform tests.authenticate_as(helper); perform public.finish_task(v_task); end if;
  if v_goal >= 5 then perform tests.authenticate_as(creator); perform public.confirm_task(v_task); end if;
  if status = 'cancelled' then perform tests.authenticate_as(creator); perform public.cancel_task(v_task); end if;
  perform tests.reset_authentication();
  if status = 'expired' then perform private.close_task(t, null, 'expired', null) from public.tasks t where t.id = v_task; end if;
  if status = 'archived' then update public.tasks t set status = 'archived' where t.id = v_task; end if;
  return v_task;
end $$;
comment on function tests.task_in(text, text, text, integer) is
  'A task in a state, with the helper''s offer on it: accepted from assigned on, also when cancelled; passed over when expired.';

create function tests.offer_on(task_id uuid, helper text)
returns uuid
language sql
as $$ select o.id from public.task_offers o where o.task_id = offer_on.task_id and o.helper_id = tests.get_supabase_uid(helper) $$;
comment on function tests.offer_on(uuid, text) is 'Id of a member''s offer on a task.';

create function tests.send_message(sender text, offer_id uuid, body text default 'Hello', idempotency_key uuid default gen_random_uuid())
returns bigint
language plpgsql
as $$
declare
  v_id bigint;
begin
  perform tests.authenticate_as(sender);
  select m.id into v_id from public.send_message(send_message.offer_id, send_message.body, send_message.idempotency_key) m;
  perform tests.reset_authentication();
  return v_id;
end $$;
comment on function tests.send_message(text, uuid, text, uuid) is 'Writes to the other side of an offer and returns the message''s id.';

create function tests.pass_deadline(task_id uuid)
returns void
language sql
as $$
  update public.tasks t set expires_at = now() where t.id = $1;
  update private.open_tasks o set expires_at = now() where o.task_id = $1;
$$;
comment on function tests.pass_deadline(uuid) is 'Lets an open task''s deadline be now, as if time had passed; the job has not come yet.';

create function tests.rate_task(rater text, task_id uuid, score integer, comment text default null)
returns uuid
language plpgsql
as $$
declare
  v_id uuid;
begin
  perform tests.authenticate_as(rater);
  select r.id into v_id from public.rate_task(task_id, score, comment) r;
  perform tests.reset_authentication();
  return v_id;
end $$;
comment on function tests.rate_task(text, uuid, integer, text) is 'Rates the other side of a task and returns the rating''s id.';

create function tests.create_partner(identifier text)
returns uuid
language sql
as $$
  insert into public.partners (id, name) values (tests.get_supabase_uid('partner ' || identifier), pg_catalog.initcap(identifier)) returning id
$$;
comment on function tests.create_partner(text) is 'Enters a partner, as an admin does in Studio; the same name always has the same id.';

create function tests.partner(identifier text)
returns uuid
language sql immutable
as $$ select tests.get_supabase_uid('partner ' || identifier) $$;
comment on function tests.partner(text) is 'Id of a test partner.';

create function tests.create_api_key(partner text, scopes text[] default null, is_sandbox boolean default false)
returns text
language sql
as $$
  select '\x' || pg_catalog.encode(pg_catalog.sha256(k.key::bytea), 'hex')
  from ops.create_partner_key(tests.partner(partner), 'Till',
    coalesce(scopes, case when is_sandbox then private.sandbox_scopes() else private.partner_scopes() end), is_sandbox => is_sandbox) k
$$;
comment on function tests.create_api_key(text, text[], boolean) is 'Makes an API key, by default with every scope, and returns its hash as the commands take it.';

create function tests.create_reward(partner text, fields jsonb default '{}', stock_total integer default null)
returns uuid
language plpgsql
as $$
declare
  v_id uuid := gen_random_uuid();
begin
  insert into public.rewards
  select r.* from pg_catalog.jsonb_populate_record(null::public.rewards, pg_catalog.jsonb_build_object(
    'id', v_id, 'partner_id', tests.partner(partner), 'title_de', 'Ein Brot', 'title_en', 'A loaf', 'points_cost', 10, 'discount_type', 'free_item',
    'valid_from', now(), 'code_source', 'generated', 'code_valid_days', 90, 'return_days', 0, 'expiry_refund_percent', 0, 'is_limited', false, 'is_active', true,
    'created_at', now(), 'updated_at', now()) || fields) r;
  if stock_total is not null then
    insert into public.reward_stocks (reward_id, total) values (v_id, stock_total);
  end if;
  return v_id;
end $$;
comment on function tests.create_reward(text, jsonb, integer) is
  'Enters a reward, as an admin does in Studio, and returns its id: a loaf for 10 points, unless the fields say otherwise; unlimited without stock_total.';

create function tests.hash_of(code text)
returns text
language sql immutable
as $$ select '\x' || pg_catalog.encode(pg_catalog.sha256(code::bytea), 'hex') $$;
comment on function tests.hash_of(text) is 'Stands for the HMAC that an edge function makes of a code.';

create function tests.fill_pool(reward_id uuid, variadic codes text[])
returns void
language sql
as $$
  insert into private.reward_codes (partner_id, reward_id, code_hash, ciphertext)
  select w.partner_id, w.id, tests.hash_of(c.code)::bytea, 'sealed ' || c.code
  from public.rewards w, pg_catalog.unnest(codes) with ordinality c (code, line) where w.id = fill_pool.reward_id order by c.line;
  update public.reward_stocks s set total = s.total + pg_catalog.cardinality(codes) where s.reward_id = fill_pool.reward_id;
$$;
comment on function tests.fill_pool(uuid, text[]) is 'Puts codes into the pool of a reward, sealed as "sealed <code>".';

create function tests.verify_email(variadic identifiers text[])
returns void
language sql
as $$ update auth.users u set email_confirmed_at = now() where u.id in (select tests.get_supabase_uid(i) from pg_catalog.unnest(identifiers) i) $$;
comment on function tests.verify_email(text[]) is 'Lets members confirm their e-mail addresses.';

create function tests.redeem(member text, reward_id uuid, code text default null)
returns uuid
language plpgsql
as $$
declare
  v_code text := coalesce(code, 'NH' || gen_random_uuid());
  v_cost integer := (select w.points_cost from public.rewards w where w.id = redeem.reward_id);
  v_id   uuid;
begin
  perform tests.verify_email(member), ops.adjust_points(tests.get_supabase_uid(member), v_cost, 'For a redemption.');
  perform tests.authenticate_as_service_role();
  v_id := public.begin_redemption(tests.get_supabase_uid(member), reward_id, v_cost, gen_random_uuid(), tests.hash_of(v_code), 'sealed ' || v_code)
    -> 'redemption' ->> 'id';
  perform tests.reset_authentication();
  return v_id;
end $$;
comment on function tests.redeem(text, uuid, text) is
  'Gives a member the points for a reward and redeems it: the code is the given one, from the pool, or still to come. Returns the id of the redemption.';

create function tests.as_member(member text, command text)
returns void
language plpgsql
as $$
begin
  perform tests.authenticate_as(member);
  execute command;
  perform tests.reset_authentication();
end $$;
comment on function tests.as_member(text, text) is 'Runs a command as a member.';

create function tests.as_service_role(command text)
returns jsonb
language plpgsql
as $$
declare
  v_answer jsonb;
begin
  perform tests.authenticate_as_service_role();
  execute command into v_answer;
  perform tests.reset_authentication();
  return v_answer;
end $$;
comment on function tests.as_service_role(text) is 'Calls a command as the edge functions do, and is the owner again.';

create function tests.prepare_storage()
returns void
language plpgsql
as $$
begin
  if pg_catalog.to_regclass('storage.objects') is null then
    execute $sql$
      create schema storage;
      grant usage on schema storage to anon, authenticated, service_role;
      create table storage.buckets (
        id text primary key, name text not null unique, owner uuid, created_at timestamptz default now(), updated_at timestamptz default now(),
        public boolean default false, avif_autodetection boolean default false, file_size_limit bigint, allowed_mime_types text[], owner_id text);
      create table storage.objects (
        id uuid primary key default gen_random_uuid(), bucket_id text references storage.buckets (id), name text, owner uuid,
        created_at timestamptz default now(), updated_at timestamptz default now(), last_accessed_at timestamptz default now(), metadata jsonb,
        path_tokens text[] generated always as (string_to_array(name, '/')) stored, version text, owner_id text, user_metadata jsonb);
      create unique index bucketid_objname on storage.objects (bucket_id, name);
      create index idx_objects_bucket_id_name on storage.objects (bucket_id, name collate "C");
      alter table storage.buckets enable row level security;
      alter table storage.objects enable row level security;
      grant all on storage.buckets, storage.objects to anon, authenticated, service_role;
    $sql$;
  end if;
  -- the Storage server's own tables refuse deletes that do not come from it
  perform pg_catalog.set_config('storage.allow_delete_query', 'true', true);
  perform ops.prepare_pictures();
end $$;
comment on function tests.prepare_storage() is
  'Gives the database the tables of Supabase Storage, with their rights, until the end of the transaction, and the product''s buckets and policies on them.';

create function tests.inbox(member text)
returns setof text
language sql
as $$ select n.type from public.notifications n where n.user_id = tests.get_supabase_uid(member) order by n.id $$;
comment on function tests.inbox(text) is 'What a member was told, oldest first, as types.';

create function tests.notify(member text, type text default 'task_confirmed', actor text default null)
returns bigint
language sql
as $$
  insert into public.notifications (user_id, type, actor_id) values (tests.get_supabase_uid(member), type, tests.get_supabase_uid(actor)) returning id
$$;
comment on function tests.notify(text, text, text) is 'Tells a member something, about nothing in particular, and returns its id.';

create function tests.clear_outbox()
returns void
language sql
as $$
  update public.notifications n set queued_at = now() where n.queued_at is null;
  delete from private.notification_deliveries;
$$;
comment on function tests.clear_outbox() is 'Leaves nothing to send of what happened so far.';

create function tests.prepare_realtime()
returns text
language plpgsql
as $$
begin
  if pg_catalog.to_regclass('realtime.messages') is null then
    execute $sql$
      create schema realtime;
      grant usage on schema realtime to anon, authenticated, service_role;
      create table realtime.messages (
        topic text not null, extension text not null, payload jsonb, event text, private boolean default false,
        updated_at timestamp not null default now(), inserted_at timestamp not null default now(), id uuid not null default gen_random_uuid(),
        primary key (id, inserted_at)) partition by range (inserted_at);
      create table realtime.messages_all partition of realtime.messages default;
      alter table realtime.messages enable row level security;
      grant select, insert, update on realtime.messages to anon, authenticated, service_role;
      create function realtime.topic() returns text language sql stable as $f$ select nullif(current_setting('realtime.topic', true), '')::text $f$;
      create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language plpgsql as $f$
      begin
        perform set_config('realtime.topic', topic, true);
        insert into realtime.messages (payload, event, topic, private, extension) values (payload, event, topic, private, 'broadcast');
      exception when others then
        raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
      end $f$;
      grant execute on all functions in schema realtime to public;
    $sql$;
  end if;
  return ops.prepare_realtime();
end $$;
comment on function tests.prepare_realtime() is
  'Gives the database the table and functions of Supabase Realtime, with their rights, until the end of the transaction, and the product''s policy and trigger.';

-- The catalogue ---------------------------------------------------------------------------------------------------------

create function tests.without_comment()
returns table (kind text, name text)
language sql stable
as $$
  with relations as (
    select c.oid, c.oid::regclass::text as name
    from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
      and c.relkind in ('r', 'p', 'v', 'm', 'f')
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
  select 'table', r.name from relations r where coalesce(obj_description(r.oid, 'pg_class'), '') = ''
  union all
  select 'column', r.name || '.' || a.attname
  from relations r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  where coalesce(col_description(r.oid, a.attnum), '') = '' and a.attname !~ '(^|_)(id|at)$'
    and a.attname not in ('category', 'latitude', 'longitude')
  union all
  select 'function', p.oid::regprocedure::text
  from pg_proc p
  where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'ops'::regnamespace)
    and coalesce(obj_description(p.oid, 'pg_proc'), '') = ''
    and not (p.pronamespace = 'private'::regnamespace and exists (
      select from pg_proc t where t.pronamespace = 'public'::regnamespace and t.proname = p.proname))
    and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
$$;
comment on function tests.without_comment() is
  'Tables, columns and functions that lack a comment. Columns that name themselves (id, …_id, …_at) need none, and a body whose twin of the same name in public is commented needs none either.';

-- The edges of the maps: where the plane that searches run on ends, or where a map of it does ----------------------------

create function tests.metres_between(latitude_a double precision, longitude_a double precision, latitude_b double precision, longitude_b double precision)
returns double precision
language sql immutable
as $$
  select 2 * 6371008.8 * asin(sqrt(least(1, sin(radians(latitude_b - latitude_a) / 2) ^ 2
    + cos(radians(latitude_a)) * cos(radians(latitude_b)) * sin(radians(longitude_b - longitude_a) / 2) ^ 2)))
$$;
comment on function tests.metres_between(double precision, double precision, double precision, double precision) is 'Distance on the sphere (haversine).';

create function tests.place_at(from_latitude double precision, from_longitude double precision, bearing double precision, metres double precision,
  out latitude double precision, out longitude double precision)
language sql immutable
as $$
  select degrees(asin(y.y)),
    (degrees(atan2(sin(radians(bearing)) * sin(d.angle) * cos(radians(from_latitude)), cos(d.angle) - sin(radians(from_latitude)) * y.y)) + from_longitude + 540)::numeric % 360 - 180
  from (select metres / 6371008.8 as angle) d
  cross join lateral (select greatest(-1, least(1, sin(radians(from_latitude)) * cos(d.angle) + cos(radians(from_latitude)) * sin(d.angle) * cos(radians(bearing)))) as y) y
$$;
comment on function tests.place_at(double precision, double precision, double precision, double precision) is 'Where one comes to on the sphere, so many metres in one direction.';

create function tests.edges()
returns table (edge text, latitude double precision, longitude double precision)
language sql immutable
as $$
  values ('date line, from the east', -16.85, 179.99::float8), ('date line, from the west', 52.1, -179.995), ('date line, exactly', 0, 180),
    ('north pole', 90, 0), ('near the north pole', 89.9, -77), ('near the south pole', -89.95, 120.5), ('Alert', 82.5, -62.35), ('Ny-Alesund', 78.92, 11.93),
    ('beyond 85 degrees', 85.02, -40), ('end of the belt, below', 66.98, 25), ('end of the belt, above', 67.3, 0), ('end of the belt, south', -67, -68),
    ('end of the belt at the date line', 66.9, -179.9)
$$;
comment on function tests.edges() is 'Places where a map of the plane ends, or once did.';

create function tests.around_edges(out edge text, out n integer, out latitude double precision, out longitude double precision)
returns setof record
language sql immutable
as $$
  select e.edge, row_number() over ()::integer, p.latitude, p.longitude
  from tests.edges() e
  cross join unnest('{900,4000,21000,44000}'::double precision[]) metres
  cross join generate_series(15, 359, 90) bearing
  cross join lateral tests.place_at(e.latitude, e.longitude, bearing, metres) p
$$;
comment on function tests.around_edges() is 'Places around every edge, in four directions and four distances.';

grant usage on schema tests to anon, authenticated, service_role;
grant execute on all functions in schema tests to anon, authenticated, service_role;

commit;

-- The helpers themselves: every other file relies on the roles being real ------------------------------------------------
begin;
select plan(13);

create temporary table owner as select current_user as name;
grant select on owner to public;
select tests.create_supabase_users('anna', 'ben');
select is((select name from public.users where id = tests.get_supabase_uid('anna')), 'Anna', 'a test member went through the sign-up trigger');

select tests.authenticate_as('anna');
select is(current_user::text, 'authenticated', 'authenticate_as: the role is authenticated');
select is(auth.uid(), tests.get_supabase_uid('anna'), 'authenticate_as: auth.uid() is the member');
select throws_ok('update public.users set name = ''x''', '42501', 'permission denied for table users', 'authenticate_as: grants apply');

select tests.authenticate_as('ben');
select is(auth.uid(), tests.get_supabase_uid('ben'), 'authenticate_as: can be changed from one member to another');
select is((select count(*)::int from public.user_contacts), 1, 'authenticate_as: row level security applies');

select tests.clear_authentication();
select is(current_user::text, 'anon', 'clear_authentication: the role is anon');
select is(auth.uid(), null, 'clear_authentication: there is no member');

select tests.authenticate_as_service_role();
select is(current_user::text, 'service_role', 'authenticate_as_service_role: the role is service_role');
select is(auth.uid(), null, 'authenticate_as_service_role: there is no member');

select tests.reset_authentication();
select is(current_user::text, (select name::text from owner), 'reset_authentication: the role is the owner again');
select is(tests.error_of('select private.clean_text('' '', ''title'', 3, 255)'), 'PT400 text_blank (title)', 'error_of: code, slug and detail');
select is(tests.error_of('select 1'), 'no error', 'error_of: a command that succeeds');

select * from finish();
rollback;
