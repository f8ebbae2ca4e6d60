import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { assertError, ID, OTHER_ID, send } from "./test-scene.ts";
import { settlementRow } from "./test-settlement.ts";

const SETTLEMENT_JSON =
  `{"month":"2026-11","starts_at":"2026-10-31T23:00:00.000000Z","ends_at":"2026-11-30T23:00:00.000000Z","is_test":false,"is_final":true,"partner_id":"${ID}","lines":[` +
  `{"redemption_id":"${ID}","reward_id":"${OTHER_ID}","title_de":"=HYPERLINK(\\"https://evil.example\\")",` +
  `"title_en":"Bread, \\"fresh\\"","points_spent":100,"discount_type":"fixed_amount","discount_value":4.5,` +
  `"discount_currency":"EUR","used_at":"2026-11-21T12:00:00.120000Z","till_reference":"-7"},` +
  `{"redemption_id":"${OTHER_ID}","reward_id":"${OTHER_ID}","title_de":"Kaffee","title_en":"Coffee","points_spent":30,` +
  `"discount_type":"free_item","discount_value":null,"discount_currency":null,"used_at":"2026-11-30T22:59:59.999999Z",` +
  `"till_reference":null}],"totals":{"redemptions":2,"points_spent":130,"fixed_amounts":[{"currency":"EUR","amount":4.5}]}}`;

const SETTLEMENT_CSV =
  "redemption_id,reward_id,title_de,title_en,points_spent,discount_type,discount_value,discount_currency,used_at,till_reference\r\n" +
  `${ID},${OTHER_ID},"'=HYPERLINK(""https://evil.example"")","Bread, ""fresh""",100,fixed_amount,4.50,EUR,` +
  "2026-11-21T12:00:00.120000Z,'-7\r\n" +
  `${OTHER_ID},${OTHER_ID},Kaffee,Coffee,30,free_item,,,2026-11-30T22:59:59.999999Z,\r\n`;

/** The same facts with every object's keys in another order, as jsonb may give them. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, reordered(entry)]),
  );
}

Deno.test("a settlement is the same to the byte, however the database writes it", async () => {
  for (const row of [settlementRow, reordered(settlementRow)]) {
    const answers = { read_settlement: row };
    const json = await send("GET", "/v1/settlements/2026-11", {}, { answers });
    strictEqual(json.text, SETTLEMENT_JSON);
    const headers = { accept: "text/csv" };
    const table = await send("GET", "/v1/settlements/2026-11", { headers }, { answers });
    strictEqual(table.text, SETTLEMENT_CSV);
    match(table.headers.get("content-type") ?? "", /^text\/csv; charset=utf-8/u);
    strictEqual(table.headers.get("content-disposition"), 'attachment; filename="settlement-2026-11.csv"');
    deepStrictEqual([json.headers.get("vary"), table.headers.get("vary")], ["accept", "accept"]);
  }
});

Deno.test("a settlement comes in the form the caller prefers, JSON when there is no preference", async () => {
  const answers = { read_settlement: settlementRow };
  const forms: [string, RegExp][] = [
    ["*/*", /json/u],
    ["application/json", /json/u],
    ["text/html", /json/u],
    ["text/csv;q=0.5, application/json", /json/u],
    ["TEXT/CSV", /csv/u],
    ["text/*", /csv/u],
    ["application/json;q=0.1, text/csv", /csv/u],
  ];
  for (const [accept, type] of forms) {
    const { headers } = await send("GET", "/v1/settlements/2026-11", { headers: { accept } }, { answers });
    match(headers.get("content-type") ?? "", type);
  }
  for (const month of ["2026-13", "2026-1", "26-11", "1999-12", "2026-11-01", "x"]) {
    assertError(await send("GET", `/v1/settlements/${month}`), "month_invalid", { detail: "month" });
  }
});

Deno.test("a German spreadsheet gets byte order mark, semicolons and decimal commas, whatever it accepts", async () => {
  const answers = { read_settlement: settlementRow };
  const { text, headers } = await send("GET", "/v1/settlements/2026-11?format=excel", {}, { answers });
  const header = SETTLEMENT_CSV.slice(0, SETTLEMENT_CSV.indexOf("\r\n")).replaceAll(",", ";");
  strictEqual(
    text,
    `\uFEFF${header}\r\n` +
      `${ID};${OTHER_ID};"'=HYPERLINK(""https://evil.example"")";"Bread, ""fresh""";100;fixed_amount;4,50;EUR;` +
      "2026-11-21T12:00:00.120000Z;'-7\r\n" +
      `${OTHER_ID};${OTHER_ID};Kaffee;Coffee;30;free_item;;;2026-11-30T22:59:59.999999Z;\r\n`,
  );
  match(headers.get("content-type") ?? "", /^text\/csv; charset=utf-8/u);
});

Deno.test("a form that is not known is refused", async () => {
  const answers = { read_settlement: settlementRow };
  const query = await send("GET", "/v1/settlements/2026-11?format=xlsx", {}, { answers });
  assertError(query, "validation_failed", { detail: "format" });
});
