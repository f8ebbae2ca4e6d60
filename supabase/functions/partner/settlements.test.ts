import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { assertError, ID, OTHER_ID, send, settlementRow } from "./test-scene.ts";

const SETTLEMENT_JSON =
  `{"month":"2026-11","isFinal":true,"partnerId":"${ID}","lines":[` +
  `{"redemptionId":"${ID}","rewardId":"${OTHER_ID}","titleDe":"=HYPERLINK(\\"https://evil.example\\")",` +
  `"titleEn":"Bread, \\"fresh\\"","pointsSpent":100,"discountType":"fixed_amount","discountValue":4.5,` +
  `"discountCurrency":"EUR","usedAt":"2026-11-21T12:00:00.120000Z","tillReference":"-7"},` +
  `{"redemptionId":"${OTHER_ID}","rewardId":"${OTHER_ID}","titleDe":"Kaffee","titleEn":"Coffee","pointsSpent":30,` +
  `"discountType":"free_item","discountValue":null,"discountCurrency":null,"usedAt":"2026-11-30T23:59:59.999999Z",` +
  `"tillReference":null}],"totals":{"redemptions":2,"pointsSpent":130,"fixedAmounts":[{"currency":"EUR","amount":4.5}]}}`;

const SETTLEMENT_CSV =
  "redemptionId,rewardId,titleDe,titleEn,pointsSpent,discountType,discountValue,discountCurrency,usedAt,tillReference\r\n" +
  `${ID},${OTHER_ID},"'=HYPERLINK(""https://evil.example"")","Bread, ""fresh""",100,fixed_amount,4.50,EUR,` +
  "2026-11-21T12:00:00.120000Z,'-7\r\n" +
  `${OTHER_ID},${OTHER_ID},Kaffee,Coffee,30,free_item,,,2026-11-30T23:59:59.999999Z,\r\n`;

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
