import type { Database } from "../core/connection.ts";
import { type Judgement, judgeMember, type Member } from "./judge-member.ts";
import { judgeRating, judgeTask } from "./judge-task.ts";
import { type ImportMap, SECTIONS, type SectionName } from "./map.ts";
import type { Outcome, Problem, ProblemFile } from "./problems.ts";
import { Seen } from "./seen.ts";
import type { Source, SourceRow } from "./source.ts";
import type { Staged, Written } from "./stage.ts";
import { type Write, writeBatch } from "./write-batch.ts";
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
  const run = async <Entry extends Staged>(name: SectionName, how: How<Entry>) => {
    const section = map[name];
    if (section === undefined) return;
    const counts: Counts = { read: 0, imported: 0, known: 0, refused: 0, left_out: 0, mended: 0 };
    result.counts[name] = counts;
    let analyseAt = FIRST_ANALYSIS;
    const finish = async (judged: ReadonlyMap<number, Judgement<Entry>>, done: number) => {
      const entries = [...judged.values()].flatMap(({ entry }) => entry ?? []);
      const written = await writeBatch(database, entries, how.write, isDryRun);
      note(judged, written, counts, how.onDone, (row, own, problem) =>
        problems.add({ table: section.from, row, id: own }, problem),
      );
      if (!isDryRun && counts.imported >= analyseAt) {
        analyseAt = counts.imported * 2;
        await database.query(GROWING);
      }
      options.onProgress(name, done, counts.read);
    };
    let underway: Promise<void> = Promise.resolve();
    for await (const { rows, done } of source.read(name, section, options.batch)) {
      const judged = new Map(rows.map((row) => [row.number, how.judge(row)]));
      // the database writes one batch while the next one is read and judged
      await underway;
      underway = finish(judged, done);
      underway.catch(() => undefined); // thrown at the next await
    }
    await underway;
  };
  try {
    await run("members", {
      judge: (row) => judgeMember(row, map, seen),
      write: (session, members) => writeMembers(session, members, columns, isDryRun ? undefined : labels),
      onDone(member, became) {
        // its tasks are refused, too
        if (became === "refused") return seen.release("member", member.id);
        result.points[became] += member.balance;
        if (became === "imported") sampled(result, member);
      },
    });
    await run("tasks", {
      judge: (row) => judgeTask(row, map, seen),
      write: (session, tasks) => writeTasks(session, tasks, isDryRun ? undefined : { ...labels, hasBalances }),
      onDone(task, became) {
        if (became === "refused") seen.release("task", task.id);
      },
    });
    await run("ratings", {
      judge: (row) => judgeRating(row, map, seen),
      write: (session, ratings) => writeRatings(session, ratings, !isDryRun),
      onDone: () => undefined,
    });
    if (!isDryRun && SECTIONS.some((name) => (result.counts[name]?.imported ?? 0) > 0)) await database.query(GROWN);
    return result;
  } finally {
    seen.close();
  }
}

type Became = "imported" | "known" | "refused";

/** How rows of a section are judged and written. */
interface How<Entry> {
  judge(row: SourceRow): Judgement<Entry>;
  write: Write<Entry>;
  onDone(entry: Entry, became: Became): void;
}

/** Counts and reports what became of the rows of a batch. */
function note<Entry>(
  judged: ReadonlyMap<number, Judgement<Entry>>,
  written: Written,
  counts: Counts,
  onDone: How<Entry>["onDone"],
  report: (row: number, own: string, problem: Problem) => void,
): void {
  for (const { n, ...verdict } of written.verdicts) judged.get(n)?.findings.problems.push({ ...verdict, value: "" });
  const known = new Set(written.known);
  for (const [row, { own, findings, entry }] of judged) {
    const { problems } = findings;
    const has = (outcome: Outcome) => problems.some((problem) => problem.outcome === outcome);
    const became = known.has(row) ? "known" : has("left_out") ? "left_out" : has("refused") ? "refused" : "imported";
    counts.read += 1;
    counts[became] += 1;
    if (has("mended") && entry !== undefined && became !== "refused") counts.mended += 1;
    if (entry !== undefined && became !== "left_out") onDone(entry, became);
    for (const problem of problems) report(row, own, problem);
  }
}

/** Every member has the same chance to be in it. */
function sampled(result: ImportResult, member: Member): void {
  const place = Math.floor(Math.random() * (result.counts.members?.imported ?? 1));
  if (result.sample.length < SAMPLE) result.sample.push(member);
  else if (place < SAMPLE) result.sample[place] = member;
}
