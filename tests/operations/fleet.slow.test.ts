import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { readRegistry, withDatabase } from "../../ops/fleet/registry.ts";
import { ask, type Folder, namesIn, temporaryFolder } from "../support/backups.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { type Outcome, startCommand } from "../support/ops-command.ts";
import { ProjectCopy } from "../support/project-copy.ts";
import { requireCluster } from "../support/target.ts";

/** Six communities on three servers, in one life: each test goes on where the one before ended. */

requireCluster("tests/operations");

const SERVERS = ["east", "west", "north"] as const;
const TEMPLATE = "neighbourhood_template";
const COMMUNITIES = ["birch", "cedar", "elm", "fir", "larch", "oak-park"] as const;

let project: ProjectCopy;
let folder: Folder;
const clusters = new Map<string, TestCluster>();
beforeAll(async () => {
  project = new ProjectCopy("fleet");
  folder = temporaryFolder("fleet");
  for (const name of SERVERS) {
    const cluster = await startTestCluster({ name: `fleet-${name}`, settings: { shared_buffers: "32MB" } });
    clusters.set(name, cluster);
    // of what the server has been migrated with; making one from nothing is measured, not tested
    const maintenance = withDatabase(cluster.urls.superuser, "template1");
    await ask(maintenance, `create database ${TEMPLATE} template postgres owner postgres`);
    await ask(maintenance, `alter database ${TEMPLATE} set search_path = "$user", public, extensions`);
    await ask(maintenance, `revoke temporary on database ${TEMPLATE} from public`);
  }
  const passwords = SERVERS.map((name) => {
    const { port, password } = new URL(urls(name).superuser);
    return `127.0.0.1:${port}:*:supabase_admin:${decodeURIComponent(password)}`;
  });
  writeFileSync(join(folder.path, "pgpass"), `${passwords.join("\n")}\n`, { mode: 0o600 });
  write("fleet.yaml", registry());
}, 900_000);
afterAll(async () => {
  for (const cluster of clusters.values()) await cluster.destroy();
  project?.destroy();
  folder?.remove();
});

const urls = (server: string) => (clusters.get(server) as TestCluster).urls;
const serverOf = (index: number): string => SERVERS[index % SERVERS.length] ?? "";
const addressOf = (community: string): string =>
  withDatabase(urls(serverOf((COMMUNITIES as readonly string[]).indexOf(community))).superuser, databaseOf(community));
const databaseOf = (community: string): string => community.replaceAll("-", "_");
const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);

function registry(more = ""): string {
  const servers = SERVERS.map((name) => {
    const url = new URL(urls(name).superuser);
    url.password = "";
    return `  ${name}: { url: "${url.href}", connections: 2 }`;
  });
  const communities = COMMUNITIES.map((name, index) => `  ${name}: { server: ${serverOf(index)} }`);
  return [`store: ${folder.path}/store`, "servers:", ...servers, "communities:", ...communities, more].join("\n");
}

const start = (program: string, args: readonly string[]) =>
  startCommand(join(project.root, program), args, {
    FLEET_REGISTRY: join(folder.path, "fleet.yaml"),
    PGPASSFILE: join(folder.path, "pgpass"),
  });
const fleet = (...args: string[]): Promise<Outcome> => start("ops/fleet/main.ts", args).done;

/** Does work while nobody gets at a table of a community. */
async function holding(community: string, table: string, work: () => Promise<void>): Promise<void> {
  const session = openServerSession(addressOf(community));
  await session.script(`begin; lock table ${table}`);
  await work().finally(() => session.close());
}

interface Told {
  is_good: boolean;
  communities: { community: string; status: string; error?: string; version?: string; applied?: string[] }[];
}
const told = ({ out }: Outcome): Told => JSON.parse(out) as Told;
const statuses = (outcome: Outcome) =>
  Object.fromEntries(told(outcome).communities.map(({ community, status }) => [community, status]));

it("says in one line what is wrong with a registry, a name, a server", async () => {
  const wrong: [text: string, says: string | RegExp][] = [
    ["servers: [", /is no YAML/u],
    ["servers: {}\ncommunities: { a: { server: x } }", "communities.a is on the server x, which is not in it"],
    [registry("  Bad Name: { server: east }"), /communities.Bad Name: .*small letters/u],
    [registry("  birch: { server: east }"), /is no YAML: .*unique/u],
    [registry("  twin: { server: east, database: birch }"), /birch and twin are the same database/u],
    ["servers: { a: { url: 'postgresql://me:secret@h/db' } }\ncommunities: {}", /holds a password: take it out/u],
    ["servers: { a: { url_variable: NOT_SET } }\ncommunities: {}", "NOT_SET is not set in the environment"],
    ["servers: { a: { port: 5 } }\ncommunities: {}", /servers.a: .*port/u],
  ];
  for (const [index, [text, says]] of wrong.entries()) {
    write(`wrong-${index}.yaml`, text);
    expect(() => readRegistry(join(folder.path, `wrong-${index}.yaml`))).toThrow(says);
  }
  const secret = await fleet("list", "--registry", join(folder.path, "wrong-5.yaml"));
  expect(secret).toMatchObject({ code: 1, out: "", err: expect.stringMatching(/^✖ .*holds a password.*\n$/u) });
  expect(secret.err).not.toContain("secret");
  expect(await fleet("list", "willow")).toMatchObject({ code: 1, err: expect.stringContaining("no community willow") });
  expect((await fleet("fell")).code).toBe(2);
  const lost = await fleet("list", "--json");
  expect(lost.code).toBe(1);
  expect(told(lost).communities[0]?.error).toContain("there is no database of the name");
});

