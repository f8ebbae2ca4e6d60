import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, StackError } from "../../base/stack-error.ts";
import { parseStatements } from "../../stack/database/statements.ts";
import { checkMigrations } from "../frozen.ts";
import { Catalogue } from "./catalogue.ts";
import { withoutExceptions } from "./exceptions.ts";
import type { Finding, LaterFile, Rule } from "./finding.ts";
import { judgeBeginning, LOCK_RULES } from "./locks.ts";
import { PLATFORM_RULES } from "./platform.ts";
import { RELEASE_RULES } from "./release.ts";
import { askSquawk, isQuick } from "./squawk.ts";

/** What takes an index back outside a transaction is run again when the connection was lost behind it. */
const dropIsRepeatable: Rule = (node) =>
  "DropStmt" in node && node.DropStmt.concurrent === true && node.DropStmt.missing_ok !== true
    ? [
        {
          rule: "drop-index-if-exists",
          why: "it runs outside a transaction, so it may have been done before the history says so",
          instead: "drop index concurrently if exists …",
        },
      ]
    : [];

/**
 * Judges whether the migrations after the frozen ones, which are one release, are safe beside people who work, and their
 * rollbacks. The frozen ones have been judged, and the first of all run on an empty database.
 *
 * @param supabase folder with `schemas/`, `migrations/` and `rollbacks/`.
 * @returns what is wrong, file by file.
 */
export async function judgeMigrations(supabase: string): Promise<readonly Finding[]> {
  const { frozen, later } = checkMigrations(supabase);
  if (frozen.length === 0) return [];
  const catalogue = new Catalogue();
  for (const file of frozen) {
    const read = await readFile(`migrations/${file}`, supabase);
    for (const { node } of read.statements) catalogue.learn(node, read, true);
  }
  const squawk = await askSquawk(
    later.map((file) => `migrations/${file}`),
    supabase,
  );
  const findings: Finding[] = [];
  for (const file of later) {
    const migration = await readFile(`migrations/${file}`, supabase);
    findings.push(...judgeMigration(migration, catalogue, squawk));
    findings.push(...judgeRollback(await readFile(`rollbacks/${file}`, supabase), catalogue));
  }
  return findings;
}

function judgeMigration(file: LaterFile, catalogue: Catalogue, squawk: readonly Finding[]): readonly Finding[] {
  const place = { file, catalogue };
  const findings: Finding[] = at(file, judgeBeginning(file));
  const quickLines = new Set<number>();
  for (const { node, line } of file.statements) {
    const rules = [...LOCK_RULES, ...RELEASE_RULES, ...PLATFORM_RULES];
    findings.push(...rules.flatMap((rule) => rule(node, place)).map((one) => ({ file: file.file, line, ...one })));
    if (isQuick(node, place)) quickLines.add(line);
    catalogue.learn(node, file, false);
  }
  const others = squawk.filter((one) => {
    const statement = file.statements.findLast(({ line }) => line <= one.line);
    return one.file === file.file && !quickLines.has(statement?.line ?? 0);
  });
  return sorted(withoutExceptions(file, [...findings, ...others]));
}

function judgeRollback(file: LaterFile, catalogue: Catalogue): readonly Finding[] {
  const place = { file, catalogue };
  const rules = [...PLATFORM_RULES, dropIsRepeatable];
  const findings = file.statements.flatMap(({ node, line }) =>
    rules.flatMap((rule) => rule(node, place)).map((one) => ({ file: file.file, line, ...one })),
  );
  return sorted(withoutExceptions(file, [...at(file, judgeBeginning(file)), ...findings]));
}

const at = ({ file }: LaterFile, problems: ReturnType<typeof judgeBeginning>): Finding[] =>
  problems.map((problem) => ({ file, ...problem }));

const sorted = (findings: readonly Finding[]): readonly Finding[] => findings.toSorted((a, b) => a.line - b.line);

async function readFile(file: string, supabase: string): Promise<LaterFile> {
  const sql = readFileSync(join(supabase, file), "utf8");
  try {
    return { file, sql, statements: await parseStatements(sql) };
  } catch (error) {
    throw new StackError(`supabase/${file} is not valid SQL: ${messageOf(error)}`);
  }
}

/** One finding in a line. */
export const sentenceOf = ({ file, line, rule, why, instead }: Finding): string =>
  `supabase/${file}:${line} ${rule}: ${why}. Instead: ${instead}`;

/** @throws StackError when something is wrong; what, is printed before. */
export async function refuseUnsafeMigrations(supabase: string): Promise<void> {
  const findings = await judgeMigrations(supabase);
  for (const finding of findings) console.error(sentenceOf(finding));
  if (findings.length === 0) return;
  const count = findings.length === 1 ? "1 thing is" : `${findings.length} things are`;
  throw new StackError(
    `${count} not safe beside people who work: mend them, or say why not above the statement: -- allow <rule>: <reason>`,
  );
}
