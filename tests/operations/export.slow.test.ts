import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import { openServerSession } from "../../dev/stack/database/session.ts";
import { connect } from "../../ops/core/connection.ts";
import type { ExportManifest } from "../../ops/export/manifest.ts";
import { takeExport } from "../../ops/export/take-export.ts";
import { importExport } from "../../ops/import-community/import-export.ts";
import { openExport } from "../../ops/import-community/read-export.ts";
import { ask, type Folder, namesIn, temporaryFolder } from "../support/backups.ts";
import { startTestCluster, type TestCluster } from "../support/cluster.ts";
import { runOps, startCommand } from "../support/ops-command.ts";
import { startPgBouncer } from "../support/pgbouncer.ts";
import { requireCluster } from "../support/target.ts";

requireCluster("tests/operations");

const EXPORT = "ops/export/main.ts";
const IMPORT = "ops/import-community/main.ts";

/** What a table of somebody's own may hold; migrated databases of both sides have it. */
const ODD_TABLE = `
  create table public."odd ""table""/x" (
    id bigint generated always as identity primary key, "a ""column""" text, small text not null default 'x', bytes bytea,
    exact numeric, inexact double precision, at timestamptz, day date, lasts interval, during tstzrange, list text[],
    document json, binary_document jsonb, place extensions.geography(point, 4326), is_odd boolean,
    parent_id bigint references public."odd ""table""/x" (id), doubled numeric generated always as (exact * 2) stored);
  create function public.refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
  create trigger a_refuses before insert on public."odd ""table""/x" for each row execute function public.refuse();
  alter table public."odd ""table""/x" disable trigger a_refuses`;

const UNICODE = `select string_agg(chr(code), '' order by code) from generate_series(1, 1114111) code
  where code not between 55296 and 57343 and (code < 12000 or code % 251 = 0 or code > 1114000)`;

const ODD_ROWS = `
  insert into public."odd ""table""/x" ("a ""column""", small, bytes, exact, inexact, at, day, lasts, during, list, document,
    binary_document, place, is_odd, parent_id) values
  (null, '', null, null, null, null, null, null, null, null, null, null, null, null, 2),
  ('', 'NULL', '', 'NaN', 'NaN', 'infinity', '-infinity', '-1 mons +2 days -00:00:00.000001', 'empty', '{}', '{ "b":1,  "a":1 }',
    '{"b": 1, "a": 1.10}', 'point(-0 90)', true, null),
  (E'"', '\\N', '\\x00ff0a0d5c2e', '-0.000', '-0', '-infinity', 'infinity', '178000000 years', '[-infinity,infinity]',
    array['', null, '"', '{', ',', E'\\\\'], 'null', 'null', 'point(180 -90)', false, 1),
  (E'\\\\.', E'a\\n\\\\.\\nb', '\\x5c2e', repeat('9', 1000)::numeric, 5e-324, '4714-11-24 00:00:00+00 BC', '5874897-12-31', '0',
    '(,)', array[E'\\n'], '"\\ud83e\\udd84"', '"\\u0001"', 'point(13.4 52.5)', true, 3),
  (E'a,b;c\\td\\r\\ne\\rf\\n', ' ', decode(repeat('00', 3000), 'hex'), 1e-1000, 1.7976931348623157e308,
    '294276-12-31 23:59:59.999999+00', '0001-01-01 BC', '1 day', '[2026-01-01,2026-01-01]', array[array['a'], array['b']]::text[],
    '[]', '{}', 'point empty', null, 4),
  ((${UNICODE}), E'\\u202eabc\\u3164', null, 0.1, 0.1, '2026-03-29 01:30:00.123456+00', '2026-02-28', '1.5 s', null, null, null, null,
    null, null, null),
  (repeat(E'"\\n,', 300000), E'=cmd()', null, null, null, null, null, null, null, null, null, null, null, null, null)`;

