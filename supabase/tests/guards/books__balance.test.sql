-- Whatever happened in this database so far: the books and the projections are right.
begin;
select plan(3);

select is_empty('select * from ops.audit_books()', 'audit_books finds no problem');
select is_empty('select * from ops.audit_tasks()', 'audit_tasks finds no problem');
select is((select coalesce(sum(amount), 0) from ops.ledger_entries), 0::bigint, 'the ledger sums to zero');

select * from finish();
rollback;
