import { expect, it } from "vitest";
import { splitStatements } from "../../dev/stack/database/statements.ts";

it("splits at statement ends only, and knows the lines", async () => {
  const sql = `-- Überschrift; mit Umlauten äöü
create table a (text text default ';');

/* a comment; */ create function f() returns text language plpgsql as $body$
begin
  return 'x;y'; -- inside
end $body$;
create function g() returns int begin atomic select 1; select 2; end;
select 'ß';
-- the end`;
  const statements = await splitStatements(sql);
  expect(statements.map(({ line, sql: text }) => [line, text.slice(0, 17)])).toEqual([
    [2, "create table a (t"],
    [4, "create function f"],
    [8, "create function g"],
    [9, "select 'ß'"],
  ]);
});

it("finds nothing in comments", async () => {
  expect(await splitStatements("-- nothing; here\n/* nor; here */\n")).toEqual([]);
});

it("names the line that is no SQL", async () => {
  await expect(splitStatements("select 1;\n\nselekt 2;")).rejects.toThrow(/^line 3: /);
});
