import { setTimeout } from "node:timers/promises";
import postgres from "postgres";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import type { Address } from "./address.ts";
import { clientOptions } from "./client.ts";
import { explain } from "./explain.ts";

/** What is told by looking at a database. */
export interface Inspection {
  readonly kind: "server" | "embedded";
  /**
   * Whether something stands between: `session`, a pooler that keeps a server for a client until it leaves, or `transaction`, one
   * that gives each transaction another.
   */
  readonly pooling: "none" | "session" | "transaction";
  /** The major version of PostgreSQL. */
  readonly version: number;
  /** Whether it takes no writes: a standby, or a replica for reading. */
  readonly isStandby: boolean;
}

/** A pooler in transaction mode that is busy may give two clients different servers by chance, but not again and again. */
const LOOKS = 4;
const WAIT_MS = 3_000;

/**
 * Connects and looks.
 *
 * @throws StackError when there is no way in.
 */
export async function inspect(address: Address, applicationName = "neighbourhood operations"): Promise<Inspection> {
  const first = probe(address, applicationName);
  const second = probe(address, applicationName);
  try {
    const [facts] = await first.unsafe<{ version: number; is_embedded: boolean; is_standby: boolean }[]>(`
      select current_setting('server_version_num')::integer / 10000 as version,
        version() ~ 'emcc|Emscripten' as is_embedded, pg_is_in_recovery() as is_standby`);
    const kind = facts?.is_embedded ? "embedded" : "server";
    return {
      kind,
      pooling: kind === "embedded" ? "none" : await poolingBetween(first, second),
      version: facts?.version ?? 0,
      isStandby: facts?.is_standby ?? false,
    };
  } catch (error) {
    throw (
      explain(error, address.name) ??
      new StackError(`cannot connect to the database ${address.name}: ${messageOf(error)}`, { cause: error })
    );
  } finally {
    await Promise.all([first.end({ timeout: 5 }), second.end({ timeout: 5 })]);
  }
}

function probe(address: Address, applicationName: string): postgres.Sql {
  return postgres({ ...clientOptions(address, { applicationName, max: 1 }), fetch_types: false });
}

/** Who greets and who answers are the same process, unless a pooler is between: it greets with a number of its own. */
async function poolingBetween(first: postgres.Sql, second: postgres.Sql): Promise<Inspection["pooling"]> {
  const server = await answering(first);
  if (server.pid === server.greetedBy) return "none";
  for (let look = 0; look < LOOKS; look += 1) {
    const other = await Promise.race([answering(second), setTimeout(WAIT_MS, undefined, { ref: false })]);
    if (other === undefined) return "session"; // the first client has the only server
    const again = await answering(first);
    if (other.pid === server.pid || again.pid !== server.pid) return "transaction";
  }
  return "session";
}

async function answering(sql: postgres.Sql): Promise<{ pid: number; greetedBy: number }> {
  const rows = await sql.unsafe<{ pid: number }[]>("select pg_backend_pid() as pid");
  return { pid: rows[0]?.pid ?? 0, greetedBy: rows.state.pid };
}
