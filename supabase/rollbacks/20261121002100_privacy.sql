-- Written by npm run db:build: takes the room privacy out again.

drop function private.follow_deleted_login cascade;
drop function private.delete_traces_of;
drop function private.had_helper;
drop function private.empty_tasks_of;
drop function private.erase_member;
drop function private.lock_leaving_member;
drop function private.tasks_to_leave;
drop function ops.audit_erasure;
drop function private.member_columns;
drop function private.kept_after_erasure;
