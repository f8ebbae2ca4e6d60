import type { Alert } from "../alerts.ts";
import { type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** What another subject has looked at in detail. */
const COVERED: Readonly<Record<string, string>> = {
  connections: "connections",
  long_transactions: "sessions",
  idle_transactions: "sessions",
  blocked_sessions: "queries",
  invalid_indexes: "indexes",
  vacuum_debt: "vacuum",
  wraparound: "vacuum",
  outbox_waits: "outbox",
  dead_letters: "outbox",
  failed_jobs: "jobs",
  overdue_jobs: "jobs",
  audits: "audits",
  backup_age: "backups",
  statements_uncounted: "server",
  sessions_unseen: "credentials",
};

/** The embedded database has none of it. */
const OF_SERVERS = ["statements_uncounted", "sessions_unseen", "backup_age"];

export const alerts: DatabaseSubject = {
  name: "alerts",
  about: "what ops.alerts says besides",
  async ask({ alerts: read, found, kind }) {
    const rows = await read();
    return judgeAlerts(kind === "server" ? rows : rows.filter(({ alert }) => !OF_SERVERS.includes(alert)), found);
  },
};

/** The alerts that no other subject has named already. */
export function judgeAlerts(rows: readonly Alert[], illSubjects: ReadonlySet<string>): Findings {
  const findings = rows
    .filter(({ alert, level }) => level !== "ok" && !illSubjects.has(COVERED[alert] ?? ""))
    .map(({ alert, level, value, detail }) =>
      ill(
        level === "critical" ? "alert_critical" : "alert_warn",
        `${alert} is ${value ?? "unknown"}${detail === null ? "" : ` (${detail})`}`,
        `npm run sql -- "select * from ops.alerts where alert = '${alert}'"; what to do: docs/operations/monitoring.md`,
      ),
    );
  return orFine(findings, `${rows.length} alerts; none besides what stands above`);
}
