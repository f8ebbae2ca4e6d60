import { type Findings, ill, orFine } from "../finding.ts";
import type { Ask } from "../patient.ts";
import type { DatabaseSubject } from "../subject.ts";

/** What an audit found of one kind. */
export interface AuditFacts {
  readonly audit: string;
  readonly problem: string;
  readonly count: number;
  readonly example: string | null;
}

export const audits: DatabaseSubject = {
  name: "audits",
  about: "what ops.audit_all() finds: books, tasks, ratings, search, erasure, …",
  ask: async ({ ask }) => judgeAudits(await readAudits(ask)),
};

/** What all audits find now. */
export async function readAudits(ask: Ask): Promise<readonly AuditFacts[]> {
  return ask<AuditFacts>(
    "select a.audit, a.problem, count(*) as count, min(a.subject_id) as example from ops.audit_all() a group by 1, 2 order by 1, 2",
  );
}

/** What is wrong with what is counted or kept beside. */
export function judgeAudits(found: readonly AuditFacts[]): Findings {
  const findings = found.map(({ audit, problem, count, example }) => {
    const says = `${audit} found ${problem} ${count === 1 ? "once" : `${count} times`}${example === null ? "" : `, such as ${example}`}`;
    return ill("audit_failed", says, `npm run sql -- "select * from ops.${audit}() where problem = '${problem}'"`);
  });
  return orFine(findings, "every audit found nothing");
}
