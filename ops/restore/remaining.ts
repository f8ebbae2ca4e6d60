import type { Manifest } from "../backup/manifest.ts";
import type { Database } from "../core/connection.ts";

/** What no backup of the database can bring back, and what to do for it: a line each. */
export async function remainingWork(
  database: Pick<Database, "query">,
  manifest: Pick<Manifest, "sealing_keys" | "stored_files">,
  withoutPassword: readonly string[],
): Promise<string[]> {
  const [has] = await database.query<{ cron: boolean; jobs: boolean; vault: boolean }>(`
    select exists (select from pg_available_extensions where name = 'pg_cron') as cron,
      to_regclass('cron.job') is not null as jobs, to_regnamespace('vault') is not null as vault`);
  const [scheduled] = has?.jobs
    ? await database.query<{ count: number }>("select count(*) from cron.job where command like '%ops.run_due_jobs%'")
    : [];
  return [
    ...missingKeys(manifest),
    ...(has?.cron && !scheduled?.count
      ? [
          "schedule: create extension if not exists pg_cron; select cron.schedule('run-due-jobs', '* * * * *', 'select ops.run_due_jobs()'); in the database",
        ]
      : []),
    ...(has?.cron ? [] : ["schedule: run npm run jobs beside this database"]),
    ...(has?.vault
      ? ["vault: project_url and secret_key for the schedule of the functions (docs/operations/functions.md)"]
      : []),
    "functions: deploy them and set their secrets (npx supabase secrets set --env-file functions.env)",
    ...withoutPassword.map(
      (role) => `role ${role} was created: give it its password (alter role ${role} password '…')`,
    ),
    ...(manifest.stored_files > 0
      ? [`files: ${manifest.stored_files} rows of storage.objects are back, their files are not: copy the buckets`]
      : []),
  ];
}

/** The ids of sealing keys that the functions' environment does not have; all of them where it is not known here. */
function missingKeys({ sealing_keys }: Pick<Manifest, "sealing_keys">): string[] {
  const needed = Object.keys(sealing_keys);
  if (needed.length === 0) return [];
  const environment = process.env["SEALING_KEYS"] ?? "";
  const known = environment.split(",").map((pair) => pair.trim().split(":")[0]);
  const missing = needed.filter((id) => !known.includes(id));
  if (environment === "") return [`sealing keys: SEALING_KEYS of the functions must hold ${needed.join(", ")}`];
  return missing.map(
    (id) =>
      `sealing keys: ${id} is missing in SEALING_KEYS, ${sealing_keys[id]} codes or secrets cannot be opened without it`,
  );
}
