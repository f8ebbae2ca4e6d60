import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, wrongUsage } from "../dev/commands/command.ts";
import { openServerSession } from "../dev/stack/database/session.ts";
import { withDatabase } from "../ops/fleet/registry.ts";
import { startTestCluster } from "../tests/support/cluster.ts";
import { ProjectCopy } from "../tests/support/project-copy.ts";

const USAGE = `Usage: node bench/fleet.ts COMMUNITIES

Measures what each community of a fleet costs, on a throwaway server: npm run fleet and npm run jobs -- --fleet with so many
of them. Prints a table, and the load of the machine below it. Needs GNU time (Debian: time), for the memory of a command.`;

await runCommand({
  usage: USAGE,
  options: {},
  positionals: ["COMMUNITIES"],
  async run(_flags, [communities = ""]) {
    if (!/^[1-9]\d{0,3}$/u.test(communities)) wrongUsage(`${communities} is no number of communities`, USAGE);
    await measure(Number(communities));
  },
});

async function measure(count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "neighbourhood-bench-fleet-"));
  const project = new ProjectCopy("bench-fleet");
  const server = await startTestCluster({ name: "bench-fleet" });
  const admin = openServerSession(server.urls.superuser);
  const names = Array.from({ length: count }, (_, index) => `c${index}`);
  const rows: [what: string, value: string][] = [];

  /** Seconds, and the most memory, of a command. */
  function run(program: string, ...args: string[]): Promise<{ seconds: number; megabytes: number }> {
    const began = performance.now();
    const file = join(folder, "time");
    const environment = {
      ...process.env,
      SERVER_URL: server.urls.superuser,
      FLEET_REGISTRY: join(folder, "fleet.yaml"),
    };
    return new Promise((resolve, reject) => {
      execFile(
        "/usr/bin/env",
        ["time", "-f", "%M", "-o", file, process.execPath, join(project.root, program), ...args],
        { env: environment, maxBuffer: 1024 ** 3 },
        (error, out, err) => {
          if (error !== null) return reject(new Error(`${program} ${args.join(" ")}: ${out}${err}`));
          const megabytes = Number(readFileSync(file, "utf8").trim().split("\n").at(-1)) / 1000;
          resolve({ seconds: (performance.now() - began) / 1000, megabytes });
        },
      );
    });
  }

  const FLEET = "ops/fleet/main.ts";
  try {
    const communities = names.map((name) => `  ${name}: { server: one }`);
    const lines = [
      "servers: { one: { url_variable: SERVER_URL } }",
      "communities:",
      "  first: { server: one }",
      ...communities,
    ];
    writeFileSync(join(folder, "fleet.yaml"), lines.join("\n"));
    const ofOne = async (what: string, program: string, ...args: string[]) => {
      const one = await run(program, ...args);
      rows.push([what, `${one.seconds.toFixed(1)} s`]);
      return one.seconds;
    };
    const first = await ofOne("template by all migrations, and its first copy", FLEET, "create", "first");
    const started = await ofOne("the command alone (create of what is there)", FLEET, "create", "first");
    const per = (seconds: number) => `${((seconds - started) / count).toFixed(2)} s`;
    const created = await run(FLEET, "create", ...names);
    rows.push(["create by copy, per community", per(created.seconds)]);
    rows.push([
      "create by all migrations, per community",
      `${(first - started - (created.seconds - started) / count).toFixed(1)} s`,
    ]);
    const [size] = await admin.query<{ bytes: number }>("select pg_database_size('c0') as bytes");
    rows.push(["disk of an empty community", `${((size?.bytes ?? 0) / 1e6).toFixed(1)} MB`]);
    project.add("alter table public.tasks add column bench integer;", "alter table public.tasks drop column bench;");
    await run(FLEET, "migrate", "first");
    rows.push(["migrate, one added column, per community", per((await run(FLEET, "migrate", ...names)).seconds)]);
    rows.push(["migrate, nothing to do, per community", per((await run(FLEET, "migrate", ...names)).seconds)]);
    rows.push(["list with alerts, per community", per((await run(FLEET, "list", ...names)).seconds)]);
    const jobs = () => run("ops/jobs/main.ts", "--fleet", join(folder, "fleet.yaml"), "--once");
    await jobs();
    const idle = await jobs();
    rows.push(["a turn of the jobs with nothing due, per community", per(idle.seconds)]);
    for (const name of names) {
      const session = openServerSession(withDatabase(server.urls.superuser, name));
      await session.query(
        "update private.jobs set started_at = started_at - interval '1 minute' where every = '1 minute'",
      );
      await session.close();
    }
    const turns = await jobs();
    rows.push(["a turn of the jobs of every minute, per community", per(turns.seconds)]);
    rows.push([`memory of the runner, ${count + 1} communities`, `${turns.megabytes.toFixed(0)} MB`]);
    writeFileSync(join(folder, "fleet.yaml"), lines.slice(0, 3).join("\n"));
    rows.push(["memory of the runner, 1 community", `${(await jobs()).megabytes.toFixed(0)} MB`]);
    const open = openServerSession(withDatabase(server.urls.superuser, "c0"));
    await open.query("select * from ops.run_due_jobs(now())");
    const began = performance.now();
    await open.query("select * from ops.run_due_jobs(now())");
    rows.push(["all jobs once, in a warm connection", `${((performance.now() - began) / 1000).toFixed(3)} s`]);
    await open.close();
    console.log(`| ${count} communities on one server | |\n|---|---|`);
    for (const row of rows) console.log(`| ${row.join(" | ")} |`);
    console.log(`\nload ${loadavg()[0]?.toFixed(1)}`);
  } finally {
    await admin.close();
    await server.destroy();
    project.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}
