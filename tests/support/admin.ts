import { randomUUID } from "node:crypto";
import postgres from "postgres";

/** A value bound to a `$n` placeholder. */
export type Parameter = string | number | boolean | null | Date | string[];

/** SQL with an admin's rights. */
export type Sql = <Row extends object = Record<string, unknown>>(
  text: string,
  parameters?: readonly Parameter[],
) => Promise<Row[]>;

/** A pool of admin connections to a server. */
export interface AdminPool {
  readonly sql: Sql;
  close(): Promise<void>;
}

/** Connects with an admin's rights: the owner of the product's objects, or the superuser. */
export function openAdmin(url: string, max = 4): AdminPool {
  const pool = postgres(url, { max, onnotice: () => undefined, connection: { application_name: "test admin" } });
  return {
    sql: async <Row extends object>(text: string, parameters: readonly Parameter[] = []) => [
      ...(await pool.unsafe<Row[]>(text, [...parameters])),
    ],
    close: () => pool.end({ timeout: 5 }),
  };
}

/** Signs members up by inserting logins, as the Auth server does, a year ago; returns their ids. */
export async function signUpBySql(sql: Sql, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await sql(
    `insert into auth.users (id, email, email_confirmed_at, raw_user_meta_data)
     select id, id || '@example.test', now(), jsonb_build_object('name', 'Neighbour ' || left(id::text, 8))
     from unnest($1::uuid[]) id`,
    [ids],
  );
  await sql("update public.users set created_at = now() - interval '1 year' where id = any ($1::uuid[])", [ids]);
  return ids;
}

/** Deletes a login, which is how an account is deleted; the Auth admin API runs the same statement. */
export const DELETE_LOGIN = "delete from auth.users where id = $1";

/**
 * Runs the jobs as of an SQL expression such as `now() + interval '15 days'`; returns the number done per job.
 * A job that reports a failed row fails the test.
 */
export async function runDueJobs(sql: Sql, asOf: string): Promise<Record<string, number>> {
  return jobCounts(await sql<JobRow>(`select * from ops.run_due_jobs(${asOf})`));
}

/** One row of `ops.run_due_jobs`. */
export interface JobRow {
  job: string;
  processed: number;
  failed: number;
}

/** Number done per job; throws when a job reports failures. */
export function jobCounts(rows: readonly JobRow[]): Record<string, number> {
  const failed = rows.filter((row) => row.failed > 0);
  if (failed.length > 0) throw new Error(`jobs reported failures: ${JSON.stringify(failed)}`);
  return Object.fromEntries(rows.map((row) => [row.job, row.processed]));
}
