import { expect, test } from "vitest";
import type { Catalogue } from "../database/stack-database.ts";
import { withTextArguments } from "./text-arguments.ts";

const greet = { name: "greet", arg_names: ["word", "times", "facts"], arg_types: ["text", "integer", "jsonb"] };
const catalogue = { functions: [greet] } as unknown as Catalogue;

const sent = async (body: string, path = "rpc/greet") => {
  const request = new Request(`http://stack.test/rest/v1/${path}`, { method: "POST", body });
  return (await withTextArguments(request, catalogue)).text();
};

test.each([
  ['{"word":true}', '{"word":"true"}'],
  ['{"times":true,"facts":true}', '{"times":"true","facts":true}'],
  ['{"word":["a",null]}', '{"word":"[\\"a\\",null]"}'],
  ['{"word":{"a":1},"times":2,"facts":{"b":[]}}', '{"word":"{\\"a\\":1}","times":2,"facts":{"b":[]}}'],
])("%s has its texts as json_to_record reads them", async (body, read) => {
  expect(await sent(body)).toBe(read);
});

test.each([
  '{"word":"a"}',
  '{"word":null,"times":1}',
  '{"word":12345678901234567890}',
  "[]",
  "",
  "{",
  '{"facts":true}',
])("%s stays as it was sent", async (body) => {
  expect(await sent(body)).toBe(body);
});

test("so does what is nested too deeply to be written out", async () => {
  const body = `{"word":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  expect(await sent(body)).toBe(body);
});

test("other functions and tables are left alone", async () => {
  expect(await sent('{"word":true}', "rpc/other")).toBe('{"word":true}');
  expect(await sent('{"word":true}', "greet")).toBe('{"word":true}');
});
