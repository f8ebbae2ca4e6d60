create table private.audit_log (
  id         bigint generated always as identity primary key,
  actor_id   uuid,
  action     text not null,
  subject_id uuid,
  details    jsonb,
  created_at timestamptz not null default now(),
  login      text not null default session_user
);

comment on table private.audit_log is
  'Who did what to whom: one row for each command that moves points or rights. Append-only.';
comment on column private.audit_log.actor_id is 'Member who acted; null for the system and for admins.';
comment on column private.audit_log.login is
  'Database login that it was done through: authenticator for the API, postgres for Studio and the SQL editor.';
comment on column private.audit_log.action is
  'What was done, as a verb in the past: confirmed, banned, points_adjusted.';
comment on column private.audit_log.subject_id is 'The task or member it was done to.';
comment on column private.audit_log.details is
  'Facts needed to explain the entry, and the reason an admin gave; no personal data of the members.';

alter table private.audit_log enable row level security;

create trigger audit_log_is_append_only before update or delete on private.audit_log
  for each row execute function private.refuse_change();
create trigger audit_log_is_not_truncated before truncate on private.audit_log
  for each statement execute function private.refuse_change();
