import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";
import { IS_TOUCHABLE, type SessionId, touch } from "../touchable.ts";
import { words } from "./queries.ts";

/** Longer than this a transaction keeps dead rows from being cleared away. */
const LONG_SECONDS = 3_600;

/** A transaction that stays open. */
export interface TransactionFacts extends SessionId {
  readonly role: string;
  readonly program: string;
  readonly is_idle: boolean;
  readonly seconds: number;
  readonly idle_seconds: number;
  readonly query: string;
  readonly is_touchable: boolean;
}

export const sessions: DatabaseSubject = {
  name: "sessions",
  about: "transactions that stay open, doing nothing or for hours",
  notEmbedded: "the embedded database ends transactions of its port after 30 s by itself",
  async ask({ ask, patient }) {
    const found = await ask<TransactionFacts>(`
      select a.pid, a.backend_start::text as started, a.usename::text as role, a.application_name as program,
        a.state like 'idle in transaction%' as is_idle, extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds,
        extract(epoch from clock_timestamp() - a.state_change)::float8 as idle_seconds,
        left(regexp_replace(a.query, '\\s+', ' ', 'g'), 80) as query, ${IS_TOUCHABLE} as is_touchable
      from pg_stat_activity a
      where a.xact_start is not null and a.backend_type = 'client backend' and a.datname = current_database()
        and a.pid <> pg_backend_pid()
      order by a.xact_start limit 50`);
    const prepared = await ask<{ gid: string; seconds: number }>(`
      select p.gid, extract(epoch from clock_timestamp() - p.prepared)::float8 as seconds from pg_prepared_xacts p
      where p.database = current_database()`);
    return judgeSessions(found, prepared, patient.limitSeconds);
  },
};

/** Which transactions stay open longer than they should. */
export function judgeSessions(
  found: readonly TransactionFacts[],
  prepared: readonly { gid: string; seconds: number }[],
  limit: number,
): Findings {
  const findings = [
    ...found.flatMap((one): Finding[] => {
      if (one.is_idle && one.idle_seconds > limit) return [idle(one, limit)];
      return one.seconds > LONG_SECONDS ? [long(one)] : [];
    }),
    ...prepared
      .filter(({ seconds }) => seconds > limit)
      .map(({ gid, seconds }) =>
        ill(
          "transaction_prepared",
          `transaction ${gid} was prepared ${words(seconds)} ago and never ended`,
          `commit prepared '${gid}', or rollback prepared`,
        ),
      ),
  ];
  return orFine(findings, `no transaction has done nothing for ${words(limit)} or is open for an hour`);
}

function idle(one: TransactionFacts, limit: number): Finding {
  const { pid, role, program, idle_seconds, query } = one;
  const says = `${role} (pid ${pid}, ${program || "no name"}) has a transaction open and has done nothing for ${words(idle_seconds)}; last: ${query}`;
  if (!one.is_touchable) {
    return ill(
      "idle_in_transaction",
      `${says} (not touched: the platform's, a superuser's, or maintenance)`,
      "end it where it was started",
    );
  }
  const still = `a.state like 'idle in transaction%' and clock_timestamp() - a.state_change > interval '${limit} seconds'`;
  return ill("idle_in_transaction", says, "npm run doctor -- --only sessions --fix", {
    title: `end the session of ${role} (pid ${pid}), whose open transaction is rolled back`,
    run: (patient) => touch(patient, "pg_terminate_backend", one, still),
  });
}

function long({ pid, role, program, seconds, query }: TransactionFacts): Finding {
  return ill(
    "transaction_long",
    `${role} (pid ${pid}, ${program || "no name"}) has a transaction open for ${words(seconds)}, so that no dead row since then can be cleared away: ${query}`,
    "end it where it was started: shorter transactions, batches",
  );
}
