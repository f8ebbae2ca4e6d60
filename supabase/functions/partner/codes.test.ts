import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { generateCode } from "../_shared/codes.ts";
import { assertError, assertErrorCode, ID, partnerRow, request, type Sent, scene, sealer, send } from "./test-scene.ts";

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
    { line: 3, outcome: "invalid", reason: "too_short" },
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

const reasons = (lines: { line: number; outcome: string; reason?: string }[]) =>
  lines.map(({ line, outcome, reason }) => `${line} ${reason ?? outcome}`);
const upload = async (file: string, type = "text/csv") =>
  send("POST", UPLOAD, { body: file, headers: { "content-type": type } }, await pool([]));

for (const [what, file, type] of [
  ["a German name", "Gutscheincode\nKINO-0001\nKINO-0002\n"],
  ["a name with spaces, signs and quotes", '"Gutschein-Nr."\nKINO-0001\nKINO-0002\n'],
  ["voucher_code", "voucher_code\rKINO-0001\rKINO-0002"],
  ["a name that is not known, announced", "Losnummer\nKINO-0001\nKINO-0002\n", "text/csv; header=present"],
  ["sep=; first", "sep=;\r\nGutscheincode;Wert\r\nKINO-0001;10,00\r\nKINO-0002;5,00\r\n"],
  ["sep=; alone", "sep=;\nKINO-0001\nKINO-0002"],
  ["two columns of a German spreadsheet", "Gutscheincode;Wert\nKINO-0001;10,00\nKINO-0002;5,00\n"],
  ["the code in the second column", "Wert,Voucher Code\n10,KINO-0001\n5,KINO-0002\n"],
  ["tabs", "Code\tWert\nKINO-0001\t10,00\nKINO-0002\t5,00\n", "text/tab-separated-values"],
  ["empty columns", "KINO-0001;;\nKINO-0002;;\n;;\n"],
  ["a Windows browser", "\uFEFFCode\r\nKINO-0001\r\nKINO-0002\r\n", "application/vnd.ms-excel"],
  ["mixed line ends and quotes", 'code;note\r\n"KINO-0001";"two\nlines"\nKINO-0002;"a;b"\r'],
] as const) {
  Deno.test(`two codes are read from a file with ${what}`, async () => {
    const { status, body, asked } = await upload(file, type);
    strictEqual(status, 200);
    deepStrictEqual([body.accepted, body.rejected], [2, 0]);
    const sent = asked[1]?.args["codes"] as { ciphertext: string }[];
    const opened = await Promise.all(sent.map(({ ciphertext }) => sealer.open("code", ciphertext)));
    deepStrictEqual(opened, ["KINO-0001", "KINO-0002"]);
  });
}

Deno.test("the sender has the last word about the first line", async () => {
  const { body } = await upload("Gutscheincode\nKINO-0001\n", "text/csv; charset=UTF-8; header=absent");
  deepStrictEqual(outcomes(body.lines), ["1 accepted", "2 accepted"]);
  const lost = await upload("KINO-0000\nKINO-0001\n", 'text/csv; header="present"');
  deepStrictEqual(outcomes(lost.body.lines), ["2 accepted"]);
});

for (const [detail, file, type] of [
  ["header", "Losnummer\nKINO-0001\nKINO-0002\n"],
  ["header", "KINO-0001", "text/csv; header=maybe"],
  ["columns", "KINO-0001;10\nKINO-0002;5\n"],
  ["columns", "Nummer;Wert\nKINO-0001;10\n", "text/csv; header=present"],
  ["columns", "Code;Gutschein\nKINO-0001;KINO-0002\n"],
  ["delimiter", "KINO-0001;10,00\n"],
  ["quotes", 'KINO-0001\n"KINO-0002\nKINO-0003\n'],
  ["quotes", 'KINO-0001\n"KINO"-0002\nKINO-0003\n'],
] as const) {
  Deno.test(`what can be read in two ways is refused: ${JSON.stringify(file)}`, async () => {
    const result = await upload(file, type);
    assertError(result, "codes_unreadable", { detail });
    ok(result.body.hint.length > 20);
    ok(!result.asked.some(({ command }) => command === "add_codes"));
  });
}

Deno.test("every line that is no code says why", async () => {
  const file = [
    "Code",
    "ab",
    "x".repeat(101),
    "KINO–0001",
    "Gutscheincode",
    "1,23457E+15",
    "a;b;c;d",
    '"=A1+B2"',
    "ÄPFEL-1",
  ];
  const { body } = await upload([...file, "KINO-0001"].join("\n"));
  deepStrictEqual(reasons(body.lines), [
    "2 too_short",
    "3 too_long",
    "4 characters",
    "5 column_name",
    "6 columns",
    "7 columns",
    "8 spreadsheet_formula",
    "9 characters",
    "10 accepted",
  ]);
  const { body: json } = await send(
    "POST",
    UPLOAD,
    { body: { codes: ["Code", "1,23457E+15", "AAAA"] } },
    await pool([]),
  );
  deepStrictEqual(reasons(json.lines), ["1 column_name", "2 spreadsheet_number", "3 accepted"]);
});

Deno.test("a file without any code is refused, with the reason for each line", async () => {
  assertError(await upload("ab\ncd\n"), "codes_rejected", {
    detail: {
      lines: [
        { line: 1, outcome: "invalid", reason: "too_short" },
        { line: 2, outcome: "invalid", reason: "too_short" },
      ],
    },
  });
});

Deno.test("files in another encoding are told how to be saved", async () => {
  const utf16 = new Uint8Array([0xff, 0xfe, ...[..."KINO"].flatMap((letter) => [letter.charCodeAt(0), 0])]);
  const workbook = new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]);
  const windows = new Uint8Array([...new TextEncoder().encode("GR"), 0xdc, ...new TextEncoder().encode("SSE-1")]);
  for (const [bytes, word] of [
    [utf16, "UTF-16"],
    [utf16.slice(2), "UTF-16"],
    [windows, "Windows-1252"],
    [workbook, "workbook"],
  ] as const) {
    const { handle } = scene(await pool([]));
    const sent = request("POST", UPLOAD, { body: "x", headers: { "content-type": "application/vnd.ms-excel" } });
    const response = await handle(new Request(sent.url, { method: "POST", headers: sent.headers, body: bytes }));
    const { code, hint } = await response.json();
    deepStrictEqual([response.status, code], [415, "content_type_unsupported"]);
    ok(hint.includes(word) && hint.includes("CSV UTF-8"), hint);
  }
});

Deno.test("codes are withdrawn by the file with which they came", async () => {
  const row = { withdrawn: 1, lines: [{ line: 2, outcome: "withdrawn" }] };
  const { status, body, asked } = await send("DELETE", UPLOAD, csv("Gutscheincode\nkino 0001\n"), {
    answers: { read_partner: partnerRow, withdraw_codes: row },
  });
  deepStrictEqual([status, body], [200, row]);
  deepStrictEqual(asked[1]?.args["codes"], [{ line: 2, hash: await sealer.codeHash("KINO0001") }]);
});
