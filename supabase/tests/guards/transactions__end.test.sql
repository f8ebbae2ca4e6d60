-- Whoever logs in for the API may not forget a transaction and keep its locks, and no statement of a caller runs for ever.
begin;
select plan(2);

select is(
  (select split_part(setting, '=', 2)::interval between interval '1 second' and interval '60 seconds'
   from pg_roles, unnest(rolconfig) setting where rolname = 'authenticator' and setting like 'idle_in_transaction_session_timeout=%'),
  true, 'a transaction of the API that is idle is ended within a minute');
select is_empty($$ select rolname from pg_roles r where rolname in ('anon', 'authenticated')
  and not exists (select from unnest(rolconfig) setting where setting ~ '^statement_timeout=[1-9]') $$, 'and every caller has a statement timeout');

select * from finish();
rollback;
