import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import { runCommand, wrongUsage } from "../../dev/commands/command.ts";
import { leftoversIn } from "../../dev/commands/leftovers.ts";
import { openOwnerSession } from "../core/owner.ts";
import { secondsOf, withPatience } from "../core/patience.ts";
import { report } from "../core/report.ts";
import { requireBackup } from "./backup.ts";
import { type Loss, lossesOf, lossInWords } from "./losses.ts";
import { planRollback } from "./plan.ts";
import { isBusy, takeBack } from "./take-back.ts";

const USAGE = `Usage: npm run db:rollback -- --steps N [options]

Takes the last N migrations back by supabase/rollbacks, the newest first, each in one transaction together with its line of the
history. The database is that of DATABASE_DIRECT_URL or DATABASE_URL, otherwise that of the running local stack. Refuses while
data would be lost, and names it.

  --steps N        how many migrations
  --dry-run        change nothing; say what would be taken back, and what would be lost
  --force          delete what is named; needs a backup of the last hour in ops.backups
  --backup NAME    with --force: another backup, by its name there or as a file of pg_dump
  --patience SEC   how long to try again where others hold a table (default: 300)
  --json           one JSON document instead of lines
  --help           show this text`;

await runCommand({
  usage: USAGE,
  options: {
    steps: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    force: { type: "boolean", default: false },
    backup: { type: "string" },
    patience: { type: "string", default: "300" },
    json: { type: "boolean", default: false },
  },
  async run({ steps = "", "dry-run": isDryRun, force, backup, patience, json }) {
    if (!/^[1-9]\d{0,2}$/u.test(steps)) wrongUsage("--steps takes how many migrations, from 1", USAGE);
    const seconds = secondsOf(patience);
    const out = report({ json });
    const session = await openOwnerSession({ applicationName: "npm run db:rollback" });
    try {
      const plan = await planRollback(session, paths.supabase, Number(steps));
      const files = plan.map(({ migration }) => migration.file);
      const losses: Loss[] = [];
      for (const step of plan) losses.push(...(await lossesOf(step, session)));
      const leftovers = await leftoversIn(session);
      for (const leftover of leftovers) out.line(`! ${leftover}`);
      if (isDryRun) {
        const lines = [
          ...files.map((file) => `${file} would be taken back`),
          ...losses.map((loss) => `lost would be ${lossInWords(loss)}`),
        ];
        return out.result({ database: session.name, files, losses, leftovers, isDryRun }, lines);
      }
      if (losses.length > 0 && !force) {
        const named = losses.map(lossInWords).join(", ");
        throw new StackError(`nothing was taken back, because data would be lost: ${named}. With a backup: --force`);
      }
      const saved = force ? await requireBackup(session, backup) : undefined;
      const done: string[] = [];
      for (const step of plan) {
        await out
          .step(`${step.migration.file} is taken back`, (detail) =>
            withPatience(
              seconds,
              () => takeBack(session, step, force),
              isBusy,
              process.stdout.isTTY ? detail : out.line,
            ),
          )
          .catch((error: unknown) => {
            throw withoutTheRest(error, done);
          });
        done.push(step.migration.file);
      }
      out.result({ database: session.name, files, losses, leftovers, backup: saved ?? null }, [
        `${session.name}: ${done.length === 1 ? "1 migration was" : `${done.length} migrations were`} taken back`,
      ]);
    } finally {
      await session.close();
    }
  },
});

/** Says which ones were taken back before the one that failed. */
function withoutTheRest(error: unknown, done: readonly string[]): unknown {
  if (!(error instanceof StackError)) return error;
  const before = done.length === 0 ? "nothing was taken back" : `taken back before it: ${done.join(", ")}`;
  return new StackError(`${error.message} (${before})`);
}
