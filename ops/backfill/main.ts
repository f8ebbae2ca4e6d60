import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import { runCommand } from "../../dev/commands/command.ts";
import { explain } from "../core/explain.ts";
import { openOwnerSession } from "../core/owner.ts";
import { report } from "../core/report.ts";

/** A server hears of what was written, and lets autovacuum clean up behind it, only when a call has ended. */
const CALL = "call ops.backfill($1, $2, $3, $4, $5, make_interval(secs => $6), at_most => '20 seconds')";
const PROGRESS = "select * from ops.backfills where name = $1";
const MOST_IDLE_SLICES = 6;

await runCommand({
  usage: `Usage: npm run ops:backfill -- TABLE COLUMN VALUE [options]

Fills a column of a table that is in use, in batches, by ops.backfill. Interrupted, it goes on where it was when it is called
again; rows that others have locked come later. The database is that of DATABASE_DIRECT_URL or DATABASE_URL, otherwise that of
the running local stack.

  npm run ops:backfill -- public.tasks expected_minutes "t.points_reward * 6"

  VALUE              SQL, in which t is the row; a function of the row, too: "private.minutes_of(t)"
  --remaining SQL    which rows are left (default: those whose column is null); the value must make it false
  --batch N          rows of a transaction (default: 1000)
  --pause SECONDS    after each (default: 0.1)
  --json             one JSON document instead of lines
  --help             show this text`,
  options: {
    remaining: { type: "string" },
    batch: { type: "string", default: "1000" },
    pause: { type: "string", default: "0.1" },
    json: { type: "boolean", default: false },
  },
  positionals: ["TABLE", "COLUMN", "VALUE"],
  async run({ remaining, batch, pause, json }, [table = "", column = "", value = ""]) {
    if (!/^\d{1,5}$/u.test(batch)) throw new StackError(`--batch ${batch} is no number of rows: 1 to 10000`);
    if (!/^\d{1,2}(?:\.\d+)?$/u.test(pause)) throw new StackError(`--pause ${pause} is no number of seconds: 0 to 60`);
    const out = report({ json });
    const name = `${table}.${column}`;
    let show: (text: string) => void = () => undefined;
    const session = await openOwnerSession({ applicationName: "npm run ops:backfill", onNotice: (text) => show(text) });
    try {
      await out.step(`${name} is filled`, async (detail) => {
        show = process.stdout.isTTY ? detail : out.line;
        let rows = -1;
        let idleSlices = 0;
        for (;;) {
          await session
            .query(CALL, [table, column, value, remaining ?? null, Number(batch), Number(pause)])
            .catch((error: unknown) => {
              throw explain(error, session.name) ?? refusal(error);
            });
          const [found] = await session.query<{ rows_done: number; finished_at: string | null }>(PROGRESS, [name]);
          if (found === undefined || found.finished_at !== null) return;
          idleSlices = found.rows_done === rows ? idleSlices + 1 : 0;
          rows = found.rows_done;
          if (idleSlices === MOST_IDLE_SLICES) {
            throw new StackError(`others hold the rows of ${name} that are left: see ops.locks, and run it again`);
          }
        }
      });
      const [row = {}] = await session.query(PROGRESS, [name]);
      out.result(row);
    } finally {
      await session.close();
    }
  },
});

/** What the procedure or the parser says about the arguments. */
function refusal(error: unknown): unknown {
  const { code, detail, hint } = error as { code?: unknown; detail?: unknown; hint?: unknown };
  if (typeof code !== "string") return error;
  const parts = [detail, hint].filter((part) => typeof part === "string" && part !== "");
  return new StackError([messageOf(error), ...parts].join(": "), { cause: error });
}
