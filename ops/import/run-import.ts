import { messageOf } from "../../dev/base/stack-error.ts";
import type { Database } from "../core/connection.ts";
import { codeOf } from "../core/explain.ts";
import { type Judgement, judgeMember, type Member } from "./judge-member.ts";
import { judgeRating, judgeTask } from "./judge-task.ts";
import { type ImportMap, SECTIONS, type SectionName } from "./map.ts";
import type { ProblemFile } from "./problems.ts";
import { Seen } from "./seen.ts";
import type { Source, SourceRow } from "./source.ts";
import type { Staged, Written } from "./stage.ts";
import { loginColumns, writeMembers } from "./write-members.ts";
import { writeRatings, writeTasks } from "./write-tasks.ts";

/** What became of the rows of a section. */
export interface Counts {
  read: number;
  /** Written, or with --dry-run to be written. */
  imported: number;
  /** Brought by an earlier run, and left as they are. */
  known: number;
  refused: number;
  left_out: number;
  /** Of the imported and known: with something that had to be mended. */
  mended: number;
}

/** What a run did, and what it should be verified against. */
export interface ImportResult {
  counts: Partial<Record<SectionName, Counts>>;
  /** Points of the members that were written, and of those that an earlier run brought. */
  points: { imported: number; known: number };
  /** Some of the members that were written. */
  sample: Member[];
}

export interface ImportOptions {
  isDryRun: boolean;
  batch: number;
  /** Is told how far a section is: `done` of its plan's size. */
  onProgress(section: SectionName, done: number, rows: number): void;
}

const SAMPLE = 200;
/** After so many rows, and then each time there are twice as many, the planner looks at the tables again. */
const FIRST_ANALYSIS = 5_000;
const GROWING =
  "analyze public.users, public.user_contacts, public.user_settings, public.point_accounts, public.point_transactions, private.rating_totals";
const GROWN = `${GROWING}, public.tasks, public.task_offers, public.task_events, private.open_tasks, private.audit_log`;

/** Judges and writes what a source has, batch by batch, each in a transaction of its own. */
export async function runImport(
  database: Database,
  source: Source,
  map: ImportMap,
  problems: ProblemFile,
  options: ImportOptions,
): Promise<ImportResult> {
  const seen = new Seen();
  const result: ImportResult = { counts: {}, points: { imported: 0, known: 0 }, sample: [] };
  const columns = await loginColumns(database);
  const { isDryRun } = options;
  const labels = { source: map.source, openingBalance: map.opening_balance };
  const hasBalances = map.members.columns.points_balance !== undefined;
  const run = async <Entry extends Staged>(
    name: SectionName,
    judge: (row: SourceRow) => Judgement<Entry>,
    write: Parameters<typeof writeBatch<Entry>>[2],
    onDone: (entry: Entry, became: "imported" | "known" | "refused") => void,
  ) => {
    const section = map[name];
    if (section === undefined) return;
    const counts: Counts = { read: 0, imported: 0, known: 0, refused: 0, left_out: 0, mended: 0 };
    result.counts[name] = counts;
    let analyseAt = FIRST_ANALYSIS;
    let underway: Promise<void> = Promise.resolve();
    for await (const { rows, done } of source.read(name, section, options.batch)) {
      const judged = new Map(rows.map((row) => [row.number, judge(row)]));
      // the database writes one batch while the next one is read and judged
      await underway;
      underway = finish(judged).then(() => options.onProgress(name, done, counts.read));
      underway.catch(() => undefined); // thrown at the next await
    }
    await underway;

    async function finish(judged: ReadonlyMap<number, Judgement<Entry>>): Promise<void> {
      const entries = [...judged.values()].flatMap(({ entry }) => entry ?? []);
      const written = await writeBatch(database, entries, write, isDryRun);
      for (const { n, ...verdict } of written.verdicts)
        judged.get(n)?.findings.problems.push({ ...verdict, value: "" });
      const known = new Set(written.known);
      for (const [row, { own, findings, entry }] of judged) {
        counts.read += 1;
        const became = known.has(row) ? "known" : outcomeOf(findings.problems);
        counts[became] += 1;
        if (findings.problems.length > 0 && (became === "imported" || became === "known")) counts.mended += 1;
        if (entry !== undefined && became !== "left_out") onDone(entry, became);
        for (const problem of findings.problems) problems.add({ table: section?.from ?? "", row, id: own }, problem);
      }
      if (!isDryRun && counts.imported >= analyseAt) {
        analyseAt = counts.imported * 2;
        await database.query(GROWING);
      }
    }
  };
  try {
    await run(
      "members",
      (row) => judgeMember(row, map, seen),
      (session, members) => writeMembers(session, members, columns, isDryRun ? undefined : labels),
      (member, became) => {
        // its tasks are refused, too
        if (became === "refused") return seen.release("member", member.id);
        result.points[became] += member.balance;
        if (became === "imported") sampled(result, member);
      },
    );
    await run(
      "tasks",
      (row) => judgeTask(row, map, seen),
      (session, tasks) => writeTasks(session, tasks, isDryRun ? undefined : { ...labels, hasBalances }),
      (task, became) => {
        if (became === "refused") seen.release("task", task.id);
      },
    );
    await run(
      "ratings",
      (row) => judgeRating(row, map, seen),
      (session, ratings) => writeRatings(session, ratings, !isDryRun),
      () => undefined,
    );
    if (!isDryRun && SECTIONS.some((name) => (result.counts[name]?.imported ?? 0) > 0)) await database.query(GROWN);
    return result;
  } finally {
    seen.close();
  }
}

function outcomeOf(problems: readonly { outcome: string }[]): "imported" | "refused" | "left_out" {
  if (problems.some(({ outcome }) => outcome === "left_out")) return "left_out";
  return problems.some(({ outcome }) => outcome === "refused") ? "refused" : "imported";
}

/** Every member has the same chance to be in it. */
function sampled(result: ImportResult, member: Member): void {
  const place = Math.floor(Math.random() * (result.counts.members?.imported ?? 1));
  if (result.sample.length < SAMPLE) result.sample.push(member);
  else if (place < SAMPLE) result.sample[place] = member;
}

/** Took its turn beside others: what it collided with is there to be seen when it is tried again. */
const COLLISIONS = new Set(["23505", "40001", "40P01", "55P03"]);
const ATTEMPTS = 3;
/** What only a row can be guilty of: its values, or a rule about them. */
const OF_A_ROW = /^(?:22|23|PT)/u;

class RolledBack extends Error {}

/** Writes a batch, all of it or nothing; rows that the database refuses are found by halving, so that they hold up no others. */
async function writeBatch<Entry extends Staged>(
  database: Database,
  entries: readonly Entry[],
  write: (
    session: Parameters<Parameters<Database["transaction"]>[0]>[0],
    entries: readonly Entry[],
  ) => Promise<Written>,
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
