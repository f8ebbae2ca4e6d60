import { availableParallelism } from "node:os";
import postgres from "postgres";
import { SUPERUSER } from "../dev/stack/database/roles.ts";
import type { BenchDatabase } from "./databases.ts";
import { type Load, type LoadResult, pgbench, type TimedResult, timedPgbench } from "./pgbench.ts";
import type { Bench } from "./scenario.ts";

/** A query that a client reads with. `:names` are filled from one row of `setup`. */
export interface Reading {
  name: string;
  /** Selects one row; its columns become the variables. `:client_id` tells the clients apart; it always gives `me`, a member's id. */
  setup: string;
  /** Lines in pgbench's language before each query: further variables, which `setup` gives a first value for the plan. */
  draw?: string;
  sql: string;
}

/** What a query returned and how. */
export interface Explanation {
  rows: Record<string, unknown>[];
  /** Plans of the query and of the statements inside the functions it calls. */
  plan: string;
}

/**
 * Plays a query as fast as the clients can. Every client logs in once, takes on the role and a member's claims, and then
 * sends the prepared query alone: what is compared is the query, not the framing around it.
 */
export function read(
  bench: Bench,
  database: BenchDatabase,
  reading: Reading,
  role: string,
  clients = bench.sizes.effort.clients,
): Promise<LoadResult> {
  return pgbench(bench.cluster.binaries.directory, load(bench, database, reading, role, clients));
}

/** The same with one client for each core, so that no request waits for another one: how long does one take? */
export function readTimed(bench: Bench, database: BenchDatabase, reading: Reading, role: string): Promise<TimedResult> {
  const clients = availableParallelism();
  return timedPgbench(bench.cluster.binaries.directory, load(bench, database, reading, role, clients));
}

function load(bench: Bench, database: BenchDatabase, reading: Reading, role: string, clients: number): Load {
  return {
    name: reading.name,
    url: database.url(SUPERUSER),
    script: `
\\if :started = 0
${oneLine(reading.setup)} \\gset
select set_config('role', '${role}', false), set_config('request.jwt.claims', ${claims(":me")}, false);
\\set started 1
\\endif
${reading.draw ?? ""}
${oneLine(reading.sql)};
`,
    clients,
    until: { seconds: bench.sizes.effort.secondsPerRound },
    variables: { started: 0 },
  };
}

/** The rows of a query for the first client, and how the server got them. */
export async function explain(database: BenchDatabase, reading: Reading, role: string): Promise<Explanation> {
  const messages: string[] = [];
  const sql = postgres(database.url(SUPERUSER), {
    max: 1,
    onnotice: (notice) => messages.push(notice["message"] ?? ""),
  });
  try {
    const [variables = {}] = await sql.unsafe<Record<string, unknown>[]>(reading.setup.replaceAll(":client_id", "0"));
    const names = Object.keys(variables).filter((name) => variable(name).test(reading.sql));
    const text = names.reduce((rest, name, index) => rest.replaceAll(variable(name), `$${index + 1}`), reading.sql);
    await sql.unsafe(`select set_config('request.jwt.claims', ${claims(`'${variables["me"]}'`)}, false)`);
    // as a log of the server itself, because the statements inside functions matter as well
    await sql.unsafe("load 'auto_explain'");
    await sql.unsafe(`
      set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
      set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_level = notice`);
    await sql.unsafe(`set role ${role}`);
    messages.length = 0;
    const rows = await sql.unsafe(
      oneLine(text),
      names.map((name) => String(variables[name])),
    );
    return { rows: [...rows], plan: withoutRepeats(messages) };
  } finally {
    await sql.end();
  }
}

/** A statement inside a function that ran for every row is shown once. */
function withoutRepeats(messages: readonly string[]): string {
  const plans = new Map<string, string>();
  for (const message of messages) {
    const plan = message.replace(/^duration.*plan:\n/, "");
    const text = plan.slice(0, plan.search(/\(cost=/));
    if (!plans.has(text)) plans.set(text, plan);
  }
  return [...plans.values()].join("\n\n");
}

function variable(name: string): RegExp {
  return new RegExp(`(?<!:):${name}\\b`, "g");
}

function claims(member: string): string {
  return `'{"role":"authenticated","sub":"' || ${member} || '"}'`;
}

function oneLine(sql: string): string {
  return sql.replaceAll(/\s+/g, " ").trim();
}
