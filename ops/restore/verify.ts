import { type Comparable, comparableFacts } from "../backup/facts.ts";
import type { Manifest } from "../backup/manifest.ts";
import type { Database } from "../core/connection.ts";
import { readOneMoment } from "../core/snapshot.ts";

/** How a restored database differs from what was backed up. */
export interface Verification {
  /** None: it is the same, and its audits find nothing new. */
  differences: string[];
  /** Problems that the audits had found already when the backup was made. */
  knownProblems: string[];
}

/** Counts, sums, migrations and audits of a restored database beside those of its manifest. */
export async function verify(database: Database, manifest: Manifest): Promise<Verification> {
  const found = await database.transaction(async (session) => {
    await readOneMoment(session);
    return comparableFacts(session, Object.keys(manifest.rows));
  });
  return compare(manifest, found);
}

/** What differs, a line each. */
export function compare(wanted: Comparable, found: Comparable): Verification {
  const differing = (of: "rows" | "ledger" | "sealing_keys", words: string) =>
    [...new Set([...Object.keys(wanted[of]), ...Object.keys(found[of])])]
      .filter((name) => (wanted[of][name] ?? 0) !== (found[of][name] ?? 0))
      .map((name) => `${words} ${name}: ${found[of][name] ?? 0} instead of ${wanted[of][name] ?? 0}`);
  const migrations =
    wanted.migrations.join() === found.migrations.join()
      ? []
      : [`migrations: ${found.migrations.length} instead of ${wanted.migrations.length}`];
  const problems = Object.entries(found.audits);
  const isKnown = ([name, count]: [string, number]) => count <= (wanted.audits[name] ?? 0);
  const inWords = ([name, count]: [string, number]) => `${name} (${count})`;
  return {
    differences: [
      ...differing("rows", "rows of"),
      ...differing("ledger", "ledger,"),
      ...differing("sealing_keys", "texts sealed under"),
      ...migrations,
      ...problems.filter((problem) => !isKnown(problem)).map((problem) => `audit ${inWords(problem)}`),
    ],
    knownProblems: problems.filter(isKnown).map(inWords),
  };
}
