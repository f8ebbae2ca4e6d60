import { deepStrictEqual } from "node:assert/strict";
import type { ErrorSlug } from "../_shared/contracts/errors.ts";
import { assertError, ID, newReward, OTHER_ID, send } from "./test-scene.ts";

Deno.test("rewards are refused as the database would refuse them", async () => {
  const refused: [object, ErrorSlug, string][] = [
    [{ titleDe: " " }, "text_blank", "title_de"],
    [{ titleDe: undefined }, "text_blank", "title_de"],
    [{ titleEn: "x" }, "text_too_short", "title_en"],
    [{ titleEn: "x".repeat(256) }, "text_too_long", "title_en"],
    [{ titleEn: "a\nb" }, "text_has_control_characters", "title_en"],
    [{ descriptionDe: "x".repeat(2001) }, "text_too_long", "description_de"],
    [{ pointsCost: 0 }, "reward_invalid", "points_cost"],
    [{ pointsCost: 1_000_001 }, "reward_invalid", "points_cost"],
    [{ pointsCost: "5" }, "validation_failed", "points_cost"],
    [{ discountType: "cash" }, "validation_failed", "discount_type"],
    [{ discountCurrency: "Euro" }, "reward_invalid", "discount_currency"],
    [{ limitPeriod: "ever" }, "validation_failed", "limit_period"],
    [{ stockTotal: 0 }, "stock_not_editable", "stock_total"],
    [{ codeSource: "guessed" }, "validation_failed", "code_source"],
    [{ partnerId: OTHER_ID }, "validation_failed", "partner_id"],
    [{ id: OTHER_ID }, "validation_failed", "id"],
  ];
  for (const [change, slug, detail] of refused) {
    const result = await send("POST", "/v1/rewards", { body: { ...newReward, ...change } });
    assertError(result, slug, { detail });
    deepStrictEqual(result.asked, []);
  }
  const change = await send("PATCH", `/v1/rewards/${ID}`, { body: { codeSource: "pool" } });
  assertError(change, "validation_failed", { detail: "code_source" });
});
