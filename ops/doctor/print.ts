import type { SubjectReport } from "./examine.ts";
import type { Finding, Level } from "./finding.ts";

/** What each line begins with. */
export const MARKS: Readonly<Record<Level, string>> = { fine: "✓", warning: "!", problem: "✗", unasked: "?" };

const WIDTH = 14;

/** The lines of one subject. */
export function linesOf({ subject, findings }: SubjectReport): string {
  return findings
    .flatMap(({ level, says, next }, index) => {
      const title = (index === 0 ? subject : "").padEnd(WIDTH);
      const line = `${MARKS[level]} ${title} ${says}`;
      return next === undefined ? [line] : [line, `  ${"".padEnd(WIDTH)}   → ${next}`];
    })
    .join("\n");
}

/** How many findings there are of each level. */
export function countsOf(reports: readonly SubjectReport[]): Readonly<Record<Level, number>> {
  const counts = { fine: 0, warning: 0, problem: 0, unasked: 0 };
  for (const { level } of reports.flatMap(({ findings }): Finding[] => [...findings])) counts[level] += 1;
  return counts;
}

/** The last line. */
export function summaryOf(reports: readonly SubjectReport[]): string {
  const { fine, warning, problem, unasked } = countsOf(reports);
  return `${fine} fine, ${warning} to look at, ${problem} ill, ${unasked} not asked`;
}

/** For programs. */
export function jsonOf(reports: readonly SubjectReport[], repairs: readonly object[]): string {
  const subjects = reports.map(({ subject, findings }) => ({
    subject,
    findings: findings.map(({ repairs: offered = [], ...finding }) => ({
      ...finding,
      repairs: offered.map(({ title }) => title),
    })),
  }));
  return JSON.stringify(
    { checked_at: new Date().toISOString(), counts: countsOf(reports), subjects, repairs },
    null,
    2,
  );
}
