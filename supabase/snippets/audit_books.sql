-- Are the books and the tasks right? No rows means yes. Reads the whole ledger: run it off-peak on large data.
select 'books' as audit, b.* from ops.audit_books() b
union all
select 'tasks', t.* from ops.audit_tasks() t;
