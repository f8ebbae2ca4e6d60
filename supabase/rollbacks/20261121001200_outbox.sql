-- Written by npm run db:build: takes the room outbox out again. DELETES what is in private.outbox_hosts: take a backup first.

drop function private.purge_queue;
drop function private.lock_due;
drop function private.retry_delay;
drop function private.give_up_after;
drop function private.lease_length;
delete from private.jobs where room = 'outbox';
drop function private.forget_hosts;
drop function private.remember_hosts;
drop function private.admit;
drop function private.room_at;
drop function private.is_slow;
drop function private.host_of;
drop type private.visit;
drop type private.addressee;
drop table private.outbox_hosts;
alter table private.settings drop column outbox_retention_days;
