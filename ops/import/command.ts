import { existsSync } from "node:fs";
import { StackError } from "../../dev/base/stack-error.ts";
import { connect, type Database } from "../core/connection.ts";
import { report } from "../core/report.ts";
import { inTime } from "../core/show.ts";
import { type ImportMap, readMap, SECTIONS, type SectionName } from "./map.ts";
import { openProblemFile } from "./problems.ts";
import { type Counts, type ImportResult, runImport } from "./run-import.ts";
import type { SectionPlan, Source } from "./source.ts";
import { totals, verify } from "./verify.ts";

/** Flags of both commands. */
export const OPTIONS = {
  map: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  problems: { type: "string" },
  "leave-out": { type: "string", multiple: true, default: [] as string[] },
  welcome: { type: "boolean", default: false },
  batch: { type: "string", default: "2000" },
  json: { type: "boolean", default: false },
} as const;

export const OPTIONS_HELP = `  --map <file>       how its columns are to be read (default: the documented layout of users)
  --dry-run          judges every row, and writes nothing
  --problems <file>  where the report goes that names each row with a problem (default: beside the source)
  --leave-out <name> a column that no map names and that is not to come; may be repeated
  --welcome          new members get settings.welcome_points besides their balance
  --batch <rows>     rows of a transaction (default: 2000)
  --json             one JSON document instead of lines
  --help             show this text

Exit code 1 also when the verification at the end finds a difference. All of it: docs/operations/import.md`;

export interface Flags {
  map?: string | undefined;
  "dry-run": boolean;
  problems?: string | undefined;
  "leave-out": string[];
  welcome: boolean;
  batch: string;
  json: boolean;
}

/** Imports what a source has, from the look at its columns to the verification. */
export async function importFrom(
  file: string,
  flags: Flags,
  open: (map: ImportMap, step: (title: string) => void) => Promise<Source> | Source,
): Promise<void> {
  if (!/^[1-9]\d{0,4}$/u.test(flags.batch))
    throw new StackError(`--batch ${flags.batch} is no number of rows: 1 to 99999`);
  if (!existsSync(file)) throw new StackError(`there is no file ${file}`);
  const out = report(flags);
  const isDryRun = flags["dry-run"];
  const map = readMap(flags.map);
  for (const name of SECTIONS) map[name]?.leave_out.push(...flags["leave-out"]);
  const source = await open(map, (title) => out.line(`• ${title}`));
  const database = await connect({ writes: true, applicationName: "neighbourhood import" });
  try {
    const plans = SECTIONS.flatMap((name) => (map[name] === undefined ? [] : source.plan(name, map[name])));
    for (const plan of plans) for (const line of planLines(plan)) out.line(line);
    if (source.unknownTables.length > 0) out.line(`! not imported: the tables ${source.unknownTables.join(", ")}`);
    const unknown = plans.flatMap((plan) => plan.unknown);
    if (unknown.length > 0 && !isDryRun) {
      throw new StackError(
        `nobody said what becomes of ${unknown.join(", ")}: map them, or name them with --leave-out or in the map's leave_out`,
      );
    }
    await refuseUnfit(database, map, flags.welcome);
    const problems = openProblemFile(flags.problems ?? `${file}.problems.csv`);
    const before = await totals(database, map.source);
    const began = performance.now();
    let result: ImportResult;
    try {
      result = await runImport(database, source, map, problems, {
        isDryRun,
        batch: Number(flags.batch),
        onProgress: progress(plans, out.line),
      });
    } finally {
      await problems.close();
    }
    const seconds = (performance.now() - began) / 1000;
    out.line("• verifying");
    const { differences, remarks } = isDryRun
      ? { differences: [], remarks: [] }
      : await verify(database, map.source, before, result);
    const { counts, points } = result;
    out.result(
      {
        database: database.name,
        source: source.name,
        dry_run: isDryRun,
        counts,
        points,
        problems: Object.fromEntries(problems.counts),
        problems_file: problems.path,
        unknown_columns: unknown,
        unknown_tables: source.unknownTables,
        differences,
        remarks,
        seconds: Math.round(seconds * 10) / 10,
      },
      [
        ...Object.entries(counts).map(([name, of]) => `${name}: ${countLine(of, isDryRun)}`),
        `opening balances: ${points.imported.toLocaleString("en")} points`,
        ...[...problems.counts].map(([problem, count]) => `  ${count} ${problem}`),
        ...(problems.counts.size > 0 ? [`each of them: ${problems.path}`] : []),
        ...remarks.map((remark) => `! ${remark}`),
        ...(differences.length > 0 ? [] : [doneLine(isDryRun, database.name, seconds)]),
      ],
    );
    if (differences.length > 0) {
      throw new StackError(`what is in ${database.name} is not as it should be: ${differences.join("; ")}`);
    }
  } finally {
    await database.close();
    source.close();
  }
}

