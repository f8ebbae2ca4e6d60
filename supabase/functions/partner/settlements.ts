/**
 * Settlements: asked again, the same bytes. So keys have the order of the contract, money in CSV has two decimals, moments
 * are written in one way whatever zone the database speaks, and nothing tells when the question was asked.
 *
 * @module
 */
import { accepts } from "hono/accepts";
import type { z } from "zod";
import { settlementAnswer, settlementLine } from "../_shared/contracts/partners.ts";
import { camelKeys } from "../_shared/keys.ts";
import type { Handlers } from "./call.ts";
import { writeCsv } from "./csv.ts";

type Line = z.output<typeof settlementLine>;

interface StoredSettlement {
  readonly partner: { readonly id: string };
}

/** What partners are owed. */
export const settlementHandlers = {
  async readSettlement({ context, database, keyHash, path }) {
    const stored: StoredSettlement = await database.call("read_settlement", {
      api_key_hash: keyHash,
      month: `${path.month}-01`,
    });
    const settlement = settlementAnswer.parse(camelKeys({ ...stored, partner_id: stored.partner.id }));
    const lines = settlement.lines.map((line) => ({ ...line, usedAt: inUtc(line.usedAt) }));

    const type = accepts(context, {
      header: "Accept",
      supports: ["application/json", "text/csv"],
      default: "application/json",
    });
    if (type !== "text/csv") return Response.json({ ...settlement, lines }, { headers: { vary: "accept" } });
    return new Response(writeCsv(Object.keys(settlementLine.shape), lines.map(cells)), {
      headers: {
        "content-type": "text/csv; charset=utf-8; header=present",
        "content-disposition": `attachment; filename="settlement-${path.month}.csv"`,
        vary: "accept",
      },
    });
  },
} satisfies Partial<Handlers>;

/** In the order of the contract. */
function cells(line: Line): (string | null)[] {
  return [
    line.redemptionId,
    line.rewardId,
    line.titleDe,
    line.titleEn,
    String(line.pointsSpent),
    line.discountType,
    line.discountValue === null ? null : line.discountValue.toFixed(2),
    line.discountCurrency,
    line.usedAt,
    line.tillReference,
  ];
}

/** A moment in UTC with all its microseconds, which `Date` would drop. */
function inUtc(moment: string): string {
  const [, fraction = ""] = /\.([0-9]{1,6})/u.exec(moment) ?? [];
  return `${new Date(moment).toISOString().slice(0, 19)}.${fraction.padEnd(6, "0")}Z`;
}
