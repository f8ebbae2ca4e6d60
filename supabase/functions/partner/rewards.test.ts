import { deepStrictEqual } from "node:assert/strict";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { assertError, ID, newReward, OTHER_ID, send } from "./test-scene.ts";

Deno.test("rewards are refused as the database would refuse them", async () => {
  const refused: [object, ErrorSlug, string][] = [
    [{ title_de: " " }, "text_blank", "title_de"],
    [{ title_de: undefined }, "text_blank", "title_de"],
    [{ title_en: "x" }, "text_too_short", "title_en"],
    [{ title_en: "x".repeat(256) }, "text_too_long", "title_en"],
    [{ title_en: "a\nb" }, "text_has_control_characters", "title_en"],
    [{ description_de: "x".repeat(2001) }, "text_too_long", "description_de"],
    [{ points_cost: 0 }, "reward_invalid", "points_cost"],
    [{ points_cost: 1_000_001 }, "reward_invalid", "points_cost"],
    [{ points_cost: "5" }, "validation_failed", "points_cost"],
    [{ discount_type: "cash" }, "validation_failed", "discount_type"],
    [{ discount_currency: "Euro" }, "reward_invalid", "discount_currency"],
    [{ limit_period: "ever" }, "validation_failed", "limit_period"],
    [{ stock_total: 0 }, "stock_not_editable", "stock_total"],
    [{ code_source: "guessed" }, "validation_failed", "code_source"],
    [{ partner_id: OTHER_ID }, "validation_failed", "partner_id"],
    [{ id: OTHER_ID }, "validation_failed", "id"],
  ];
  for (const [change, slug, detail] of refused) {
    const result = await send("POST", "/v1/rewards", { body: { ...newReward, ...change } });
    assertError(result, slug, { detail });
    deepStrictEqual(result.asked, []);
  }
  const change = await send("PATCH", `/v1/rewards/${ID}`, { body: { code_source: "pool" } });
  assertError(change, "validation_failed", { detail: "code_source" });
});
