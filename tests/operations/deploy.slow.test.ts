import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openServerSession } from "../../dev/stack/database/session.ts";
import type { State } from "../../ops/deploy/state.ts";
import { copyForDeployment, type DeployableCopy } from "../support/deployable-copy.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { type DeployOutcome, startDeploy } from "../support/run-deploy.ts";
import { requireCluster } from "../support/target.ts";
import { startThrowawayStack, type ThrowawayStack } from "../support/throwaway-stack.ts";

requireCluster("tests/operations");

/** One running stack stands for staging and production; what is deployed to it are commits of a copy of this repository. */
let local: ThrowawayStack;
let copy: DeployableCopy;
let env: Record<string, string>;
beforeAll(async () => {
  copy = copyForDeployment();
  local = await startThrowawayStack("deploy");
  const { stack } = local;
  env = {
    DATABASE_URL: stack.databaseUrl,
    SUPABASE_URL: stack.url,
    SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
    SUPABASE_SECRET_KEY: stack.secretKey,
    BACKUP_STORE: join(copy.root, ".local/backups"),
  };
  mkdirSync(env["BACKUP_STORE"] ?? "", { recursive: true });
});
afterAll(async () => {
  await local?.remove();
  copy?.remove();
});

/** The usual deployment: the tests of the commit are green, and there is no project at Supabase. */
const FLAGS = ["--to", "staging", "--self-hosted", "--tested"];
const deploy = (more: Record<string, string> = {}, ...args: string[]): Promise<DeployOutcome> =>
  startDeploy(copy.root, { ...env, ...more }, ...FLAGS, ...args).outcome;
const production = (...args: string[]): Promise<DeployOutcome> =>
  startDeploy(copy.root, env, "--to", "production", "--self-hosted", "--tested", ...args).outcome;

