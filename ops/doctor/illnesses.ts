/** Everything that the doctor has a name for. docs/operations/doctor.md has a row for each. */
export const ILLNESSES = {
  url_missing: { subject: "environment", level: "problem" },
  url_malformed: { subject: "environment", level: "problem" },
  settings_malformed: { subject: "environment", level: "problem" },
  direct_url_missing: { subject: "environment", level: "warning" },

  host_unknown: { subject: "reachability", level: "problem" },
  host_unreachable: { subject: "reachability", level: "problem" },
  tls_demanded: { subject: "reachability", level: "problem" },
  tls_refused: { subject: "reachability", level: "problem" },
  certificate_not_trusted: { subject: "reachability", level: "problem" },
  tls_off: { subject: "reachability", level: "warning" },
  answers_slowly: { subject: "reachability", level: "warning" },

  password_wrong: { subject: "credentials", level: "problem" },
  login_refused: { subject: "credentials", level: "problem" },
  database_missing: { subject: "credentials", level: "problem" },
  connections_used_up: { subject: "credentials", level: "problem" },
  server_not_ready: { subject: "credentials", level: "problem" },
  rights_missing: { subject: "credentials", level: "problem" },
  sessions_hidden: { subject: "credentials", level: "warning" },

  server_too_old: { subject: "server", level: "problem" },
  extension_missing: { subject: "server", level: "problem" },
  extension_outdated: { subject: "server", level: "warning" },
  statements_not_recorded: { subject: "server", level: "warning" },
  api_role_missing: { subject: "server", level: "problem" },
  database_read_only: { subject: "server", level: "problem" },

  never_migrated: { subject: "migrations", level: "problem" },
  migration_pending: { subject: "migrations", level: "problem" },
  migration_unknown: { subject: "migrations", level: "problem" },
  migration_edited: { subject: "migrations", level: "problem" },

  connections_many: { subject: "connections", level: "warning" },
  connections_nearly_full: { subject: "connections", level: "problem" },

  query_blocked: { subject: "queries", level: "warning" },
  query_slow: { subject: "queries", level: "warning" },

  idle_in_transaction: { subject: "sessions", level: "warning" },
  transaction_long: { subject: "sessions", level: "warning" },
  transaction_prepared: { subject: "sessions", level: "warning" },

  disk_filling: { subject: "disk", level: "warning" },
  disk_nearly_full: { subject: "disk", level: "problem" },

  index_invalid: { subject: "indexes", level: "problem" },
  index_duplicate: { subject: "indexes", level: "warning" },
  index_missing: { subject: "indexes", level: "warning" },
  index_unused: { subject: "indexes", level: "warning" },
  table_read_in_full: { subject: "indexes", level: "warning" },

  table_bloated: { subject: "bloat", level: "warning" },
  index_bloated: { subject: "bloat", level: "warning" },

  statistics_stale: { subject: "vacuum", level: "warning" },
  vacuum_overdue: { subject: "vacuum", level: "warning" },
  autovacuum_off: { subject: "vacuum", level: "warning" },
  wraparound_near: { subject: "vacuum", level: "problem" },

  job_failed: { subject: "jobs", level: "problem" },
  job_overdue: { subject: "jobs", level: "problem" },

  outbox_waits: { subject: "outbox", level: "warning" },
  dead_letters: { subject: "outbox", level: "warning" },
  endpoint_disabled: { subject: "outbox", level: "warning" },

  audit_failed: { subject: "audits", level: "problem" },

  backup_missing: { subject: "backups", level: "problem" },
  backup_old: { subject: "backups", level: "problem" },
  backup_unverified: { subject: "backups", level: "warning" },

  alert_warn: { subject: "alerts", level: "warning" },
  alert_critical: { subject: "alerts", level: "problem" },

  secret_missing: { subject: "secrets", level: "problem" },
  secret_malformed: { subject: "secrets", level: "problem" },
  sealing_key_missing: { subject: "secrets", level: "problem" },

  smtp_off: { subject: "smtp", level: "warning" },
  smtp_malformed: { subject: "smtp", level: "problem" },
  smtp_unreachable: { subject: "smtp", level: "problem" },

  push_off: { subject: "vapid", level: "warning" },
  vapid_malformed: { subject: "vapid", level: "problem" },
  vapid_pair_differs: { subject: "vapid", level: "problem" },
} as const satisfies Record<string, { subject: string; level: "warning" | "problem" }>;

/** Name of what is wrong. */
export type Illness = keyof typeof ILLNESSES;