/** In tables of the product and of Auth, where constraints allow it. */
const HOSTILE = `
  update auth.users set raw_user_meta_data = jsonb_build_object('name', E'"; drop table x; --\\n\\\\.\\n', 'empty', '')
  where email = 'emil@example.test';
  insert into auth.users (id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
  select gen_random_uuid(), 'authenticated', 'authenticated', 'member' || n || '@example.test', '', '{}',
    jsonb_build_object('name', 'Member ' || n, 'note', repeat('x', n * 37 % 900)), now(), now()
  from generate_series(1, 60) n;
  insert into private.audit_log (action, details) values ('tested', jsonb_build_object('reason', E'a\\n\\\\.\\n"b"'));
  update private.partner_connections set secret = 'k7.nonce.ciphertext';
  insert into private.partner_connections (partner_id, url, secret)
  select id, 'https://bakery.example', 'k7.nonce.ciphertext' from public.partners limit 1 on conflict do nothing;
  insert into storage.buckets (id, name) values ('elsewhere', 'elsewhere');
  insert into storage.objects (bucket_id, name) values ('elsewhere', E'a "note"\\n.txt');
  insert into storage.objects (bucket_id, name, metadata) select 'avatars', id || '/gone-soon.png',
    '{"size": 10, "mimetype": "image/png"}' from public.users where name = 'Ben Beispiel';
  select ops.ban_user(id, 'a picture of a banned member moves, too') from public.users where name = 'Ben Beispiel'`;

let server: TestCluster;
let folder: Folder;
let original: string;
let manifest: ExportManifest;
const copies = ["target", "untouched", "slow"] as const;
let urls: Record<(typeof copies)[number], string>;
beforeAll(async () => {
  server = await startTestCluster({ name: "export" });
  folder = temporaryFolder("export");
  await run(server.urls.owner, ODD_TABLE);
  const owner = new URL(server.urls.owner).username;
  const made = copies.map(async (name): Promise<[string, string]> => {
    const maintenance = new URL(server.urls.superuser);
    maintenance.pathname = "/template1";
    await ask(maintenance.href, `create database ${name} template postgres owner ${owner}`);
    return [name, server.cluster.url(owner, name)];
  });
  urls = Object.fromEntries(await Promise.all(made)) as typeof urls;
  await run(server.urls.owner, readFileSync(join(paths.supabase, "seed.sql"), "utf8"));
  await run(server.urls.owner, ODD_ROWS);
  await run(server.urls.owner, HOSTILE);
  await run(server.urls.owner, "select ops.run_due_jobs()");
  await run(urls.target, "select ops.run_due_jobs()");
  original = join(folder.path, "original");
  const { code, err, out } = await runOps(EXPORT, [original, "--json"], { DATABASE_URL: server.urls.owner });
  expect([code, err]).toEqual([0, ""]);
  manifest = JSON.parse(out) as ExportManifest;
});
afterAll(async () => {
  folder?.remove();
  await server?.destroy();
});

async function run(url: string, sql: string): Promise<void> {
  const session = openServerSession(url);
  await session.script(sql).finally(() => session.close());
}

/** The export once more, to be spoilt. */
function copied(change: (path: string, manifest: ExportManifest) => void): string {
  const path = join(folder.path, `copy-${Math.random().toString(36).slice(2)}`);
  cpSync(original, path, { recursive: true });
  const changed = structuredClone(manifest);
  change(path, changed);
  if (existsSync(path)) writeFileSync(join(path, "manifest.json"), JSON.stringify(changed));
  return path;
}

