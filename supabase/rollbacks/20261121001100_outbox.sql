-- Written by npm run db:build: takes the room outbox out again.

drop function private.purge_queue;
drop function private.lock_due;
drop function private.retry_delay;
drop function private.give_up_after;
drop function private.lease_length;
