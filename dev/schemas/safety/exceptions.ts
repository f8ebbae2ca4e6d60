import type { ParsedStatement } from "../../stack/database/statements.ts";
import type { Finding, LaterFile } from "./finding.ts";

/** A comment `-- allow <rule>: <reason>` above a statement. */
interface Exception {
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

const FORM = "-- allow <rule>: <why nobody is harmed>, right above the statement";
/** So that a reason says something. */
const SHORTEST_REASON = 15;

/**
 * Leaves out what the file excuses.
 *
 * @returns the other findings, and exceptions that give no reason or excuse nothing.
 */
export function withoutExceptions(file: LaterFile, findings: readonly Finding[]): readonly Finding[] {
  const used = new Set<Exception>();
  const exceptions = file.statements.map((statement) => exceptionsAbove(file, statement));
  const left = findings.filter((finding) => {
    const index = file.statements.findLastIndex(({ line }) => line <= finding.line);
    const excuse = exceptions[Math.max(index, 0)]?.find(({ rule }) => rule === finding.rule);
    if (excuse !== undefined) used.add(excuse);
    return excuse === undefined;
  });
  const all = exceptions.flat();
  const wrong = (line: number, why: string): Finding => ({
    file: file.file,
    line,
    rule: "exception",
    why,
    instead: FORM,
  });
  return [
    ...left,
    ...all
      .filter(({ reason }) => reason.length < SHORTEST_REASON)
      .map(({ line, rule }) => wrong(line, `${rule} is allowed without a reason`)),
    ...all.filter((one) => !used.has(one)).map(({ line, rule }) => wrong(line, `there is no ${rule} to be allowed`)),
    ...squawkIgnores(file).map((line) => wrong(line, "squawk-ignore says no reason")),
  ];
}

function exceptionsAbove({ sql }: LaterFile, { line }: ParsedStatement): readonly Exception[] {
  const lines = sql.split("\n");
  const found: Exception[] = [];
  for (let at = line - 1; at > 0 && lines[at - 1]?.trim().startsWith("--"); at -= 1) {
    const [, rule, reason = ""] = /^\s*-- allow ([a-z-]+):?\s*(.*)$/u.exec(lines[at - 1] ?? "") ?? [];
    if (rule !== undefined) found.push({ line: at, rule, reason: reason.trim() });
  }
  return found;
}

const squawkIgnores = ({ sql }: LaterFile): number[] =>
  sql.split("\n").flatMap((line, index) => (/--\s*squawk-ignore/u.test(line) ? [index + 1] : []));