const doneLine = (isDryRun: boolean, name: string, seconds: number): string =>
  isDryRun
    ? `nothing was written; without --dry-run it goes into ${name}`
    : `✓ imported into ${name} in ${inTime(seconds)}, and verified: counts, sums, logins, all audits`;

function countLine({ read, imported, known, refused, left_out, mended }: Counts, isDryRun: boolean): string {
  return [
    `${read.toLocaleString("en")} read`,
    `${imported.toLocaleString("en")} ${isDryRun ? "to import" : "imported"}`,
    `${known.toLocaleString("en")} there already`,
    `${refused.toLocaleString("en")} refused`,
    `${left_out.toLocaleString("en")} left out`,
    `${mended.toLocaleString("en")} mended`,
  ].join(", ");
}

function planLines({ section, from, columns, unknown }: SectionPlan): string[] {
  return [
    `${section} from ${from}: ${columns.join(", ")}`,
    ...(unknown.length > 0 ? [`! columns that nobody named: ${unknown.join(", ")}`] : []),
  ];
}

/** @throws StackError when the database cannot take members now. */
async function refuseUnfit(database: Database, map: ImportMap, isWelcome: boolean): Promise<void> {
  const [found] = await database.query<{ welcome_points: number; may: boolean }>(
    `select welcome_points, has_table_privilege('auth.users', 'insert') and has_table_privilege('public.users', 'insert') as may
     from private.settings`,
  );
  if (!found?.may) {
    throw new StackError(
      `this user may not create logins in ${database.name}: connect as the owner (postgres on hosted projects)`,
    );
  }
  if (found.welcome_points > 0 && !isWelcome) {
    throw new StackError(
      `each imported member would get ${found.welcome_points} welcome points besides the balance: say --welcome, or set settings.welcome_points to 0 for the time being`,
    );
  }
  const [zone] = await database.query<{ is_known: boolean }>(
    "select exists (select from pg_timezone_names where name = $1) as is_known",
    [map.time_zone],
  );
  if (!zone?.is_known) throw new StackError(`there is no time zone ${map.time_zone}: write it as Europe/Berlin`);
}

const EVERY_MS = 5_000;

/** A line now and then: how far, how fast, how long still. */
function progress(plans: readonly SectionPlan[], line: (text: string) => void) {
  let told = performance.now();
  let section: SectionName | undefined;
  let began = told;
  return (name: SectionName, done: number, rows: number): void => {
    const now = performance.now();
    if (name !== section) {
      section = name;
      began = now;
      told = now;
    }
    if (now - told < EVERY_MS) return;
    told = now;
    const size = plans.find((plan) => plan.section === name)?.size ?? done;
    const seconds = (now - began) / 1000;
    const left = done === 0 ? 0 : (seconds * Math.max(size - done, 0)) / done;
    const percent = size === 0 ? 100 : Math.floor((100 * done) / size);
    line(
      `  ${name}: ${rows.toLocaleString("en")} (${percent} %), ${Math.round(rows / seconds).toLocaleString("en")} a second, ${inTime(left)} left`,
    );
  };
}
