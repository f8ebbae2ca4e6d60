import { inBytes } from "../core/show.ts";
import { type Alert, readAlerts } from "../doctor/alerts.ts";
import { type AuditFacts, readAudits } from "../doctor/subjects/audits.ts";
import type { Community } from "./registry.ts";
import { withSession } from "./session.ts";
import { type Standing, standingOf } from "./standing.ts";
import type { Told } from "./walk.ts";

/** What `fleet list` tells of a community. */
export interface Listed extends Told {
  version: string | undefined;
  pending: number;
  bytes: number;
  alerts: Alert[];
}

/** How far a community is, how large, and what somebody should look at. */
export function list({ url }: Community): Promise<Listed> {
  return withSession(url, async (session) => {
    const { state, version, pending } = await standingOf(session);
    const [size] = await session.query<{ bytes: number }>("select pg_database_size(current_database()) as bytes");
    const alerts = state === "empty" ? [] : await raised((sql) => session.query(sql));
    const bytes = size?.bytes ?? 0;
    const line = [inWords({ state, version, pending }), inBytes(bytes), ...alerts.map(alertInWords)].join(", ");
    return {
      status: state,
      line,
      isBad: state === "ahead" || state === "empty",
      version,
      pending: pending.length,
      bytes,
      alerts,
    };
  });
}

/** What `fleet audit` tells of a community. */
export interface Audited extends Told {
  version: string | undefined;
  problems: readonly AuditFacts[];
  alerts: Alert[];
}

/** What all audits find now, and what somebody should look at. Good is a community without problems and critical alerts. */
export function audit({ url }: Community): Promise<Audited> {
  return withSession(url, async (session) => {
    const { version } = await standingOf(session);
    const ask = <Row extends object>(sql: string): Promise<Row[]> => session.query<Row>(sql);
    const problems = await readAudits(ask);
    const alerts = await raised(ask);
    const isBad = problems.length > 0 || alerts.some(({ level }) => level === "critical");
    const found = problems.map(({ audit, problem, count }) => `${audit}: ${problem} (${count})`);
    const line = [found.length === 0 ? "every audit found nothing" : found.join(", "), ...alerts.map(alertInWords)];
    return { status: isBad ? "ill" : "well", line: line.join(", "), isBad, version, problems, alerts };
  });
}

/** In words. */
export function inWords({ state, version, pending }: Standing): string {
  if (state === "current") return `current at ${version}`;
  if (state === "behind")
    return `at ${version}, ${pending.length} ${pending.length === 1 ? "migration" : "migrations"} behind`;
  if (state === "ahead") return `at ${version}, which this checkout does not have`;
  return "holds no migrations";
}

async function raised(ask: Parameters<typeof readAlerts>[0]): Promise<Alert[]> {
  return (await readAlerts(ask)).filter(({ level }) => level !== "ok");
}

const alertInWords = ({ alert, level, detail }: Alert): string =>
  `${level === "critical" ? "!! " : "! "}${alert}${detail === null ? "" : ` ${detail}`}`;
