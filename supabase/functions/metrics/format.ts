/**
 * The figures of the database in the text format of Prometheus, version 0.0.4.
 *
 * @module
 */

/** A figure, as `read_metrics` answers it. */
export interface Figure {
  name: string;
  labels: Readonly<Record<string, string>>;
  /** Null: it could not be told. */
  value: number | null;
}

/** What Prometheus is told of a metric: what it counts, and whether it only grows. */
interface Metric {
  type: "gauge" | "counter";
  help: string;
}

/** Every metric, by its name without the prefix. */
export const METRICS: Readonly<Record<string, Metric>> = {
  info: gauge("Versions of the API and of PostgreSQL; always 1."),
  alert_level: gauge("Level of each alert of ops.alerts: 0 ok, 1 warn, 2 critical."),
  alert_value: gauge("Value of each alert of ops.alerts; more is worse."),
  connections: gauge("Connections of clients by role and state."),
  connections_limit: gauge("Connections that the server has for others than superusers."),
  database_size_bytes: gauge("Size of the database."),
  commits_total: counter("Transactions that were committed."),
  rollbacks_total: counter("Transactions that were rolled back."),
  deadlocks_total: counter("Deadlocks that the server ended."),
  cache_hits_total: counter("Pages that were in the memory of the server when they were needed."),
  cache_reads_total: counter("Pages that had to be fetched."),
  temporary_bytes_total: counter("Bytes that statements wrote to temporary files."),
  table_size_bytes: gauge("Size of each table with its indexes, at the last daily snapshot."),
  table_index_bytes: gauge("Size of the indexes of each table, at the last daily snapshot."),
  table_rows: gauge("About how many rows each table had, at the last daily snapshot."),
  job_success_timestamp_seconds: gauge("When each job succeeded last."),
  job_duration_seconds: gauge("How long the last run of each job took."),
  job_failed: gauge("Whether the last run of each job failed: 1 or 0."),
  job_overdue: gauge("Whether each job should have run and has not: 1 or 0."),
  outbox_pending: gauge("Messages that wait in each queue."),
  outbox_due: gauge("Messages that wait in each queue although their time has come."),
  outbox_wait_seconds: gauge("How long the oldest message of each queue has been due."),
  outbox_dead: gauge("Messages of the last 90 days that were given up, by queue."),
  replication_lag_seconds: gauge("How far standbys and the archive are behind, in time."),
  replication_lag_bytes: gauge("How far standbys, slots and the archive are behind, in bytes of the write-ahead log."),
  sign_ups_total: counter("Members who signed up."),
  tasks_posted_total: counter("Tasks that were posted."),
  tasks_completed_total: counter("Tasks that were completed and paid."),
  points_paid_total: counter("Points that helpers got for completed tasks."),
  redemptions_total: counter("Rewards that were redeemed, also those refunded later."),
  points_redeemed_total: counter("Points that were given for rewards."),
  audits_timestamp_seconds: gauge("When the audits ran last."),
  backup_timestamp_seconds: gauge("The moment whose data the newest verified backup holds."),
};

/** Prefix of all names. */
export const PREFIX = "neighbourhood_";

/** What the format is called in the header of an answer. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * The page that Prometheus reads: each metric with its help, its type and its figures. What could not be told is left out.
 *
 * @throws Error for a figure that is no metric, which is a mistake of ours.
 */
export function formatMetrics(figures: readonly Figure[]): string {
  for (const { name } of figures) {
    if (!Object.hasOwn(METRICS, name)) throw new Error(`${name} is no metric`);
  }
  const paragraphs = Object.entries(METRICS).map(([name, { type, help }]) => {
    const lines = figures.filter((figure) => figure.name === name && figure.value !== null).map(line);
    return lines.length === 0
      ? ""
      : `# HELP ${PREFIX}${name} ${help}\n# TYPE ${PREFIX}${name} ${type}\n${lines.join("\n")}\n`;
  });
  return paragraphs.join("");
}

function line({ name, labels, value }: Figure): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${PREFIX}${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function gauge(help: string): Metric {
  return { type: "gauge", help };
}

function counter(help: string): Metric {
  return { type: "counter", help };
}
