import { type Alert, levelOf } from "../alerts.ts";
import { type Finding, type Findings, ill, orFine } from "../finding.ts";
import type { DatabaseSubject } from "../subject.ts";

/** So many times over autovacuum's mark nobody is coming. */
const STALE = 3;
const LEAST_ROWS = 1_000;

/** A table that vacuum or analyze is late for. */
export interface VacuumFacts {
  readonly table: string;
  readonly dead_rows: number;
  readonly debt: number;
  readonly changed_rows: number;
  readonly analyze_at: number;
}

export const vacuum: DatabaseSubject = {
  name: "vacuum",
  about: "dead rows, statistics of the planner, the counter of transactions",
  async ask({ ask, alerts, kind }) {
    const tables = await ask<VacuumFacts>(`
      select format('%I.%I', v.schema_name, v.table_name) as table, v.dead_rows, v.debt::float8 as debt, v.changed_rows, v.analyze_at
      from ops.vacuum_debt v
      where v.schema_name in ('public', 'private') order by v.dead_rows + v.changed_rows desc`);
    const [server] = await ask<{ autovacuum: string }>("select current_setting('autovacuum') as autovacuum");
    const isOff = kind === "server" && server?.autovacuum === "off";
    return judgeVacuum(tables, isOff, await alerts());
  },
};

/** Whether vacuum and analyze keep up. */
export function judgeVacuum(tables: readonly VacuumFacts[], isOff: boolean, alerts: readonly Alert[]): Findings {
  const findings: Finding[] = [];
  if (isOff) {
    findings.push(
      ill(
        "autovacuum_off",
        "autovacuum is off: dead rows pile up, and statistics grow old",
        "as a superuser: alter system set autovacuum = on; select pg_reload_conf()",
      ),
    );
  }
  const overdue =
    levelOf(alerts, "vacuum_debt") !== "ok"
      ? tables.filter(({ debt, dead_rows }) => debt >= STALE && dead_rows >= LEAST_ROWS)
      : [];
  findings.push(
    ...overdue.map(({ table, dead_rows }) =>
      ill(
        "vacuum_overdue",
        `${table} has ${dead_rows} dead rows, and autovacuum does not come`,
        "npm run doctor -- --only sessions shows what holds it up",
        tidy(`vacuum (analyze) ${table}`),
      ),
    ),
    ...tables
      .filter((one) => !overdue.includes(one) && one.changed_rows > Math.max(STALE * one.analyze_at, LEAST_ROWS))
      .map(({ table, changed_rows }) =>
        ill(
          "statistics_stale",
          `${table}: ${changed_rows} rows changed since it was analyzed, if ever; queries are planned for what it was`,
          `npm run sql -- "analyze ${table}"`,
          tidy(`analyze ${table}`),
        ),
      ),
  );
  const wraparound = alerts.find(({ alert, level }) => alert === "wraparound" && level !== "ok");
  if (wraparound !== undefined) {
    findings.push(
      ill(
        "wraparound_near",
        `${Math.round(wraparound.value ?? 0)} % of the transactions are used after which the server refuses to write (database ${wraparound.detail})`,
        "end old transactions (npm run doctor -- --only sessions), then as its owner: vacuum (freeze) the tables that ops.vacuum_debt names first by freeze_age",
      ),
    );
  }
  return orFine(findings, "vacuum and analyze keep up");
}

function tidy(sql: string) {
  return {
    title: sql,
    async run(patient: { act(text: string): Promise<unknown> }) {
      await patient.act(sql);
      return "done";
    },
  };
}
