import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { paths } from "../base/paths.ts";
import { buildMigrations } from "../commands/build-migrations.ts";
import { checkMigrations, freezeMigrations } from "./frozen.ts";
import { refuseWrongSubject, writeMigration } from "./next-migration.ts";

const FIRST = "20261121000100_foundation.sql";
const SUBJECT = { room: "tasks", change: "add_urgency" };
const EMPTY = { sql: "", rollback: "", notes: [] };

let project: string;
let supabase: string;
beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  project = mkdtempSync(join(tmpdir(), "neighbourhood-frozen-"));
  supabase = join(project, "supabase");
  for (const part of ["config.toml", "schemas", "migrations", "rollbacks"]) {
    cpSync(join(paths.supabase, part), join(supabase, part), { recursive: true });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(project, { recursive: true });
});

const migration = (file: string): string => join(supabase, "migrations", file);

describe("frozen migrations", () => {
  test("are written anew by nothing, whatever the schemas say", async () => {
    expect(freezeMigrations(supabase)).toContain(FIRST);
    appendFileSync(join(supabase, "schemas/tasks/jobs.sql"), "\n-- changed\n");
    await expect(buildMigrations(false, supabase)).rejects.toThrow(
      "the migrations are frozen: write what changes with npm run db:migration -- <room> <change>",
    );
    await buildMigrations(true, supabase);
  });

  test("are listed as sha256sum reads it, and a second time nothing is new", () => {
    const files = freezeMigrations(supabase);
    const list = readFileSync(join(supabase, "migrations.sha256"), "utf8");
    expect(list.split("\n")[0]).toMatch(/^[0-9a-f]{64} {2}migrations\/20261121000100_foundation\.sql$/u);
    expect(list.trimEnd().split("\n")).toHaveLength(files.length);
    expect(freezeMigrations(supabase)).toEqual([]);
    expect(readFileSync(join(supabase, "migrations.sha256"), "utf8")).toBe(list);
  });

  test("may have the line ends of another system, and no other change", async () => {
    freezeMigrations(supabase);
    writeFileSync(migration(FIRST), readFileSync(migration(FIRST), "utf8").replaceAll("\n", "\r\n"));
    await buildMigrations(true, supabase);
    appendFileSync(migration(FIRST), "-- changed\n");
    await expect(buildMigrations(true, supabase)).rejects.toThrow(
      `supabase/migrations/${FIRST} is frozen and was edited: git restore it, and write what changes with`,
    );
    rmSync(migration(FIRST));
    await expect(buildMigrations(true, supabase)).rejects.toThrow(`${FIRST} is frozen and is missing: git restore it`);
  });

  test("are not lost with a list that was cut off", () => {
    freezeMigrations(supabase);
    writeFileSync(join(supabase, "migrations.sha256"), "7b00da969fe36d74  migra");
    expect(() => checkMigrations(supabase)).toThrow("supabase/migrations.sha256, line 1 is no checksum");
    writeFileSync(join(supabase, "migrations.sha256"), "");
    expect(() => checkMigrations(supabase)).toThrow("supabase/migrations.sha256, line 1 is no checksum");
  });
});

