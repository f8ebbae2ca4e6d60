import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runBootstrap } from "./support/command.ts";
import { databases } from "./support/databases.ts";
import { startFixtureStack } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

async function sql(...args: string[]): Promise<{ code: number | null; output: string }> {
  const command = runBootstrap(["sql", ...args]);
  return { code: await command.exit, output: command.output() };
}

const START = { embedded: "npm start", cluster: "npm start -- --postgres" };

const TABLE = `INSERT 2
 text       | price
------------+-------
 line↵break |  2.50
 ü          |  0.00
(2 rows)
`;

describe.each(databases)("npm run sql on the %s database", (database) => {
  it("prints a table, beside a running stack and when none runs", async () => {
    const dataDir = temporaryDirectory();
    const where = ["--data-dir", dataDir, ...(database === "cluster" ? ["--postgres"] : [])];
    expect(await sql(...where, "select 1")).toEqual({
      code: 1,
      output: `✖ there is no data in ${dataDir} yet: run ${START[database]}, or set DATABASE_URL\n`,
    });

    const stack = await startFixtureStack({ database, dataDir });
    const file = join(dataDir, "notes.sql");
    writeFileSync(
      file,
      `-- a note
       insert into public.notes (author_id, text, price)
       values (gen_random_uuid(), 'ü', 0), (gen_random_uuid(), E'line\\nbreak', 2.5);
       select text, price from public.notes order by price desc;`,
    );
    expect(await sql(...where, file)).toEqual({ code: 0, output: TABLE });
    const asOwner = await sql(...where, "select current_user as me, null as nothing");
    expect(asOwner).toEqual({ code: 0, output: " me       | nothing\n----------+---------\n postgres |\n(1 row)\n" });

    const failing = await sql(...where, "delete from public.notes;\n\nselect no_such_column;");
    expect(failing.code).toBe(1);
    expect(failing.output).toContain('✖ the SQL, line 3: column "no_such_column" does not exist\n');
    expect(await sql(...where, "selekt")).toEqual({
      code: 1,
      output: '✖ the SQL, line 1: syntax error at or near "selekt"\n',
    });
    await stack.stop();

    expect(await sql(...where, "select count(*) from public.notes")).toEqual({
      code: 0,
      output: " count\n-------\n     2\n(1 row)\n",
    });
    expect(existsSync(join(dataDir, "stack.lock"))).toBe(false);
  }, 240_000);
});

it("npm run sql needs SQL that is there", async () => {
  const nothing = await sql();
  expect(nothing.code).toBe(2);
  expect(nothing.output).toMatch(/^missing the SQL: a file, or a text in quotes\n\nUsage: /);
  expect(await sql("no-such-file.sql")).toEqual({ code: 1, output: "✖ there is no file no-such-file.sql\n" });
});
