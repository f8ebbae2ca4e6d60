import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { REDEMPTION_STATUSES } from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import { paths } from "../base/paths.ts";

it("the picture of a redemption's life has every status, and no other", () => {
  const page = readFileSync(join(paths.root, "docs/rooms/redemptions.md"), "utf8");
  const [, picture = ""] = /^```mermaid\nstateDiagram-v2\n([\s\S]*?)^```$/mu.exec(page) ?? [];
  const states = [...picture.matchAll(/^ *(\S+) --> ([^\s:]+)/gmu)].flatMap(([, from, to]) => [from, to]);
  expect([...new Set(states)].filter((state) => state !== "[*]").toSorted()).toEqual(REDEMPTION_STATUSES.toSorted());
});