describe("later migrations", () => {
  beforeEach(() => {
    freezeMigrations(supabase);
  });

  test("run one after the other, also when they are started in the same second or by a clock that is late", () => {
    const now = new Date("2027-02-28T23:59:59.400Z");
    expect(writeMigration(SUBJECT, EMPTY, supabase, now)).toBe("20270228235959_tasks_add_urgency.sql");
    expect(writeMigration(SUBJECT, EMPTY, supabase, now)).toBe("20270301000000_tasks_add_urgency.sql");
    expect(writeMigration({ room: "map", change: "a" }, EMPTY, supabase, new Date(0))).toBe("20270301000001_map_a.sql");
    expect(checkMigrations(supabase).later).toHaveLength(3);
    expect(freezeMigrations(supabase)).toHaveLength(3);
    expect(checkMigrations(supabase).later).toEqual([]);
  });

  test("say what they delete", () => {
    const sql = 'DROP TABLE "public"."a";\n\nALTER TABLE "public"."tasks"\n  DROP COLUMN "b";\n';
    const file = writeMigration(SUBJECT, { sql: "select 1;\n", rollback: sql, notes: [] }, supabase);
    expect(readFileSync(migration(file), "utf8")).toMatch(/\nset local lock_timeout = '500ms';\n\nselect 1;\n$/u);
    expect(readFileSync(migration(file), "utf8")).not.toContain("DELETES");
    const rollback = readFileSync(join(supabase, "rollbacks", file), "utf8");
    expect(rollback).toContain("-- DELETES what is in it: drop table public.a\n");
    expect(rollback).toContain("-- DELETES what is in it: alter table public.tasks drop column b\n");
  });

  test.each([
    ["20270101000000_gardens_x.sql", "must be named <14 digits>_<room>_<change>.sql"],
    ["20270101_tasks_x.sql", "must be named <14 digits>_<room>_<change>.sql"],
    ["20261121000150_tasks_x.sql", /does not run after \d+_operations\.sql/u],
    ["20270101000000_tasks_x.sql", "supabase/rollbacks/20270101000000_tasks_x.sql is missing"],
  ])("%s is refused: %s", async (file, message) => {
    writeFileSync(migration(file), "select 1;\n");
    await expect(buildMigrations(true, supabase)).rejects.toThrow(message);
  });

  test("are refused with the time of another, and a rollback without its migration", () => {
    const file = writeMigration(SUBJECT, EMPTY, supabase);
    cpSync(migration(file), migration(file.replace("tasks", "text")));
    expect(() => checkMigrations(supabase)).toThrow(/text_add_urgency.sql does not run after .*tasks_add_urgency.sql/u);
    rmSync(migration(file.replace("tasks", "text")));
    rmSync(migration(file));
    expect(() => checkMigrations(supabase)).toThrow(`supabase/rollbacks/${file} takes back no migration`);
  });

  test("have a room and a change that fit into a file name", () => {
    const refused = (room: string, change: string) => () => refuseWrongSubject({ room, change }, supabase);
    expect(refused("gardens", "x")).toThrow("there is no room gardens: foundation, text, map");
    expect(refused("tasks", "../x")).toThrow("../x is no name of a change");
    expect(refused("tasks", "Add urgency")).toThrow("Add urgency is no name of a change");
    expect(refused("tasks", "add_urgency")).not.toThrow();
  });
});

describe("the commands", { timeout: 60_000 }, () => {
  /** What a command prints and its exit code, in a copy of the repository. */
  function run(command: string, ...args: string[]): { code: number; output: string } {
    try {
      const program = join(project, `dev/commands/${command}.ts`);
      const output = execFileSync(process.execPath, [program, ...args], { encoding: "utf8", stdio: "pipe" });
      return { code: 0, output };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: string };
      return { code: status, output: stderr };
    }
  }
  const refused = (line: string) => ({ code: 1, output: `✖ ${line}\n` });

  test("refuse in one line, and lead from one to the next", () => {
    for (const folder of ["dev", "ops"]) cpSync(join(paths.root, folder), join(project, folder), { recursive: true });
    cpSync(join(paths.root, "package.json"), join(project, "package.json"));
    symlinkSync(paths.nodeModules, join(project, "node_modules"), "junction");

    expect(run("db-migration", "tasks", "x")).toEqual(
      refused("the migrations are not frozen: edit supabase/schemas and run npm run db:build"),
    );
    const source = join(supabase, "schemas/tasks/jobs.sql");
    const sql = readFileSync(source, "utf8");
    appendFileSync(source, "\n-- changed\n");
    expect(run("db-freeze")).toMatchObject({ code: 1, output: expect.stringMatching(/ is stale .*db:build/u) });
    writeFileSync(source, sql);
    expect(run("db-freeze")).toMatchObject({ code: 0, output: expect.stringContaining("migrations were frozen") });
    expect(run("db-freeze")).toMatchObject({ code: 0, output: expect.stringContaining("nothing new to freeze") });
    expect(run("db-build")).toEqual(
      refused("the migrations are frozen: write what changes with npm run db:migration -- <room> <change>"),
    );
    expect(run("db-migration", "tasks")).toMatchObject({ code: 2 });
    expect(run("db-migration", "tasks", "fill_urgency", "--empty")).toMatchObject({ code: 0 });
    expect(run("db-build", "--check").output).toMatch(/^\d+ migrations are as they were frozen, 1 came later\n$/u);
  });
});
