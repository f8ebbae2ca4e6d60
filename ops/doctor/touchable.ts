import type { Patient } from "./patient.ts";

/**
 * Which sessions `a` of `pg_stat_activity` a repair may touch: people's and programs' in this database. Never the doctor's
 * own, a superuser's, replication, what the platform runs, or work that must not be cut off: backups, commands of this repository,
 * pg_cron. It is asked again in the very statement that ends or cancels.
 */
export const IS_TOUCHABLE = `(
  a.backend_type = 'client backend' and a.datname = current_database() and a.pid <> pg_backend_pid()
  and a.usename !~ '^(supabase_.*|authenticator|pgbouncer|pg_.*)$'
  and a.application_name !~* '^(npm run |neighbourhood |pg_|pgbackrest|barman|wal-g)'
  and exists (select from pg_roles r where r.oid = a.usesysid and not r.rolsuper))`;

/** Statements that can be cut off: reading and writing of rows. Not what builds, dumps or migrates. */
export const IS_ORDINARY = String.raw`a.query ~* '^\s*(select|with|insert|update|delete|merge|values|fetch|execute)\y'`;

/** One session, told from a later one with the same number. */
export interface SessionId {
  readonly pid: number;
  /** As text, to the microsecond. */
  readonly started: string;
}

/**
 * Ends or cancels a session, if it is still the same one and still in that state.
 *
 * @param how `pg_terminate_backend` or `pg_cancel_backend`.
 * @param still the condition on `a` that made it ill.
 */
export async function touch(
  patient: Patient,
  how: "pg_terminate_backend" | "pg_cancel_backend",
  { pid, started }: SessionId,
  still: string,
): Promise<string> {
  const [row] = await patient.act<{ done: boolean }>(
    `select ${how}(a.pid) as done from pg_stat_activity a
     where a.pid = $1::integer and a.backend_start = $2::timestamptz and ${still} and ${IS_TOUCHABLE}`,
    [String(pid), started],
  );
  if (row === undefined) return "it had ended by itself";
  if (!row.done) return "the server could not reach it any more";
  return how === "pg_cancel_backend" ? "cancelled" : "ended";
}
