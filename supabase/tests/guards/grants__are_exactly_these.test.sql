-- The written allow-list: who holds which right on which object of the product. What is not listed here is granted to
-- nobody but the owner. Change it together with the migration, after asking yourself who will be able to do what.
begin;
-- without public, so that names come out qualified
set local search_path = extensions;
select plan(9);

create temporary table allowed (grantee text, kind text, name text, privileges text);

insert into allowed values
  -- everyone who can connect (PostgreSQL's own default; usage of public opens nothing by itself)
  ('PUBLIC', 'schema', 'public', 'USAGE'),

  -- not signed in
  ('anon', 'schema', 'public', 'USAGE'),
  ('anon', 'table', 'public.categories', 'SELECT'),
  ('anon', 'table', 'public.neighbourhoods', 'SELECT'),
  ('anon', 'table', 'public.notification_types', 'SELECT'),
  ('anon', 'table', 'public.partners', 'SELECT'),
  ('anon', 'table', 'public.places', 'SELECT'),
  ('anon', 'table', 'public.rewards', 'SELECT'),
  ('anon', 'table', 'public.reward_stocks', 'SELECT'),
  ('anon', 'function', 'public.get_api_version()', 'EXECUTE'),
  -- the way of an exposed function to its body; opens nothing by itself
  ('anon', 'schema', 'private', 'USAGE'),
  ('anon', 'function', 'public.monthly_statistics(integer,uuid)', 'EXECUTE'),
  ('anon', 'function', 'private.monthly_statistics(integer,uuid)', 'EXECUTE'),
  ('anon', 'function', 'public.search_places(text,double precision,double precision,integer,text,integer,text,uuid)', 'EXECUTE'),
  ('anon', 'function', 'private.search_places(text,double precision,double precision,integer,text,integer,text,uuid)', 'EXECUTE'),

  -- reporting
  ('app_read', 'schema', 'ops', 'USAGE'),
  ('app_read', 'function', 'ops.audit_books()', 'EXECUTE'),
  ('app_read', 'function', 'ops.audit_recommendations()', 'EXECUTE'),
  ('app_read', 'function', 'ops.audit_tasks()', 'EXECUTE'),
  ('app_read', 'function', 'ops.audit_search()', 'EXECUTE'),
  ('app_read', 'function', 'ops.audit_ratings()', 'EXECUTE'),
  ('app_read', 'function', 'ops.audit_statistics()', 'EXECUTE'),
  ('app_read', 'function', 'ops.monthly_statistics(integer)', 'EXECUTE'),
  ('app_read', 'function', 'ops.list_revealed_ratings()', 'EXECUTE'),
  ('app_read', 'view', 'ops.revealed_ratings', 'SELECT'),

  -- the secret key: reads everything of members, writes nothing, operates through ops, and acts for edge functions (below)
  ('service_role', 'schema', 'public', 'USAGE'),
  ('service_role', 'schema', 'private', 'USAGE'),
  ('service_role', 'schema', 'ops', 'USAGE'),
  ('service_role', 'view', 'ops.ledger_entries', 'SELECT'),
  ('service_role', 'function', 'ops.adjust_points(uuid,integer,text)', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_books()', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_recommendations()', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_tasks()', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_search()', 'EXECUTE'),
  ('service_role', 'function', 'ops.rebuild_search()', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_ratings()', 'EXECUTE'),
  ('service_role', 'function', 'ops.audit_statistics()', 'EXECUTE'),
  ('service_role', 'function', 'ops.monthly_statistics(integer)', 'EXECUTE'),
  ('service_role', 'function', 'ops.rebuild_statistics()', 'EXECUTE'),
  ('service_role', 'function', 'ops.list_revealed_ratings()', 'EXECUTE'),
  ('service_role', 'view', 'ops.revealed_ratings', 'SELECT'),
  ('service_role', 'function', 'ops.ban_user(uuid,text)', 'EXECUTE'),
  ('service_role', 'function', 'ops.create_partner_key(uuid,text,text[],timestamp with time zone)', 'EXECUTE'),
  ('service_role', 'function', 'ops.enable_webhook_endpoint(uuid)', 'EXECUTE'),
  ('service_role', 'function', 'ops.retry_notification_deliveries(text)', 'EXECUTE'),
  ('service_role', 'function', 'ops.revoke_partner_key(uuid)', 'EXECUTE'),
  ('service_role', 'function', 'ops.rotate_partner_key(uuid,interval)', 'EXECUTE'),
  ('service_role', 'function', 'ops.run_due_jobs(timestamp with time zone)', 'EXECUTE'),
  ('service_role', 'function', 'ops.unban_user(uuid)', 'EXECUTE'),
  ('service_role', 'function', 'public.get_api_version()', 'EXECUTE'),
  ('service_role', 'function', 'public.points_balance(public.users)', 'EXECUTE'),

  -- members: read under row level security, act through commands
  ('authenticated', 'schema', 'public', 'USAGE'),
  ('authenticated', 'schema', 'private', 'USAGE'),
  ('authenticated', 'function', 'private.hidden_user_ids()', 'EXECUTE'),
  ('authenticated', 'function', 'private.has_offered_on(uuid)', 'EXECUTE'),
  ('authenticated', 'function', 'private.may_see_location(uuid)', 'EXECUTE'),
  -- policies of storage.objects
  ('authenticated', 'function', 'private.may_add_picture(text,text)', 'EXECUTE'),
  ('authenticated', 'function', 'private.may_see_picture(text)', 'EXECUTE'),
  ('authenticated', 'function', 'private.tasks_showing(text)', 'EXECUTE'),
  ('authenticated', 'function', 'public.get_api_version()', 'EXECUTE'),
  ('authenticated', 'function', 'public.points_balance(public.users)', 'EXECUTE'),
  -- reads with the caller's rights alone
  ('authenticated', 'function', 'public.list_ratings(uuid,integer,uuid)', 'EXECUTE'),
  -- hidden ratings are not for the secret key, which row level security does not bind
  ('authenticated', 'table', 'public.ratings', 'SELECT');

-- tables that members and the secret key may read
insert into allowed
select grantee, 'table', 'public.' || name, 'SELECT'
from unnest('{authenticated,service_role}'::text[]) grantee,
  unnest('{users,user_contacts,user_settings,neighbourhoods,user_blocks,user_bans,point_accounts,point_transactions,categories,tasks,task_locations,task_offers,task_events,partners,places,place_reviews,preferences,rewards,reward_stocks,redemptions,notification_types,notifications,notification_preferences,notification_settings}'::text[]) name;

-- commands and searches of members: the exposed function and its body, for nobody else
insert into allowed
select 'authenticated', 'function', schema || '.' || signature, 'EXECUTE'
from unnest('{public,private}'::text[]) schema,
  unnest(array[
    'update_profile(text,text,text)',
    'update_contact(text,text,double precision,double precision,boolean)',
    'update_settings(text,text,boolean,boolean)',
    'block_user(uuid)',
    'unblock_user(uuid)',
    'create_task(text,text,text,double precision,double precision,integer,text,text[],timestamp with time zone,jsonb)',
    'update_task(uuid,text,text,text,double precision,double precision,integer,text,text[],timestamp with time zone,jsonb)',
    'offer_help(uuid,text)',
    'withdraw_offer(uuid)',
    'decline_offer(uuid)',
    'accept_offer(uuid)',
    'start_task(uuid)',
    'finish_task(uuid,text)',
    'confirm_task(uuid)',
    'reject_completion(uuid,text)',
    'release_task(uuid,text)',
    'cancel_task(uuid,text)',
    'leaderboard(text,integer)',
    'user_statistics(uuid)',
    'monthly_statistics(integer,uuid)',
    'search_tasks(text,double precision,double precision,integer,text,integer,text,uuid)',
    'search_places(text,double precision,double precision,integer,text,integer,text,uuid)',
    'rate_task(uuid,integer,text)',
    'explain_trust(uuid)',
    'add_place(text,text,double precision,double precision,text,text[],text)',
    'review_place(uuid,integer,text)',
    'delete_review(uuid)',
    'set_preference(text,integer)',
    'recommended_places(double precision,double precision,integer,integer,text)',
    'recommended_tasks(double precision,double precision,integer,integer,text)',
    'suggest_helpers(uuid)',
    'list_notifications(integer,bigint,boolean)',
    'count_unread_notifications()',
    'mark_notifications_read(bigint[])',
    'set_notification_preference(text,text,boolean)',
    'update_notification_settings(time without time zone,time without time zone,text,boolean,boolean,boolean)',
    'save_push_subscription(text,text,text)',
    'delete_push_subscription(text)',
    'nearby_tasks(double precision,double precision,integer,text,text,integer,text)']) signature;

-- commands of the edge functions, which have checked the member's token, the partner's key or the platform's secret key before:
-- definers in public itself.
insert into allowed
select 'service_role', 'function', format('public.%s(%s)', name, arguments), 'EXECUTE'
from (values
  -- redeem
  ('begin_redemption', 'uuid,uuid,integer,uuid,text,text'),
  ('read_redemption', 'uuid,uuid'),
  ('return_redemption', 'uuid,uuid'),
  ('record_partner_code', 'uuid,text,text,timestamp with time zone'),
  ('record_partner_refusal', 'uuid,text'),
  ('record_partner_failure', 'uuid,text,integer'),
  -- sweep-redemptions, deliver-webhooks, partner-events
  ('claim_partner_requests', 'integer'),
  ('claim_webhook_messages', 'integer,integer,uuid[]'),
  ('record_webhook_attempts', 'jsonb'),
  ('read_partner_connection', 'uuid'),
  ('record_partner_event', 'uuid,text,text,timestamp with time zone,uuid,text,text,jsonb'),
  -- send-notifications, unsubscribe
  ('claim_notification_deliveries', 'integer,text[]'),
  ('record_notification_deliveries', 'jsonb'),
  ('unsubscribe_notifications', 'uuid,text,text'),
  -- partner
  ('read_partner', 'text'),
  ('list_partner_rewards', 'text,integer,uuid'),
  ('create_reward', 'text,jsonb'),
  ('change_reward', 'text,uuid,jsonb'),
  ('add_codes', 'text,uuid,jsonb,boolean'),
  ('list_partner_redemptions', 'text,text,uuid,timestamp with time zone,timestamp with time zone,integer,uuid'),
  ('verify_code', 'text,text'),
  ('use_code', 'text,text,text'),
  ('cancel_redemption', 'text,uuid,text'),
  ('read_settlement', 'text,date'),
  ('connect_partner', 'text,text,text'),
  ('create_webhook_endpoint', 'text,text,text[],text'),
  ('list_webhook_endpoints', 'text'),
  ('rotate_webhook_secret', 'text,uuid,text'),
  ('delete_webhook_endpoint', 'text,uuid'),
  ('list_webhook_messages', 'text,text,integer,bigint'),
  ('replay_webhook_message', 'text,bigint'),
  ('retire_reward', 'text,uuid')) command (name, arguments);

create temporary view objects as
with schemas as (
  select oid, nspname, nspacl, nspowner from pg_namespace where nspname in ('public', 'private', 'ops'))
select 'schema' as kind, nspname::text as name, nspowner as owner, coalesce(nspacl, acldefault('n', nspowner)) as acl,
  'pg_namespace'::regclass as catalogue, oid
from schemas
union all
select case c.relkind when 'S' then 'sequence' when 'v' then 'view' else 'table' end, c.oid::regclass::text, c.relowner,
  coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)), 'pg_class'::regclass, c.oid
