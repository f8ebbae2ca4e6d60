import { type Alert, levelOf } from "../alerts.ts";
import { type Findings, fine, ill } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** Connections of the whole server, by role. */
export interface ConnectionFacts {
  readonly role: string;
  readonly connections: number;
  readonly idle: number;
  readonly connection_limit: number;
}

export const connections: DatabaseSubject = {
  name: "connections",
  about: "how many connections are used, and by whom",
  notEmbedded: "the embedded database has one session",
  async ask({ ask, alerts }) {
    const found = await ask<ConnectionFacts>(`
      select c.role, sum(c.connections) as connections, coalesce(sum(c.connections) filter (where c.state = 'idle'), 0) as idle,
        max(c.connection_limit) as connection_limit
      from ops.connections c group by 1 order by 2 desc, 1`);
    return judgeConnections(found, levelOf(await alerts(), "connections"));
  },
};

/** Whether there is room for more connections. */
export function judgeConnections(found: readonly ConnectionFacts[], level: Alert["level"]): Findings {
  const used = found.reduce((sum, one) => sum + one.connections, 0);
  const [most] = found;
  const says = `${used} of ${most?.connection_limit} connections are used`;
  if (level === "ok" || most === undefined) return [fine(says)];
  const illness = level === "critical" ? "connections_nearly_full" : "connections_many";
  return [
    ill(
      illness,
      `${says}, ${most.connections} of them by ${most.role || "nobody"} (${most.idle} idle)`,
      "give the pooler's address to what opens many, or lower its DATABASE_POOL_MAX; idle sessions of a pool come back when they are ended",
    ),
  ];
}
