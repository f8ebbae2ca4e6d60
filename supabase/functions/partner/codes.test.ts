import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { generateCode } from "../_shared/codes.ts";
import { assertError, assertErrorCode, ID, partnerRow, type Sent, sealer, send } from "./test-scene.ts";

/** A database that has these codes already, and remembers what is added. */
async function pool(known: readonly string[], isAllOrNothing = false) {
  const hashes = new Set(await Promise.all(known.map((text) => sealer.codeHash(text))));
  const answers = {
    read_partner: partnerRow,
    add_codes: ({ codes }: Record<string, unknown>) => {
      const lines = (codes as { line: number; hash: string }[]).map(({ line, hash }) => ({
        line,
        outcome: hashes.has(hash) ? "duplicate" : "accepted",
      }));
      const accepted = lines.filter(({ outcome }) => outcome === "accepted").length;
      const isStored = !isAllOrNothing || accepted === lines.length;
      return { accepted: isStored ? accepted : 0, rejected: 0, is_stored: isStored, lines };
    },
  };
  return { answers };
}

const UPLOAD = `/v1/rewards/${ID}/codes`;
const csv = (body: string): Sent => ({ body, headers: { "content-type": "text/csv" } });
const outcomes = (lines: { line: number; outcome: string }[]) => lines.map(({ line, outcome }) => `${line} ${outcome}`);

Deno.test("every line of a file gets its outcome under its own number", async () => {
  const reserved = generateCode();
  const file = [
    "\uFEFFcode",
    "BREAD-1",
    "bread1",
    "",
    '"BREAD,""2"""',
    "KNOWN-1",
    reserved,
    `${reserved.slice(0, -1)}I`,
    "abc",
    "a,b,c,d",
    "x".repeat(101),
    "BREAD\u00073",
    " BREAD-4 ",
    "",
  ].join("\r\n");
  const { status, body, asked } = await send("POST", UPLOAD, csv(file), await pool(["KNOWN1"]));
  strictEqual(status, 200);
  deepStrictEqual(outcomes(body.lines), [
    "2 accepted",
    "3 duplicate",
    "5 accepted",
    "6 duplicate",
    "7 reserved",
    "8 reserved",
    "9 invalid",
    "10 invalid",
    "11 invalid",
    "12 invalid",
    "13 accepted",
  ]);
  deepStrictEqual([body.accepted, body.rejected], [3, 8]);

  const sent = asked[1]?.args["codes"] as { line: number; hash: string; ciphertext: string }[];
  const opened = await Promise.all(sent.map(({ ciphertext }) => sealer.open("code", ciphertext)));
  deepStrictEqual(opened, ["BREAD-1", 'BREAD,"2"', "KNOWN-1", "BREAD-4"]);
  deepStrictEqual(
    sent.map(({ hash }) => hash),
    await Promise.all(["BREAD1", 'BREAD,"2"', "KNOWN1", "BREAD4"].map((text) => sealer.codeHash(text))),
  );
  deepStrictEqual(asked[1]?.args["reward_id"], ID);
  ok(!JSON.stringify(asked).includes("BREAD"));
});

Deno.test("files may end their lines in any way and need no header", async () => {
  for (const file of [
    "AAAA\nBBBB",
    "AAAA\r\nBBBB\r\n",
    "AAAA\rBBBB",
    "Code\nAAAA\nBBBB\n\n",
    '"code"\n"AAAA"\n"BBBB"',
  ]) {
    const { body } = await send("POST", UPLOAD, csv(file), await pool([]));
    strictEqual(body.accepted, 2);
  }
});

Deno.test("codes in JSON are numbered by their position", async () => {
  const { body } = await send("POST", UPLOAD, { body: { codes: ["AAAA", "aaaa", "BB", "A\nAAB"] } }, await pool([]));
  deepStrictEqual(outcomes(body.lines), ["1 accepted", "2 duplicate", "3 invalid", "4 invalid"]);
});

Deno.test("all or nothing: a bad line stores nothing and is told", async () => {
  const path = `${UPLOAD}?all_or_nothing=true`;
  const good = await send("POST", path, csv("AAAA\nBBBB"), await pool([], true));
  deepStrictEqual([good.status, good.body.accepted, good.asked[1]?.args["all_or_nothing"]], [200, 2, true]);

  const refused = await send("POST", path, csv("AAAA\naaaa\nBB"), await pool([], true));
  const lines = [
    { line: 2, outcome: "duplicate" },
    { line: 3, outcome: "invalid" },
  ];
  assertError(refused, "codes_rejected", { detail: { lines } });
  deepStrictEqual(
    refused.asked.map(({ command }) => command),
    ["read_partner"],
  );

  const known = await send("POST", path, csv("AAAA\nBBBB"), await pool(["BBBB"], true));
  assertError(known, "codes_rejected", { detail: { lines: [{ line: 2, outcome: "duplicate" }] } });
});

Deno.test("10,000 codes go in one upload, one more does not", async () => {
  const codes = Array.from({ length: 10_000 }, (_, index) => `BREAD-${index}-${"x".repeat(80)}`);
  const full = await send("POST", UPLOAD, csv(codes.join("\n")), await pool([]));
  deepStrictEqual([full.status, full.body.accepted, full.body.lines.length], [200, 10_000, 10_000]);
  deepStrictEqual(
    full.body.lines.map(({ line }: { line: number }) => line),
    codes.map((_, index) => index + 1),
  );
  const short = Array.from({ length: 10_001 }, (_, index) => `BREAD-${index}`);
  for (const sent of [csv(short.join("\n")), { body: { codes: short } }]) {
    const result = await send("POST", UPLOAD, sent, await pool([]));
    assertError(result, "validation_failed", { detail: "codes" });
  }
});

Deno.test("an upload without codes, or of another type, is refused", async () => {
  for (const sent of [csv(""), csv("code\n"), { body: { codes: [] } }]) {
    assertError(await send("POST", UPLOAD, sent, await pool([])), "validation_failed", { detail: "codes" });
  }
  const xml = { body: "<a/>", headers: { "content-type": "application/xml" } };
  assertErrorCode(await send("POST", UPLOAD, xml, await pool([])), "content_type_unsupported");
  assertErrorCode(await send("POST", UPLOAD, csv("x".repeat(1024 * 1024 + 1)), await pool([])), "payload_too_large");
});
