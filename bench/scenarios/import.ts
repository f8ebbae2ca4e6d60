import { execFile as execFileCallback } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { paths } from "../../dev/base/paths.ts";
import { SUPERUSER } from "../../dev/stack/database/roles.ts";
import { withSession } from "../databases.ts";
import type { ImportCost } from "../import-alone.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { stopwatch } from "../stopwatch.ts";

const execFile = promisify(execFileCallback);

const PARTS = 10;
const ROW_BY_ROW_SHARE = 20;
/** What an import fills, each table as it stands then; those with foreign keys need no order without them. */
const FILLED = [
  "public.users",
  "public.user_contacts",
  "public.user_settings",
  "public.point_accounts",
  "public.point_transactions",
  "private.rating_totals",
  "auth.users",
  "auth.identities",
];
const HASH = "$2b$10$uXet3UP8txxkHHDbAH4xkebYHhXHZItqEhHr0gvOUqMg6k.X8wJNm";

/** import:sqlite beside a bare COPY of the same rows into the same tables without triggers and foreign keys, and beside one login after the other. */
export async function imports({ cluster, databases, sizes, progress }: Bench): Promise<ScenarioResult> {
  const count = process.env["BENCH_IMPORT_MEMBERS"] ?? (sizes.name === "full" ? "1000000" : "5000");
  const members = Number(count);
  const { name } = await databases.get("product", {
    ...sizes.small,
    users: 100,
    tasks: 200,
    pending: 50,
    inCentre: 50,
    busyUsers: 1,
    busyHistory: 1,
    poolCodes: 1,
    completed: 20,
  });
  const folder = await mkdtemp(join(tmpdir(), "neighbourhood-bench-import-"));
  const { seconds, timed } = stopwatch();
  let memory = 0;
  try {
    const old = new DatabaseSync(join(folder, "old.db"));
    old.exec(`create table users (id integer primary key, email text, password_hash text, name text, phone_number text,
        points_balance integer, email_verified integer, created_at integer);
      with recursive n(i) as (select 1 union all select i + 1 from n where i < ${members})
      insert into users select i, 'member' || i || '@import.test', '${HASH}', 'Member ' || i, '+49 30 ' || (1000000 + i), i % 500, 1, 1600000000 + i
      from n`);
    old.close();
    await progress.step(`importing ${members.toLocaleString("en")} members`, async () => {
      const args = [join(paths.root, "bench/import-alone.ts"), cluster.url(SUPERUSER, name), folder];
      const cost: ImportCost = JSON.parse((await execFile(process.execPath, args)).stdout);
      Object.assign(seconds, cost.seconds);
      memory = cost.memory;
    });
    await progress.step("copying the same rows", async () => {
      await withSession(cluster.url(SUPERUSER, name), async (root) => {
        await root.script("create schema bare");
        for (const [index, table] of FILLED.entries()) {
          const path = join("/tmp", `neighbourhood-bench-${process.pid}-${index}`);
          await root.script(`create table bare.t${index} (like ${table} including all)`);
          const [columns] = await root.query<{ list: string }>(
            `select string_agg(quote_ident(attname), ', ' order by attnum) as list from pg_attribute
             where attrelid = '${table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
          );
          await root.script(`copy (select ${columns?.list} from ${table}) to '${path}'`);
          await timed(`copy ${table}`, () => root.script(`copy bare.t${index} (${columns?.list}) from '${path}'`));
          await root.script(`copy (select 1 where false) to '${path}'`);
        }
        await root.script("drop schema bare cascade");
      });
    });
    const few = Math.ceil(members / ROW_BY_ROW_SHARE);
    await progress.step("one login after the other", () =>
      timed("row by row", async () => {
        for (let part = 0; part < PARTS; part += 1) {
          await withSession(cluster.url(SUPERUSER, name), async (root) => {
            await root.script("begin");
            for (let row = 0; row < few / PARTS; row += 1) {
              const [login] = await root.query<{ id: string }>(
                `insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data)
                 values (gen_random_uuid(), $1, $2, now(), jsonb_build_object('name', 'Member')) returning id`,
                [`row${part}-${row}@import.test`, HASH],
              );
              await root.query(
                `insert into public.point_transactions (user_id, amount, type, balance_after) values ($1, 5, 'admin_adjustment', 0)`,
                [login?.id],
              );
            }
            await root.script("commit");
          });
        }
      }),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const copy = FILLED.reduce((sum, table) => sum + (seconds[`copy ${table}`] ?? 0), 0);
  const own = seconds["import"] ?? 0;
  return {
    scenario: "import",
    checks: [
      {
        name: "import:sqlite takes this many times as long as bare COPY",
        value: own / copy,
        unit: "times",
        target: { atMost: 3 },
      },
      {
        name: "row by row takes this many times as long as import:sqlite",
        value: ((seconds["row by row"] ?? 0) * ROW_BY_ROW_SHARE) / own,
        unit: "times",
      },
      {
        name: "seconds for a million members",
        value: (own * 1_000_000) / members,
        unit: "count",
        target: { atMost: 300 },
      },
      { name: "megabytes of memory of the command", value: memory / 1e6, unit: "count", target: { atMost: 300 } },
    ],
    measurements: Object.entries(seconds).map(([what, value]) => ({
      name: what,
      perSecond: [1 / value],
      facts: { seconds: value, members },
    })),
    plans: [],
  };
}
