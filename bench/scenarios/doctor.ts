import { execFile } from "node:child_process";
import { join } from "node:path";
import { paths } from "../../dev/base/paths.ts";
import { StackError } from "../../dev/base/stack-error.ts";
import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";
import { median } from "../statistics.ts";

/** How long `npm run doctor` takes on a large database, from its start to its last line. */
export async function doctor({ databases, sizes, progress }: Bench): Promise<ScenarioResult> {
  const database = await databases.get("product", sizes.large);
  const url = database.url(database.ownerRole);
  const rounds = Array.from({ length: sizes.effort.rounds });
  const seconds = await progress.step("examining", async () => {
    const times: number[] = [];
    for (const _ of rounds) times.push(await examined(url));
    return times;
  });
  return {
    scenario: "doctor",
    checks: [
      {
        name: `seconds that npm run doctor takes on ${sizes.large.tasks.toLocaleString("en")} tasks`,
        value: Number(median(seconds).toFixed(2)),
        target: { atMost: 5 },
        unit: "count",
      },
    ],
    measurements: [{ name: "examinations", perSecond: seconds.map((one) => 1 / one) }],
    plans: [],
  };
}

function examined(url: string): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const program = join(paths.root, "ops/doctor/main.ts");
    const env = { ...process.env, DATABASE_URL: url };
    execFile(process.execPath, [program, "--json"], { env, maxBuffer: 1024 ** 2 }, (_error, out) => {
      const seconds = (performance.now() - started) / 1000;
      // exit code 1 is usual here: a server for measuring has no backup
      if (out.includes('"checked_at"')) resolve(seconds);
      else reject(new StackError("the doctor did not come to its end"));
    });
  });
}
