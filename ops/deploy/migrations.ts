import { readdirSync } from "node:fs";
import { paths } from "../../dev/base/paths.ts";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { appliedVersions } from "../core/history.ts";
import { type Action, type CommandLine, type Context, runCommandLine, showCommand } from "./actions.ts";
import { writeState } from "./state.ts";

/** Migrations and backups need sessions, which a pooler in transaction mode does not keep. */
export const DIRECT = { DATABASE_URL: "$DATABASE_DIRECT_URL" };

/** Whether every migration of the database is one of this commit's. */
export const KNOWN_MIGRATIONS: Action = {
  show: "SQL: select version from supabase_migrations.schema_migrations   # all of them are in supabase/migrations",
  async run({ database, state }) {
    const known = new Set(readdirSync(paths.migrations).map((file) => file.split("_")[0] ?? ""));
    const versions = await appliedVersions(await database());
    const strange = versions.find((version) => !known.has(version));
    // as long as no step is done, nothing of this deployment is in the database
    if (state.done.length === 0) state.before = versions;
    if (strange === undefined) return;
    throw new StackError(
      `the database has migration ${strange}, which this commit does not have: check out the commit that brought it, or a later one`,
    );
  },
};

const BACKUP: CommandLine = { program: "npm", args: ["run", "ops:backup", "--", "--kind", "deploy"], env: DIRECT };

/** A backup of what is there before anything changes. */
export const BACK_UP: Action = {
  show: `${showCommand(BACKUP)}   # unless there is nothing yet`,
  async run(context) {
    if ((await appliedVersions(await context.database())).length === 0) return context.note("nothing to back up yet");
    await runCommandLine(BACKUP, context);
  },
};

const PUSH: CommandLine = { program: "npm", args: ["run", "db:push"], env: DIRECT };

const rollback = (steps: string): CommandLine => ({
  program: "npm",
  args: ["run", "db:rollback", "--", "--steps", steps],
  env: DIRECT,
});

/** Migrates; when one of several migrations fails, those before it are rolled back. */
export const MIGRATE: Action = {
  show: `${showCommand(PUSH)}   # when it fails: ${showCommand(rollback("N"))}`,
  async run(context) {
    try {
      await runCommandLine(PUSH, context);
    } catch (error) {
      await rememberApplied(context);
      const reason = `the migration failed (${messageOf(error)})`;
      throw new StackError(`${reason}; ${await takeBack(context)}. Mend it, commit, and run the same command again`);
    }
    await rememberApplied(context);
    context.note(`${counted(context.state.applied.length)} applied`);
  },
};

/** Takes back what the last deployment applied. */
export const ROLL_BACK: Action = {
  show: `${showCommand(rollback("N"))}   # N: as many as the last deployment applied`,
  async run(context) {
    await rememberApplied(context);
    context.note(await takeBack(context));
  },
};

async function rememberApplied({ target, state, database }: Context): Promise<void> {
  const before = new Set(state.before);
  state.applied = (await appliedVersions(await database())).filter((version) => !before.has(version));
  writeState(target.name, state);
}

async function takeBack(context: Context): Promise<string> {
  const { length: steps } = context.state.applied;
  if (steps === 0) return "nothing was applied, the database is as it was";
  const line = rollback(String(steps));
  try {
    await runCommandLine(line, context);
  } catch (error) {
    const byHand = "decide between npm run db:rollback -- --force and npm run ops:restore";
    throw new StackError(`${counted(steps)} applied and could not be rolled back (${messageOf(error)}): ${byHand}`);
  }
  await rememberApplied(context);
  return `${counted(steps)} rolled back, the database is as it was`;
}

const counted = (count: number): string => (count === 1 ? "1 migration was" : `${count} migrations were`);
