-- Monitoring. From where on a figure is a warning, and from where on somebody must act: figures, alerts and pages all
-- read it here. Of every figure more is worse.

alter table private.settings
  add column slow_query_ms integer not null default 100,
  add column monitoring_days integer not null default 400;

alter table private.settings
  add constraint slow_query_ms_is_between_1_and_60000 check (slow_query_ms between 1 and 60000),
  add constraint monitoring_days_is_between_7_and_3650 check (monitoring_days between 7 and 3650);

comment on column private.settings.slow_query_ms is
  'Statements that take longer than this in the mean are slow: ops.slow_queries. In milliseconds.';
comment on column private.settings.monitoring_days is
  'Days for which daily sizes of tables and results of audits are kept.';

create table private.alert_thresholds (
  alert       text primary key,
  warn_at     numeric,
  critical_at numeric,
  unit        text not null,
  meaning     text not null,
  constraint thresholds_are_positive check (warn_at > 0 and critical_at > 0),
  constraint critical_is_not_below_warn check (critical_at >= warn_at)
);

comment on table private.alert_thresholds is
  'From where on ops.alerts warns. Edit it in Studio; a change counts at once.';
comment on column private.alert_thresholds.alert is 'Name of the alert.';
comment on column private.alert_thresholds.warn_at is 'Value from which on it is a warning; null: never.';
comment on column private.alert_thresholds.critical_at is 'Value from which on it is critical; null: never.';
comment on column private.alert_thresholds.unit is 'What the value counts.';
comment on column private.alert_thresholds.meaning is 'What the value is, and what to do when it is too high.';

alter table private.alert_thresholds enable row level security;

create function private.warn_at(alert text)
returns numeric
language sql stable set search_path = ''
as $$ select t.warn_at from private.alert_thresholds t where t.alert = warn_at.alert $$;
comment on function private.warn_at(text) is 'Value from which on an alert warns.';

create function private.seconds_since(moment timestamptz)
returns numeric
language sql stable set search_path = ''
as $$ select greatest(0, pg_catalog.round(extract(epoch from pg_catalog.statement_timestamp() - moment), 3)) $$;
comment on function private.seconds_since(timestamptz) is 'How long ago a moment is, in seconds; null of null.';

create function private.storage_option(options text[], name text)
returns numeric
language sql stable set search_path = ''
as $$
  select o.option_value::numeric from pg_catalog.pg_options_to_table(options) o
  where o.option_name = storage_option.name
$$;
comment on function private.storage_option(text[], text) is
  'A number among the storage parameters of a table or index (reloptions); null when it is not set.';

create function private.sees_all_sessions()
returns boolean
language sql stable security definer set search_path = ''
as $$ select pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') $$;
comment on function private.sees_all_sessions() is
  'Whether the owner of the product may see what other sessions do (pg_monitor, which hosted projects give).';

create function private.mask_literals(query text)
returns text
language sql immutable set search_path = ''
as $$
  -- one pass, so that a quote in a comment opens no text, and two dashes in a text no comment
  select pg_catalog.regexp_replace(query,
    '[eEuU]&?''([^''\\]|\\.|'''')*(''|$)|''([^'']|'''')*(''|$)|\$[a-zA-Z_]*\$.*|'
    '/\*([^*]|\*+[^*/])*(\*+/|$)|--[^\n]*|(?<![$"[:alnum:]_])[0-9]+(\.[0-9]+)?', '?', 'g')
$$;
comment on function private.mask_literals(text) is
  'A statement without what somebody may have written into it: texts, numbers and comments are ?, also when the end '
  'is cut off. After a text in dollars nothing follows.';

create function private.alerts_of_monitoring()
returns table (alert text, value numeric, detail text)
language sql stable set search_path = ''
as $$
  select 'sessions_unseen', (not private.sees_all_sessions())::integer::numeric,
    case when private.sees_all_sessions() then null
      else pg_catalog.format('grant pg_monitor to %I', current_user) end
$$;
comment on function private.alerts_of_monitoring() is 'Part of ops.alerts: whether monitoring sees what it judges.';

insert into private.alert_thresholds (alert, warn_at, critical_at, unit, meaning) values
  ('sessions_unseen', 1, null, '1: unseen',
   'The owner of the product may not see other sessions: slow, blocked and forgotten ones are invisible. A superuser '
   'grants pg_monitor.');