from pg_class c join schemas s on s.oid = c.relnamespace where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
union all
select 'column', a.attrelid::regclass::text || '.' || a.attname, c.relowner, a.attacl, 'pg_class'::regclass, c.oid
from pg_attribute a join pg_class c on c.oid = a.attrelid join schemas s on s.oid = c.relnamespace
where a.attacl is not null and not a.attisdropped
union all
select 'function', p.oid::regprocedure::text, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)), 'pg_proc'::regclass, p.oid
from pg_proc p join schemas s on s.oid = p.pronamespace
union all
select 'type', t.oid::regtype::text, t.typowner, t.typacl, 'pg_type'::regclass, t.oid
from pg_type t join schemas s on s.oid = t.typnamespace where t.typacl is not null;

create temporary view granted as
select case x.grantee when 0 then 'PUBLIC' else r.rolname::text collate "default" end as grantee, o.kind, o.name collate "default" as name,
  string_agg(x.privilege_type || case when x.is_grantable then ' with grant option' else '' end, ', ' order by x.privilege_type) as privileges
from objects o
cross join lateral aclexplode(o.acl) x
left join pg_roles r on r.oid = x.grantee
where x.grantee <> o.owner
  and (x.grantee = 0 or r.rolname in ('anon', 'authenticated', 'service_role', 'app_read', 'authenticator'))
  and not exists (select from pg_depend d where d.classid = o.catalogue and d.objid = o.oid and d.deptype = 'e')
