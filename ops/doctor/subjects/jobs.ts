import { type Findings, ill, orFine, type Repair } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** A row of ops.jobs that is not well. */
export interface JobFacts {
  readonly job: string;
  readonly schedule: string;
  readonly last_error: string | null;
  readonly is_overdue: boolean;
  /** `database`, or outside of it, where nothing here can run it. */
  readonly runs_in: string;
  readonly last_run: string | null;
}

export const jobs: DatabaseSubject = {
  name: "jobs",
  about: "jobs that failed, or do not run any more",
  async ask({ ask }) {
    const found = await ask<JobFacts>(`
      select j.job, j.schedule, j.last_error, j.is_overdue, j.runs_in, to_char(j.last_started_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as last_run
      from ops.jobs j order by 1`);
    return judgeJobs(found);
  },
};

/** Whether what happens by the clock happens. */
export function judgeJobs(found: readonly JobFacts[]): Findings {
  const failed = found.filter(({ last_error }) => last_error !== null);
  const overdue = found.filter(({ is_overdue, last_error }) => is_overdue && last_error === null);
  const findings = failed.map(({ job, last_error }) =>
    ill("job_failed", `${job} failed: ${last_error}`, `npm run sql -- "select * from ops.run_job('${job}')"`, {
      title: `run job ${job} again`,
      async run(patient) {
        const [row] = await patient.act<{ processed: number; failed: number }>("select * from ops.run_job($1)", [job]);
        return row === undefined ? "its next turn is free" : `${row.processed} done, ${row.failed} failed`;
      },
    }),
  );
  const [first] = overdue;
  if (first !== undefined) {
    const names = overdue.map(({ job }) => job).join(", ");
    const says = `not run in time: ${names} (${first.job}: ${first.schedule}, last ${first.last_run ?? "never"})`;
    const next =
      "npm run jobs, or look at pg_cron: select * from cron.job_run_details order by start_time desc limit 20";
    const repairs = overdue.some(({ runs_in }) => runs_in === "database") ? [RUN_DUE] : [];
    findings.push(ill("job_overdue", says, next, ...repairs));
  }
  return orFine(findings, `all ${found.length} jobs run`);
}

const RUN_DUE: Repair = {
  title: "run what is due now",
  async run(patient) {
    return `${(await patient.act("select * from ops.run_due_jobs()")).length} jobs ran`;
  },
};
