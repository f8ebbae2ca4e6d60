import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { readRooms } from "../../../dev/schemas/rooms.ts";
import { writeMigrations } from "../../../dev/schemas/write-migrations.ts";
import { THROWAWAY_SETTINGS } from "../../../dev/stack/database/cluster.ts";
import { type Stack, type StackOptions, startStack } from "../../../dev/stack/start-stack.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

const CONFIG = `
[db.migrations]
schema_paths = ["schemas/cats/*.sql", "schemas/dogs/*.sql"]

[functions.greet]
verify_jwt = false
`;

/** The first file of the sample's schemas. */
export const CATS = `create table public.cats (id int primary key, name text not null);
-- may be seen by everybody
alter table public.cats enable row level security;
create policy cats_are_readable on public.cats for select to anon using (true);
grant select, insert on public.cats to anon;
create policy cats_are_addable on public.cats for insert to anon with check (true);

create function public.greeting() returns text language sql stable set search_path = '' as $$ select 'miau' $$;
comment on function public.greeting() is 'What a cat says.';
grant execute on function public.greeting() to anon;
`;

const DOGS = "create function public.bark() returns text language sql stable set search_path = '' return 'wau';\n";

/** A small project of its own with two rooms and one function, and what it has said since it was started. */
export class Project {
  readonly root: string;
  readonly supabase: string;
  readonly lines: string[] = [];

  private constructor(root: string) {
    this.root = root;
    this.supabase = join(root, "supabase");
    this.write("package.json", '{ "dependencies": { "zod": "1" } }');
    this.write("supabase/config.toml", CONFIG);
    this.write("supabase/seed.sql", "select 1;\n");
    this.write("supabase/schemas/cats/cats.sql", CATS);
    this.write("supabase/schemas/dogs/dogs.sql", DOGS);
    this.write("supabase/functions/_shared/word.ts", 'export const word = "hello";\n');
    this.write(
      "supabase/functions/greet/index.ts",
      functionSaying("word", 'import { word } from "../_shared/word.ts";'),
    );
  }

  /** It goes with the test; one that lasts is removed by hand. */
  static async create({ lasting = false } = {}): Promise<Project> {
    const project = new Project(lasting ? mkdtempSync(join(tmpdir(), "nh-stack-test-")) : temporaryDirectory());
    await writeMigrations(readRooms(project.supabase), project.supabase);
    return project;
  }

  /** Starts its stack, which follows it, with data that stays for the next start. */
  async start(options: StackOptions = {}): Promise<Stack> {
    this.lines.length = 0;
    return startStack({
      supabase: this.supabase,
      dataDir: join(this.root, ".local"),
      port: 0,
      reload: true,
      jobs: false,
      studio: false,
      seed: false,
      functions: false,
      clusterSettings: THROWAWAY_SETTINGS,
      log: (line) => this.lines.push(line),
      ...options,
    });
  }

  /** Writes a file as `cat >` and some editors do. */
  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.root, file)), { recursive: true });
    writeFileSync(join(this.root, file), text);
  }

  /** Replaces a file by a new one of the same name, as vim, VS Code's safe writes and IntelliJ do. */
  replace(file: string, text: string): void {
    this.write(`${file}~new`, text);
    renameSync(join(this.root, `${file}~new`), join(this.root, file));
  }

  /** Moves the file aside and writes a new one, as vim does with a backup. */
  moveAsideAndWrite(file: string, text: string): void {
    renameSync(join(this.root, file), join(this.root, `${file}~`));
    this.write(file, text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  /** Waits until a line was said that matches, and returns it; it is not found again. */
  async hears(pattern: RegExp): Promise<string> {
    await expect
      .poll(() => this.lines, { timeout: 30_000, interval: 20 })
      .toContainEqual(expect.stringMatching(pattern));
    const index = this.lines.findIndex((line) => pattern.test(line));
    return this.lines.splice(index, 1)[0] ?? "";
  }
}

/** Source of a function that answers with an expression. */
export const functionSaying = (expression: string, imports = ""): string =>
  `${imports}\nexport default { fetch: () => new Response(${expression}) };\n`;