/** Changes a file together with its checksum. */
function rewrite(path: string, { files }: ExportManifest, table: string, from: string | RegExp, to: string): void {
  const file = join(path, `${table}.csv`);
  const text = readFileSync(file, "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  files[table] = { ...files[table], sha256: createHash("sha256").update(changed).digest("hex") } as never;
}

async function withDatabase<Result>(
  url: string,
  work: (database: Awaited<ReturnType<typeof connect>>) => Promise<Result>,
): Promise<Result> {
  const database = await connect({ url });
  return work(database).finally(() => database.close());
}

const importInto = async (url: string, path: string) => {
  const opened = await openExport(path);
  return withDatabase(url, (database) => importExport(database, opened));
};

/** Everything that an import changes, and what it must leave as it is. */
const stateOf = (url: string) =>
  ask(
    url,
    `select (select count(*) from public.users) as members, (select count(*) from auth.users) as logins,
       (select last_value from private.point_transaction_ids) as next,
       (select count(*) from public.categories) as categories, (select count(*) from storage.buckets) as buckets,
       (select md5(string_agg(pg_get_triggerdef(oid) || tgenabled::text, ';' order by tgrelid::regclass::text, tgname))
        from pg_trigger where not tgisinternal) as triggers`,
  );

describe("an export", () => {
  it("is for its owner's eyes, named for its tables, and says what is in it and what not", () => {
    expect(statSync(original).mode & 0o777).toBe(0o700);
    const names = namesIn(original);
    expect(names).toContain("public.users.csv");
    expect(names).toContain("public.odd%20%22table%22%2Fx.csv");
    expect(names).not.toContain("private.jobs.csv");
    for (const name of names) expect(statSync(join(original, name)).mode & 0o777, name).toBe(0o600);
    expect(namesIn(folder.path)).not.toContain(".unfinished-original");
    expect(manifest.rows).toMatchObject({ "public.users": 66, "auth.users": 66, "storage.objects": 2 });
    expect(manifest.schema_version).toBe(manifest.migrations.at(-1));
    expect(manifest.sealing_keys).toEqual({ k7: expect.any(Number) });
    expect(manifest.audits).toEqual({});
    expect(manifest.left_out["private.jobs"]).toBeGreaterThan(10);
    expect(JSON.stringify(manifest)).not.toMatch(/@example\.test|nonce/u);
  });

  it("never replaces what is there", async () => {
    const { code, err } = await runOps(EXPORT, [original], { DATABASE_URL: server.urls.owner });
    expect([code, err]).toEqual([1, `✖ ${original} is not empty: name a folder that is not there yet\n`]);
  });

  it("that is stopped leaves nothing, and the connection goes on", async () => {
    const place = join(folder.path, "stopped");
    const controller = new AbortController();
    const stopped = new Error("stopped");
    await withDatabase(server.urls.owner, async (database) => {
      const onProgress = (table: string) => {
        if (table.includes("odd")) controller.abort(stopped);
      };
      await expect(takeExport(database, place, { signal: controller.signal, onProgress })).rejects.toBe(stopped);
      expect(await database.query("select 1 as one")).toEqual([{ one: 1 }]);
    });
    expect(namesIn(folder.path)).not.toContain(".unfinished-stopped");
    expect(existsSync(place)).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)("that fills the disk leaves nothing", async () => {
    const small = join(folder.path, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]);
    try {
      await withDatabase(server.urls.owner, (database) =>
        expect(takeExport(database, join(small, "export"))).rejects.toThrow(
          /^the disk of .*export is full, no export/u,
        ),
      );
      expect(namesIn(small)).toEqual([]);
    } finally {
      execFileSync("umount", [small]);
    }
  });

  it.each([
    ["where rows would be hidden", () => server.urls.authenticator, /permission denied|row-level security/u],
    [
      "without the product",
      () => server.cluster.url(undefined, "template1"),
      /does not hold the product: run npm run db:push/u,
    ],
  ])("is refused %s", async (_what, url, line) => {
    const place = join(folder.path, "refused");
    const { code, err } = await runOps(EXPORT, [place], { DATABASE_URL: url() });
    expect(code).toBe(1);
    expect(err).toMatch(line);
    expect(err.trim().split("\n")).toHaveLength(1);
    expect(existsSync(place)).toBe(false);
  });
});

describe("an import", () => {
  it("brings all of it back, to the byte, through a pooler; and everything works again", async () => {
    const before = await stateOf(urls.target);
    const pooler = await startPgBouncer([server.urls.owner], { settings: { default_pool_size: "2" } });
    try {
      const environment = { DATABASE_URL: pooler.through(urls.target) };
      const dry = await runOps(IMPORT, [original, "--dry-run"], environment);
      expect([dry.code, dry.err]).toEqual([0, ""]);
      expect(await stateOf(urls.target)).toEqual(before);
      const { code, err, out } = await runOps(IMPORT, [original], environment);
      expect([code, err]).toEqual([0, ""]);
      expect(out).toContain("sealing keys: SEALING_KEYS of the functions must hold k7");
      expect(out).toContain("2 rows of storage.objects are back, their files are not");
    } finally {
      await pooler.stop();
    }
    const again = join(folder.path, "again");
    const second = await withDatabase(urls.target, (database) => takeExport(database, again));
    for (const name of namesIn(original).filter((file) => file !== "manifest.json")) {
      expect(readFileSync(join(again, name)).equals(readFileSync(join(original, name))), name).toBe(true);
    }
    expect(namesIn(again)).toEqual(namesIn(original));
    expect({ ...withoutMoment(second), left_out: {} }).toEqual({ ...withoutMoment(manifest), left_out: {} });

    const triggers = `select tgrelid::regclass::text as table, tgname, tgenabled, pg_get_triggerdef(oid) as definition
      from pg_trigger where not tgisinternal order by 1, 2`;
    expect(await ask(urls.target, triggers)).toEqual(await ask(server.urls.owner, triggers));
    // what triggers do, they do again
    await expect(run(urls.target, "delete from public.point_transactions")).rejects.toThrow("append");
    await run(
      urls.target,
      `insert into auth.users (id, aud, role, email, created_at, updated_at)
       values ('00000000-0000-4000-8000-0000000000ff', 'authenticated', 'authenticated', 'new@example.test', now(), now());
       select ops.adjust_points('00000000-0000-4000-8000-0000000000ff', 7, 'after the move');
       insert into private.audit_log (action) values ('tested')`,
    );
    await expect(
      run(urls.target, "insert into storage.objects (bucket_id, name) values ('avatars', 'nobody/a.png')"),
    ).rejects.toThrow("folder of a member");
    expect(await ask(urls.target, "select * from ops.audit_all()")).toEqual([]);
  });

  it("into what is not empty is refused", async () => {
    const { code, err } = await runOps(IMPORT, [original], { DATABASE_URL: server.urls.owner });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^✖ \S+ is not empty \(6 rows in auth\.identities, .* tables more\): take a new database and run npm run db:push there\n$/u,
    );
  });

  it.each<[string, (path: string, manifest: ExportManifest) => void, RegExp]>([
    ["without its manifest", (path) => rmSync(path, { recursive: true }), /there is no whole export in .*ENOENT/u],
    ["without a file", (path) => rmSync(join(path, "public.tasks.csv")), /public\.tasks\.csv is missing/u],
    [
      "with another byte",
      (path) => writeFileSync(join(path, "public.tasks.csv"), "x", { flag: "a" }),
      /public\.tasks\.csv .* is not what was exported, its checksum is another/u,
    ],
    [
      "of a newer version",
      (_path, changed) => {
        changed.schema_version = "20990101000000";
        changed.migrations.push("20990101000000");
      },
      /has \d+ migrations up to \d+, the export \d+ up to 20990101000000: run npm run db:push/u,
    ],
    [
      "of an older version",
      (_path, changed) => {
        changed.migrations.pop();
        changed.schema_version = changed.migrations.at(-1) ?? "";
      },
      /: migrate the exported database, and export it again/u,
    ],
    [
      "with a column that is not there",
      (_path, changed) => void changed.files["public.users"]?.columns.push("x"),
      /public\.users in \S+ lacks x: both must be migrated/u,
    ],
    [
      "with a login that Auth cannot hold",
      (_path, changed) => void changed.files["auth.users"]?.columns.push("x"),
      /auth\.users in \S+ lacks x: its Auth or Storage is older/u,
    ],
    [
      "with a table that is not there",
      (_path, changed) => {
        changed.rows["public.more"] = 1;
      },
      /has no table public\.more, which has 1 rows/u,
    ],
    ["with a wrong manifest", (_path, changed) => Object.assign(changed, { files: 1 }), /cannot be read \(files\)/u],
    [
      "with a reference to nobody",
      (path, changed) =>
        rewrite(path, changed, "private.contact_reveals", /[0-9a-f-]{36}/u, "00000000-0000-4000-8000-00000000dead"),
      /private\.contact_reveals\.csv does not fit, nothing was changed: .* violates foreign key/u,
    ],
    [
      "with a value that is none",
      (path, changed) => rewrite(path, changed, "private.activity_hours", /,\d+,/u, ",many,"),
      /private\.activity_hours\.csv does not fit, nothing was changed: invalid input/u,
    ],
    [
      "with other sums",
      (path, changed) => rewrite(path, changed, "public.point_accounts", /,0,/u, ",5000,"),
      /would differ from the export, nothing was changed: ledger, \w+: .* audit audit_books/u,
    ],
  ])("%s is refused, and nothing has changed", async (_what, spoil, line) => {
    const before = await stateOf(urls.untouched);
    const path = copied(spoil);
    const failure = await importInto(urls.untouched, path).catch((error: Error) => error);
    expect((failure as Error).message).toMatch(line);
    expect((failure as Error).message).not.toContain("\n");
    expect((failure as Error).name).toBe("StackError");
    expect(await stateOf(urls.untouched)).toEqual(before);
  });

  it("is refused who does not own the product", async () => {
    const url = new URL(server.urls.authenticator);
    url.pathname = "/untouched";
    const { code, err } = await runOps(IMPORT, [original], { DATABASE_URL: url.href });
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^✖ permission denied .*: DATABASE_URL needs a user with that right.*\n$/u),
    ]);
  });

  it("that is killed has changed nothing, neither has an export; both can be made again", async () => {
    // reached when everything has been written, in the transaction
    await run(
      urls.slow,
      `create function ops.audit_test() returns table (problem text, subject_id text, detail text) language plpgsql
       as $$ begin perform pg_sleep(60); end $$`,
    );
    const before = await stateOf(urls.slow);
    const environment = { DATABASE_URL: urls.slow };
    const audits = `select pid from pg_stat_activity where datname = 'slow' and state = 'active' and query like '%ops.audit_test()%' and pid <> pg_backend_pid()`;
    const kill = async ({ child, done }: ReturnType<typeof startCommand>) => {
      await expect.poll(() => ask(server.urls.superuser, audits), { timeout: 60_000 }).toHaveLength(1);
      child.kill("SIGKILL");
      await done;
      await ask(server.urls.superuser, `select pg_terminate_backend(pid) from (${audits}) a`);
      await expect.poll(() => ask(server.urls.superuser, audits), { timeout: 60_000 }).toEqual([]);
    };
    await kill(startCommand(EXPORT, [join(folder.path, "killed")], environment));
    expect(namesIn(folder.path)).toContain(".unfinished-killed");
    expect((await runOps(IMPORT, [join(folder.path, ".unfinished-killed")], environment)).err).toMatch(
      /no whole export/u,
    );
    await kill(startCommand(IMPORT, [original], environment));
    expect(await stateOf(urls.slow)).toEqual(before);

    await run(urls.slow, "drop function ops.audit_test()");
    await withDatabase(urls.slow, (database) => takeExport(database, join(folder.path, "killed")));
    expect(namesIn(folder.path)).not.toContain(".unfinished-killed");
    await importBesideJobs(urls.slow);
    expect(await ask(urls.slow, "select count(*) from public.users")).toEqual([{ count: 66 }]);
  });
});

/** What is the same in two exports of equal communities. */
function withoutMoment({ taken_at: _, finished_at: __, database: ___, ...rest }: ExportManifest) {
  return rest;
}

/** It waits until others let the tables go. */
async function importBesideJobs(url: string): Promise<void> {
  const opened = await openExport(original);
  const job = openServerSession(url);
  await job.script("begin; lock table public.tasks in row exclusive mode");
  await withDatabase(url, async (database) => {
    const steps: string[] = [];
    const importing = importExport(database, opened, { onStep: (title) => void steps.push(title) });
    await expect.poll(() => steps.at(-1), { timeout: 60_000 }).toMatch(/others hold a table/u);
    await job.script("commit");
    expect((await importing).differences).toEqual([]);
  });
  await job.close();
}
