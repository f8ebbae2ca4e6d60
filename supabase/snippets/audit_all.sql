-- Is everything right? No rows means yes. Reads whole tables: run it off-peak on large data.
select * from ops.audit_all();
