import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { camelKeys } from "./keys.ts";

Deno.test("keys change at every depth, values never", () => {
  deepStrictEqual(
    camelKeys({ redemption_id: "a_b", lines: [{ used_at: null, title_de: "x_y" }], code: { points_2_give: 1.5 } }),
    { redemptionId: "a_b", lines: [{ usedAt: null, titleDe: "x_y" }], code: { points2Give: 1.5 } },
  );
  for (const value of [null, "a_b", 7, true]) strictEqual(camelKeys(value), value);
});
