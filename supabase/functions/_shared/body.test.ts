import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { checkedInput, readJson, readText } from "./body.ts";
import { redeemInput } from "./contracts/redemptions.ts";
import { Problem } from "./problem.ts";

const post = (body: BodyInit, headers: Record<string, string> = { "content-type": "application/json" }) =>
  new Request("http://localhost/x", { method: "POST", body, headers });
const withCode = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

Deno.test("JSON in UTF-8 is read", async () => {
  deepStrictEqual(await readJson(post('{"a":["ü"]}')), { a: ["ü"] });
  for (const type of ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"']) {
    deepStrictEqual(await readJson(post("1", { "content-type": type })), 1);
  }
});

Deno.test("other types, character sets and compressed bodies are not", async () => {
  const unwelcome: Record<string, string>[] = [
    {},
    { "content-type": "text/plain" },
    { "content-type": "application/json-seq" },
    { "content-type": "application/json; charset=latin1" },
    { "content-type": "application/json", "content-encoding": "gzip" },
  ];
  for (const headers of unwelcome) {
    await rejects(readJson(post(new Uint8Array([49]), headers)), withCode("content_type_unsupported"));
  }
  await rejects(readJson(post(new Uint8Array([34, 255, 34]))), withCode("content_type_unsupported"));
});

Deno.test("text of the welcome types is read", async () => {
  const csv = post("code\nABCD", { "content-type": "text/csv" });
  strictEqual(await readText(csv, ["text/csv", "application/json"]), "code\nABCD");
});

Deno.test("what is no JSON is refused, and not quoted", async () => {
  for (const text of ["", "{", "NH2345", '{"a":1,}', '"NH2345']) {
    await rejects(
      readJson(post(text)),
      (error: Error) => withCode("json_invalid")(error) && !/NH/u.test(error.message),
    );
  }
});

Deno.test("a body over the limit is refused, declared or not", async () => {
  const limit = { maxBytes: 10 };
  strictEqual(await readJson(post('"12345678"'), limit), "12345678");
  await rejects(readJson(post('"123456789"'), limit), withCode("payload_too_large"));
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      sent += 1;
      controller.enqueue(new Uint8Array(4).fill(49));
    },
  });
  await rejects(readJson(post(endless), limit), withCode("payload_too_large"));
  strictEqual(sent < 10, true);
  const declared = post("1", { "content-type": "application/json", "content-length": "11" });
  await rejects(readJson(declared, limit), withCode("payload_too_large"));
});

Deno.test("nesting is limited before it is parsed; brackets in texts do not count", async () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  await readJson(post(nested(20)));
  await rejects(readJson(post(nested(21))), withCode("json_invalid"));
  await rejects(readJson(post(`${'{"a":'.repeat(21)}1${"}".repeat(21)}`)), withCode("json_invalid"));
  await rejects(readJson(post("[".repeat(500_000))), withCode("json_invalid"));
  strictEqual(await readJson(post(JSON.stringify(`\\"${"[".repeat(50)}`))), `\\"${"[".repeat(50)}`);
  await rejects(readJson(post(`["\\\\",${nested(21)}]`)), withCode("json_invalid"));
  deepStrictEqual(await readJson(post("[[],[],[]]"), { maxDepth: 2 }), [[], [], []]);
});

Deno.test("an input that breaks its contract is told by slug and field", () => {
  const id = "11111111-1111-4111-8111-111111111111";
  const input = { reward_id: id, expected_points: 10, idempotency_key: id };
  deepStrictEqual(checkedInput(redeemInput, input), input);
  const problemOf = (value: unknown) => {
    try {
      return checkedInput(redeemInput, value);
    } catch (error) {
      return error instanceof Problem ? [error.code, error.detail] : error;
    }
  };
  deepStrictEqual(problemOf({ ...input, expected_points: "10" }), ["validation_failed", "expected_points"]);
  deepStrictEqual(problemOf({ ...input, user_id: id }), ["validation_failed", "user_id"]);
  deepStrictEqual(problemOf([]), ["validation_failed", undefined]);
});
