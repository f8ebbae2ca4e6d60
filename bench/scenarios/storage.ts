import type { ScenarioResult } from "../result.ts";
import type { Bench } from "../scenario.ts";

/** Fewer rows than this say little: every index begins with two pages. */
const FEW = 1_000;

/** How much disk one row of each table takes, its indexes included; of tables just filled, so without any air. */
export async function storage({ databases, sizes }: Bench): Promise<ScenarioResult> {
  const { query } = await databases.get("product", { ...sizes.neighbourhood.small, archived: 0, history: 5 });
  const rows = await query<{ name: string; bytes: number }>(
    `select schema_name || '.' || table_name as name, total_bytes::float8 / row_estimate as bytes
     from ops.sizes where schema_name in ('public', 'private') and row_estimate >= $1 order by 1`,
    [FEW],
  );
  return {
    scenario: "storage",
    checks: rows.map(({ name, bytes }) => ({
      name: `bytes of a row of ${name} with its indexes`,
      value: Math.round(bytes),
      unit: "count",
    })),
    measurements: [],
    plans: [],
  };
}