it("makes communities as copies, with what PostgreSQL does not copy, and once", async () => {
  await ask(
    withDatabase(urls("east").superuser, TEMPLATE),
    "update private.jobs set created_at = '2020-01-01', failed = 3",
  );
  // one that somebody else has, and one that a killed run left
  await ask(urls("north").superuser, "create database elm template template0");
  await ask(urls("east").superuser, "create database birch_unfinished template template0");
  const refused = await fleet("create", "elm", "--json");
  expect(told(refused).communities[0]?.error).toContain("is there and does not hold the product");
  await ask(urls("north").superuser, "drop database elm");

  expect(statuses(await fleet("create", ...COMMUNITIES, "--dry-run", "--json"))).toMatchObject({ birch: "planned" });
  const made = await fleet("create", ...COMMUNITIES, "--json");
  expect([made.code, statuses(made)]).toEqual([0, Object.fromEntries(COMMUNITIES.map((name) => [name, "created"]))]);
  const again = await fleet("create", "birch", "--json");
  expect([again.code, statuses(again)]).toEqual([0, { birch: "existed" }]);

  expect(
    await ask(
      urls("east").superuser,
      `select datname, pg_get_userbyid(datdba) as owner, has_database_privilege('anon', oid, 'temporary') as temporary,
         (select setconfig from pg_db_role_setting s where s.setdatabase = d.oid) as settings
       from pg_database d where datname like 'birch%'`,
    ),
  ).toEqual([
    { datname: "birch", owner: "postgres", temporary: false, settings: ['search_path="$user", public, extensions'] },
  ]);
  expect(
    await ask(
      addressOf("birch"),
      "select from private.jobs where created_at < now() - interval '1 hour' or failed > 0",
    ),
  ).toEqual([]);
  expect(await ask(addressOf("birch"), "select from ops.jobs where is_overdue")).toEqual([]);
});

it("copies nothing else that should be a community's own", async () => {
  const columns = await ask<{ name: string; schema: string; table: string }>(
    addressOf("birch"),
    `select format('%I.%I.%I', n.nspname, c.relname, a.attname) as name, format('%I.%I', n.nspname, c.relname) as table,
       quote_ident(a.attname) as schema
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'private', 'ops', 'auth', 'storage') and c.relkind = 'r' and a.attnum > 0
       and not a.attisdropped and a.atttypid in ('uuid'::regtype, 'timestamptz'::regtype, 'bytea'::regtype)`,
  );
  const filled = await ask<{ name: string }>(
    addressOf("birch"),
    columns
      .map(
        ({ name, table, schema }) => `select '${name}' as name where exists (
        select from ${table} where ${schema} is not null and ${schema}::text !~ 'infinity')`,
      )
      .join(" union all "),
  );
  // random values and moments that the template has; a new one belongs into `renew` (ops/fleet/create.ts), or is harmless
  expect(filled.map(({ name }) => name).toSorted()).toEqual([
    "private.jobs.created_at",
    "private.settings.updated_at",
    "storage.buckets.created_at",
    "storage.buckets.updated_at",
  ]);
});

it("migrates all in one command until one fails, and goes on when it is mended", async () => {
  const file = project.add("create table private.plots (id integer primary key);", "drop table private.plots;");
  const version = file.split("_")[0];
  await ask(urls("east").superuser, "alter database birch rename to birch_kept");
  const older = await fleet("create", "birch", "--json");
  expect(told(older).communities[0]?.error).toMatch(
    /the template .* has \d+, this checkout 2030\d+: npm run fleet -- migrate/u,
  );
  await ask(urls("east").superuser, "alter database birch_kept rename to birch");

  await ask(addressOf("fir"), "create table private.plots (of_before integer)");
  const planned = await fleet("migrate", "--dry-run", "--json");
  expect([planned.code, statuses(planned)]).toEqual([
    0,
    Object.fromEntries(COMMUNITIES.map((name) => [name, "planned"])),
  ]);
  const broken = await fleet("migrate", "--parallel", "1", "--json");
  expect([broken.code, statuses(broken)]).toEqual([
    1,
    {
      birch: "migrated",
      cedar: "migrated",
      elm: "migrated",
      fir: "failed",
      larch: "not_begun",
      "oak-park": "not_begun",
    },
  ]);
  expect(told(broken).communities[3]?.error).toMatch(/_tasks_change_1\.sql, line 1: .*already exists/u);
  expect(statuses(await fleet("list", "--json"))).toMatchObject({ birch: "current", fir: "behind", larch: "behind" });

  await ask(addressOf("fir"), "drop table private.plots");
  const mended = await fleet("migrate", "--json");
  expect([mended.code, statuses(mended)]).toEqual([
    0,
    { birch: "current", cedar: "current", elm: "current", fir: "migrated", larch: "migrated", "oak-park": "migrated" },
  ]);
  for (const name of [...COMMUNITIES.map(addressOf), withDatabase(urls("west").superuser, TEMPLATE)]) {
    expect(
      await ask(name, `select from supabase_migrations.schema_migrations where version = '${version}'`),
    ).toHaveLength(1);
  }
});