const stateOf = (): Partial<State> => {
  const file = join(copy.root, ".local/deploy/staging.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
};
const versions = async (): Promise<string[]> =>
  (
    await local.stack.sql<{ version: string }>("select version from supabase_migrations.schema_migrations order by 1")
  ).map(({ version }) => version);
const backups = (): string[] => readdirSync(env["BACKUP_STORE"] ?? "");
const noteTable = (name: string): string =>
  `create table private.${name}_note (id bigint primary key); alter table private.${name}_note enable row level security;`;
const commit = (): void => {
  copy.git("add", "--all");
  copy.git("commit", "--quiet", "--message", "Change");
};

/** One line that says what happened, with advice, and nothing of where in the program. */
function expectFailure({ code, err }: DeployOutcome, line: RegExp): void {
  expect(err).toMatch(line);
  expect(err.trim().split("\n")).toHaveLength(1);
  expect(code).toBe(1);
}

const STEPS = ["Checks", "Backup", "Migrations", "Functions and their secrets", "Schedule", "Verification"];

/** What Supabase Vault looks like from outside. */
const VAULT = [
  "create schema vault",
  "create table vault.secrets (id uuid primary key default gen_random_uuid(), name text unique, secret text not null)",
  `create function vault.create_secret(new_secret text, new_name text default null) returns uuid language sql
    as 'insert into vault.secrets (secret, name) values ($1, $2) returning id'`,
  `create function vault.update_secret(secret_id uuid, new_secret text default null) returns void language sql
    as 'update vault.secrets set secret = $2 where id = $1'`,
  "grant usage on schema vault to public",
  "grant all on vault.secrets to public",
];
const secrets = () => local.stack.sql("select name, secret from vault.secrets order by name");

test("a commit is deployed: step by step, backed up, verified by members who leave nothing but the ledger", async () => {
  for (const statement of VAULT) await local.stack.sql(statement);
  const { code, out, err } = await deploy();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(await secrets()).toEqual([
    { name: "project_url", secret: env["SUPABASE_URL"] },
    { name: "secret_key", secret: env["SUPABASE_SECRET_KEY"] },
  ]);
  expect(out.match(/^• .+$/gmu)).toEqual(STEPS.map((step) => `• ${step}`));
  expect(out).toMatch(/^! 0 migrations were applied$/mu);
  expect(out).toMatch(/^! functions and their secrets are left to you/mu);
  expect(out).toMatch(/^✓ staging: [0-9a-f]{12} is deployed$/mu);
  expect(backups()).not.toEqual([]);

  const [left] = await local.stack.sql<{ logins: number; paid: number }>(`
    select (select count(*)::integer from auth.users) as logins,
      (select count(*)::integer from public.point_transactions where type = 'task_completed') as paid`);
  expect(left).toEqual({ logins: 0, paid: 1 });
  for (const secret of [env["SUPABASE_SECRET_KEY"] ?? "", new URL(env["DATABASE_URL"] ?? "").password]) {
    expect(out + readFileSync(join(copy.root, ".local/deploy/staging.log"), "utf8")).not.toContain(secret);
  }
});

test("behind a pooler in transaction mode it takes the server's own address, and asks for it", async () => {
  const direct = env["DATABASE_URL"] ?? "";
  const pooler = await startPgBouncer([direct]);
  onTestFinished(() => pooler.stop());
  const pooled = pooler.through(direct);
  expectFailure(await deploy({ DATABASE_URL: pooled }), /set DATABASE_DIRECT_URL/u);
  const { code, err } = await deploy({ DATABASE_URL: pooled, DATABASE_DIRECT_URL: direct });
  expect({ code, err }).toEqual({ code: 0, err: "" });
});

test("two deployments to one database do not run at once", async () => {
  const other = openServerSession(env["DATABASE_URL"] ?? "");
  await other.query("select pg_advisory_lock(hashtext('ops.deploy'))");
  for (const outcome of await Promise.all([deploy(), deploy({}, "--rollback")])) {
    expectFailure(outcome, /^✖ .+: another deployment to .+ is under way: wait until it has ended/u);
  }
  await other.close();
});

test("a migration that fails takes back those before it, and says so", async () => {
  copy.migration("20990101000000_tasks_first", noteTable("first"), "drop table private.first_note;");
  copy.migration("20990101000001_tasks_second", "alter table public.no_such_table add column x text;", "select 1;");
  commit();
  const before = await versions();
  const outcome = await deploy();
  expectFailure(
    outcome,
    /^✖ Migrations: the migration failed \(.*no_such_table.*\); 1 migration was rolled back, the /u,
  );
  expect(outcome.err).toContain("Functions were not touched");
  expect(await versions()).toEqual(before);
  expect(await local.stack.sql("select to_regclass('private.first_note') as found")).toEqual([{ found: null }]);
});

test("killed after the migrations, it goes on behind them", async () => {
  copy.migration("20990101000001_tasks_second", noteTable("second"), "drop table private.second_note;");
  commit();
  const backedUp = backups().length;
  await local.stack.sql("update vault.secrets set secret = 'of last year'");
  const run = startDeploy(copy.root, env, ...FLAGS);
  while (!stateOf().done?.includes("migrate") || stateOf().commit !== copy.git("rev-parse", "HEAD").trim()) {
    await setTimeout(20);
  }
  run.kill();
  expect((await run.outcome).code).toBeNull();
  expect((await versions()).slice(-2)).toEqual(["20990101000000", "20990101000001"]);
  expect(stateOf().finishedAt).toBeUndefined();

  const again = await deploy();
  expect({ code: again.code, err: again.err }).toEqual({ code: 0, err: "" });
  expect(again.out).toMatch(/^• Backup: done before$/mu);
  expect(again.out).toMatch(/^• Migrations: done before$/mu);
  expect(again.out).toMatch(/^• Verification$/mu);
  expect(backups().length).toBeGreaterThan(backedUp);
  expect(stateOf()).toMatchObject({ applied: ["20990101000000", "20990101000001"] });
  expect(await secrets()).toMatchObject([{ secret: env["SUPABASE_URL"] }, { secret: env["SUPABASE_SECRET_KEY"] }]);
});

test("what does not work afterwards is told with the way back, and the way back works", async () => {
  copy.migration("20990101000002_tasks_third", noteTable("third"), "drop table private.third_note;");
  commit();
  const outcome = await deploy({ SUPABASE_URL: "http://127.0.0.1:1", DEPLOY_PATIENCE_MS: "1" });
  expectFailure(
    outcome,
    /^✖ Verification: http:\/\/127\.0\.0\.1:1\/.* gives no answer: .*--to staging --rollback takes/u,
  );
  expect((await versions()).at(-1)).toBe("20990101000002");
  const back = await startDeploy(copy.root, env, "--to", "staging", "--self-hosted", "--rollback").outcome;
  expect(back).toMatchObject({ code: 0, err: "", out: expect.stringContaining("1 migration was rolled back") });
  expect((await versions()).at(-1)).toBe("20990101000001");
});

test("changes that are not committed, and a database that is ahead, are refused before anything is done", async () => {
  writeFileSync(join(copy.root, "supabase/seed.sql"), "select 1;");
  expectFailure(await deploy(), /^✖ Checks: there are changes that are not committed.*Nothing was changed/u);
  copy.git("checkout", "--quiet", "supabase/seed.sql");

  for (const folder of ["migrations", "rollbacks"]) {
    rmSync(join(copy.root, "supabase", folder, "20990101000001_tasks_second.sql"));
  }
  commit();
  expectFailure(
    await deploy(),
    /^✖ Checks: the database has migration 20990101000001, which this commit does not have/u,
  );
  copy.git("reset", "--quiet", "--hard", "HEAD~1");
});

test("production is deployed to in quiet hours, or now; its members are no throw-away ones", async () => {
  const [clock] = await local.stack.sql<{ later: string; much_later: string }>(`
    select to_char(now() at time zone time_zone + interval '1 hour', 'HH24:MI') as later,
      to_char(now() at time zone time_zone + interval '2 hours', 'HH24:MI') as much_later from private.settings`);
  const hours = `${clock?.later}-${clock?.much_later}`;
  const refused = await startDeploy(
    copy.root,
    { ...env, DEPLOY_QUIET_HOURS: hours },
    "--to",
    "production",
    "--self-hosted",
  ).outcome;
  expectFailure(refused, new RegExp(`and production is deployed to at ${hours}: wait, or add --now`, "u"));

  const { code, out, err } = await production("--now", "--json");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ target: "production" });
  expect(JSON.parse(out).notes.join()).toContain("signing in was not checked");
});
