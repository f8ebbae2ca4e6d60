import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";
import { IS_ORDINARY, IS_TOUCHABLE, type SessionId, touch } from "../touchable.ts";

/** Waiting for a lock a moment is no illness. */
const PATIENCE_WITH_LOCKS = 5;

/** A statement under way. */
export interface QueryFacts extends SessionId {
  readonly role: string;
  readonly program: string;
  readonly seconds: number;
  readonly query: string;
  readonly blocked_by: readonly number[];
  readonly blocker: string | null;
  readonly is_touchable: boolean;
}

export const queries: DatabaseSubject = {
  name: "queries",
  about: "queries that run long, or wait for a lock",
  notEmbedded: "the embedded database runs one query at a time",
  async ask({ ask, patient }) {
    const limit = patient.limitSeconds;
    const found = await ask<QueryFacts>(
      `select a.pid, a.backend_start::text as started, a.usename::text as role, a.application_name as program,
        extract(epoch from clock_timestamp() - a.query_start)::float8 as seconds, left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) as query,
        to_json(pg_blocking_pids(a.pid)) as blocked_by,
        (select format('%s, %s, %s', b.usename, b.state, left(regexp_replace(b.query, '\\s+', ' ', 'g'), 60)) from pg_stat_activity b
         where b.pid = (pg_blocking_pids(a.pid))[1]) as blocker,
        ${IS_TOUCHABLE} and ${IS_ORDINARY} as is_touchable
      from pg_stat_activity a
      where a.state = 'active' and a.backend_type = 'client backend' and a.datname = current_database()
        and a.pid <> pg_backend_pid()
        and clock_timestamp() - a.query_start > make_interval(secs => $1::float8)
      order by a.query_start limit 20`,
      [String(Math.min(PATIENCE_WITH_LOCKS, limit))],
    );
    return judgeQueries(found, limit);
  },
};

/** Which statements keep others waiting, or wait themselves. */
export function judgeQueries(found: readonly QueryFacts[], limit: number): Findings {
  const findings = found.flatMap((one): Finding[] => {
    if (one.blocked_by.length > 0) return [blocked(one)];
    return one.seconds > limit ? [slow(one, limit)] : [];
  });
  return orFine(findings, `no query runs longer than ${words(limit)} or waits for a lock`);
}

function blocked({ pid, role, seconds, query, blocked_by, blocker }: QueryFacts): Finding {
  const by = `${blocked_by.join(", ")}${blocker === null ? "" : ` (${blocker})`}`;
  return ill(
    "query_blocked",
    `${role} (pid ${pid}) has waited ${words(seconds)} for a lock of pid ${by}: ${query}`,
    `let pid ${blocked_by[0]} finish, or cancel it: select pg_cancel_backend(${blocked_by[0]})`,
  );
}

function slow(one: QueryFacts, limit: number): Finding {
  const { pid, role, program, seconds, query } = one;
  const says = `${role} (pid ${pid}, ${program || "no name"}) runs a query for ${words(seconds)}: ${query}`;
  const cancel = `select pg_cancel_backend(${pid})`;
  if (!one.is_touchable)
    return ill("query_slow", `${says} (not touched: the platform's, a superuser's, or maintenance)`, cancel);
  const still = `a.state = 'active' and clock_timestamp() - a.query_start > interval '${limit} seconds' and ${IS_ORDINARY}`;
  return ill("query_slow", says, cancel, {
    title: `cancel the query of ${role} (pid ${pid}): ${query}`,
    run: (patient) => touch(patient, "pg_cancel_backend", one, still),
  });
}

/** A length of time in words. */
export function words(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}