it("is killed in the middle of a migration and loses nothing", async () => {
  project.add("alter table private.plots add column beds integer;", "alter table private.plots drop column beds;");
  const beds = "select count(*)::int as beds from pg_attribute where attname = 'beds'";
  await holding("cedar", "private.plots", async () => {
    const { child, done } = start("ops/fleet/main.ts", ["migrate", "birch", "cedar"]);
    const waiting =
      "select from pg_stat_activity where wait_event_type = 'Lock' and query ~ '^alter table private.plots'";
    await expect.poll(() => ask(urls("west").superuser, waiting), { timeout: 120_000 }).toHaveLength(1);
    await expect.poll(() => ask(addressOf("birch"), beds), { timeout: 120_000 }).toEqual([{ beds: 1 }]);
    child.kill("SIGKILL");
    await done;
  });
  await expect
    .poll(() => ask(urls("west").superuser, "select from pg_stat_activity where application_name ~ 'fleet'"))
    .toEqual([]);
  expect(await ask(addressOf("cedar"), beds)).toEqual([{ beds: 0 }]);
  const again = await fleet("migrate", "birch", "cedar", "--json");
  expect([again.code, statuses(again)], again.err).toEqual([0, { birch: "current", cedar: "migrated" }]);
  expect((await fleet("migrate", "--json")).code).toBe(0);
});

it("does the jobs of all, whatever hangs", async () => {
  const done = "select from private.jobs where job = 'expire_tasks' and succeeded_at is not null";
  const once = () => {
    const args = ["--fleet", join(folder.path, "fleet.yaml"), "--once", "--json", "--patience", "5"];
    return start("ops/jobs/main.ts", args).done;
  };
  await holding("larch", "private.jobs", async () => {
    const { code, out } = await once();
    const failed = out.split("\n").filter((line) => line.includes('"level":"error"'));
    expect([code, failed]).toEqual([1, [expect.stringMatching(/"community":"larch","level":"error".*took too long/u)]]);
    for (const name of COMMUNITIES.filter((one) => one !== "larch")) {
      expect(await ask(addressOf(name), done), name).toHaveLength(1);
    }
  });
  expect((await once()).code).toBe(0);
  expect(await ask(addressOf("larch"), done)).toHaveLength(1);
  // each has made its daily backup, in a folder of its own
  expect(namesIn(join(folder.path, "store"))).toEqual([...COMMUNITIES]);
});

it("audits and backs up all, also when a server is down", async () => {
  await ask(addressOf("birch"), "update private.alert_thresholds set warn_at = null, critical_at = null");
  const audits = await fleet("audit", "birch", "--json");
  expect([audits.code, statuses(audits)], audits.out).toEqual([0, { birch: "well" }]);
  const young = await fleet("backup", "birch", "--older-than", "5", "--json");
  expect([young.code, statuses(young)]).toEqual([0, { birch: "young" }]);

  await clusters.get("north")?.cluster.stop("immediate");
  const backups = await fleet("backup", "--json");
  expect(backups.code).toBe(1);
  expect(statuses(backups)).toMatchObject({
    birch: "backed_up",
    larch: "backed_up",
    elm: "failed",
    "oak-park": "failed",
  });
  const refused = await fleet("migrate");
  expect([refused.code, refused.err]).toEqual([
    1,
    expect.stringMatching(/nothing was changed: elm: nothing listens at/u),
  ]);
  const without = await fleet("migrate", "--skip-unreachable", "--json");
  expect([without.code, statuses(without)]).toEqual([
    1,
    {
      birch: "current",
      cedar: "current",
      fir: "current",
      larch: "current",
      elm: "unreachable",
      "oak-park": "unreachable",
    },
  ]);
  const jobs = await start("ops/jobs/main.ts", ["--fleet", join(folder.path, "fleet.yaml"), "--once", "--json"]).done;
  expect(jobs.code).toBe(1);
  expect(jobs.out).toMatch(/"community":"elm","level":"error".*nothing listens at/u);

  const ran = await fleet("run", "birch", "--json", "--", "sql", "select current_database() as here");
  expect([ran.code, ran.out]).toEqual([0, expect.stringContaining("birch")]);
});
