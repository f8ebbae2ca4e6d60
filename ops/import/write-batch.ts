import { messageOf } from "../../dev/base/stack-error.ts";
import type { Database, Queries } from "../core/connection.ts";
import { codeOf } from "../core/explain.ts";
import type { Staged, Written } from "./stage.ts";

/** Took its turn beside others: what it collided with is there to be seen when it is tried again. */
const COLLISIONS = new Set(["23505", "40001", "40P01", "55P03"]);
const ATTEMPTS = 3;
/** What only a row can be guilty of: its values, or a rule about them. */
const OF_A_ROW = /^(?:22|23|PT)/u;

class RolledBack extends Error {}

/** Judges and writes rows in a transaction. */
export type Write<Entry> = (session: Queries, entries: readonly Entry[]) => Promise<Written>;

/**
 * Writes a batch, all of it or nothing; rows that the database refuses are found by halving, so that they hold up no others.
 *
 * @param isDryRun takes everything back.
 */
export async function writeBatch<Entry extends Staged>(
  database: Database,
  entries: readonly Entry[],
  write: Write<Entry>,
  isDryRun: boolean,
  attempt = 1,
): Promise<Written> {
  if (entries.length === 0) return { verdicts: [], known: [], inserted: [] };
  let written: Written | undefined;
  try {
    await database.transaction(async (session) => {
      written = await write(session, entries);
      if (isDryRun) throw new RolledBack();
    });
  } catch (error) {
    if (error instanceof RolledBack && written !== undefined) return written;
    const code = codeOf(error);
    if (COLLISIONS.has(code) && attempt < ATTEMPTS) return writeBatch(database, entries, write, isDryRun, attempt + 1);
    if (!OF_A_ROW.test(code)) throw error;
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      const problem = messageOf(error).split("\n")[0] ?? "";
      return { verdicts: [{ n: only.n, outcome: "refused", field: "", problem }], known: [], inserted: [] };
    }
    const middle = Math.ceil(entries.length / 2);
    const first = await writeBatch(database, entries.slice(0, middle), write, isDryRun);
    const second = await writeBatch(database, entries.slice(middle), write, isDryRun);
    return {
      verdicts: [...first.verdicts, ...second.verdicts],
      known: [...first.known, ...second.known],
      inserted: [...first.inserted, ...second.inserted],
    };
  }
  if (written === undefined) throw new Error("a transaction ended without its result");
  return written;
}