group by 1, 2, 3;

select is_empty('select * from granted except select * from allowed', 'nothing is granted that is not on the list');
select is_empty('select * from allowed except select * from granted', 'everything on the list is granted');
select is_empty(
  $$ select m.roleid::regrole, m.member::regrole from pg_auth_members m
     where m.member in ('anon'::regrole, 'authenticated'::regrole, 'service_role'::regrole, 'app_read'::regrole) $$,
  'the API roles are members of no other role');

-- each kind of grant is seen
create table public.planted (id integer generated always as identity, note text);
create function public.planted() returns integer language sql as 'select 1';
grant insert, truncate on public.planted to anon;
grant update (note) on public.planted to authenticated with grant option;
grant usage on sequence public.planted_id_seq to service_role;
grant execute on function public.planted() to public;
grant create on schema ops to app_read;
select results_eq(
  'select grantee, kind, name, privileges from (select * from granted except select * from allowed) g order by kind collate "C"',
  $$ values ('authenticated', 'column', 'public.planted.note', 'UPDATE with grant option'),
    ('PUBLIC', 'function', 'public.planted()', 'EXECUTE'),
    ('app_read', 'schema', 'ops', 'CREATE, USAGE'),
    ('service_role', 'sequence', 'public.planted_id_seq', 'USAGE'),
    ('anon', 'table', 'public.planted', 'INSERT, TRUNCATE') $$,
  'a new grant is found, whatever it is on');

-- and the rights that exist by membership or superuser attribute
select is_empty(
  $$ select rolname from pg_roles
     where rolname in ('anon', 'authenticated', 'authenticator', 'app_read') and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) $$,
  'no client role has an attribute that beats grants or row level security');
select ok((select not rolcanlogin from pg_roles where rolname = 'anon'), 'anon cannot log in');
select ok((select not rolcanlogin from pg_roles where rolname = 'authenticated'), 'authenticated cannot log in');
select ok((select not rolcanlogin from pg_roles where rolname = 'app_read'), 'app_read cannot log in');
select is_empty(
  $$ select n.nspname from pg_namespace n
     where n.nspname in ('public', 'private', 'ops')
       and (has_schema_privilege('anon', n.oid, 'create') or has_schema_privilege('authenticated', n.oid, 'create')
            or has_schema_privilege('service_role', n.oid, 'create')) $$,
  'no client role can create objects');

select * from finish();
rollback;
