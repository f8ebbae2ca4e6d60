-- A transaction that begins and is then forgotten holds its locks: nobody else accepts, confirms or pays meanwhile. The
-- API ends its transactions at once, so that one which is idle for long is a fault. Platforms set no limit themselves.
do $$
begin
  alter role authenticator set idle_in_transaction_session_timeout = '30s';
exception when insufficient_privilege or undefined_object then
  raise warning 'idle_in_transaction_session_timeout of authenticator is not for this role to set: let an admin do it';
end $$;
-- undo: do $$
-- undo: begin
-- undo:   alter role authenticator reset idle_in_transaction_session_timeout;
-- undo: exception when insufficient_privilege or undefined_object then
-- undo:   raise warning 'the role that migrates may not reset idle_in_transaction_session_timeout of authenticator';
-- undo: end $$;
