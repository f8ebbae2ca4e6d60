-- Its work commits, so tests/operations/backfill.slow.test.ts shows it; here is who may ask, and for what.
begin;
select plan(9);

select throws_ok($$select private.backfill_statement('public.missing', 'title', 'null', 'true')$$, 'PT400', 'backfill_refused', 'no table, nothing to fill');
select throws_ok($$select private.backfill_statement('auth.users', 'email', 'null', 'true')$$, 'PT400', 'backfill_refused', 'only tables of public and private');
select throws_ok($$select private.backfill_statement('ops.ledger_entries', 'amount', 'null', 'true')$$, 'PT400', 'backfill_refused', 'no view');
select throws_ok($$select private.backfill_statement('public.tasks', 'ctid', 'null', 'true')$$, 'PT400', 'backfill_refused', 'no system column');
select throws_ok($$select private.backfill_statement('public.tasks', 'title', 'missing(t)', 'true')$$, '42883', null, 'no value that PostgreSQL does not know');
select matches(private.backfill_statement('public.tasks', 'title', 't.title', 't.title is null'), 'for no key update of t skip locked', 'what others hold is left to them');

select tests.create_supabase_user('anna');
select tests.authenticate_as('anna');
select throws_ok($$call ops.backfill('public.tasks', 'title', $q$'x'$q$)$$, '42501', null, 'members do not fill columns');
select tests.clear_authentication();
set local role service_role;
select throws_ok($$call ops.backfill('public.tasks', 'title', $q$'x'$q$)$$, '42501', null, 'neither does the secret key');
select lives_ok('select name, rows_done, finished_at from ops.backfills', 'but it sees how far they are');
reset role;

select * from finish();
rollback;
