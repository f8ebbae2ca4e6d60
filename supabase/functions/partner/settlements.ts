/**
 * Settlements: asked again, the same bytes. So keys have the order of the schema, money in CSV has two decimals, moments
 * are written in one way whatever zone the database speaks, and nothing tells when the question was asked.
 *
 * @module
 */
import { accepts } from "hono/accepts";
import { z } from "zod";
import { discount, moment, word } from "../_shared/contracts/partners.ts";
import { CSV, type CsvDialect, EXCEL, writeCsv } from "./csv.ts";
import { type Route, route } from "./route.ts";

const settlementLine = z
  .object({
    redemption_id: z.guid(),
    reward_id: z.guid(),
    title_de: z.string(),
    title_en: z.string(),
    points_spent: z.int(),
    ...discount,
    used_at: moment,
    till_reference: z.string().nullable(),
  })
  .meta({ id: "SettlementLine" });
const COLUMNS = Object.keys(settlementLine.shape) as (keyof Line)[];

const settlement = z
  .object({
    month: z.string(),
    starts_at: moment.meta({ description: "When the month began by the community's clock." }),
    ends_at: moment.meta({ description: "When it ends; uses from then on stand in the next one." }),
    is_test: z.boolean().meta({ description: "Of test codes: you are owed nothing for it." }),
    is_final: z.boolean().meta({ description: "The month is over: this settlement does not change any more." }),
    // Without its name: a partner that is renamed must not change what was settled.
    partner_id: z.guid(),
    lines: z.array(settlementLine),
    totals: z.object({
      redemptions: z.int(),
      points_spent: z.int(),
      fixed_amounts: z.array(z.object({ currency: z.string(), amount: z.number() })),
    }),
  })
  .meta({ id: "Settlement" });

type Line = z.output<typeof settlementLine>;

const lineExample = {
  redemption_id: "9b0c1d2e-0000-4000-8000-000000000003",
  reward_id: "9b0c1d2e-0000-4000-8000-000000000002",
  title_de: "Ein Brot nach Wahl",
  title_en: "One loaf of your choice",
  points_spent: 120,
  discount_type: "fixed_amount",
  discount_value: 4.5,
  discount_currency: "EUR",
  used_at: "2026-11-21T09:12:40.071554Z",
  till_reference: "till-3/000471",
} satisfies Line;

/** What partners are owed. */
export const settlementRoutes = {
  readSettlement: route({
    method: "get",
    path: "/v1/settlements/{month}",
    group: "Settlements",
    summary: "The codes used in a month",
    description:
      "Months begin at midnight by the community's clock; moments are written in UTC. Lines are ordered by time of use. " +
      "Asked again once `is_final` is true, the answer is the same to the byte. In CSV, texts that a spreadsheet would " +
      "take for a formula begin with an apostrophe.",
    scope: "settlements:read",
    params: z.strictObject({
      month: z
        .string()
        .regex(/^2[0-9]{3}-(?:0[1-9]|1[0-2])$/, "month_invalid")
        .meta({ description: "A month that has begun, written as `2026-11`." }),
    }),
    query: z.strictObject({
      format: word(["excel"]).optional().meta({
        description:
          "`excel`: CSV that a German spreadsheet opens right: with byte order mark, semicolons and decimal commas.",
      }),
    }),
    answer: {
      status: 200,
      description: "The settlement, as JSON or, with `Accept: text/csv`, its lines as CSV.",
      schema: settlement,
      example: {
        month: "2026-11",
        starts_at: "2026-10-31T23:00:00.000000Z",
        ends_at: "2026-11-30T23:00:00.000000Z",
        is_test: false,
        is_final: false,
        partner_id: "9b0c1d2e-0000-4000-8000-000000000001",
        lines: [lineExample],
        totals: { redemptions: 1, points_spent: 120, fixed_amounts: [{ currency: "EUR", amount: 4.5 }] },
      },
      csv: table([lineExample]),
    },
    errors: ["month_invalid"],
    async work({ ask, context, params: { month }, query: { format } }) {
      const stored: { partner: { id: string } } = await ask("read_settlement", { month: `${month}-01` });
      const parsed = settlement.parse({ ...stored, partner_id: stored.partner.id });
      const lines = parsed.lines.map((line) => ({ ...line, used_at: inUtc(line.used_at) }));
      const bounds = { starts_at: inUtc(parsed.starts_at), ends_at: inUtc(parsed.ends_at) };

      const type = accepts(context, {
        header: "Accept",
        supports: ["application/json", "text/csv"],
        default: "application/json",
      });
      if (format === undefined && type !== "text/csv")
        return Response.json({ ...parsed, ...bounds, lines }, { headers: { vary: "accept" } });
      return new Response(table(lines, format === "excel" ? EXCEL : CSV), {
        headers: {
          "content-type": "text/csv; charset=utf-8; header=present",
          "content-disposition": `attachment; filename="settlement-${month}.csv"`,
          vary: "accept",
        },
      });
    },
  }),
} satisfies Record<string, Route>;

function table(lines: readonly Line[], dialect: CsvDialect = CSV): string {
  const texts = lines.map((line) => ({
    ...line,
    discount_value: line.discount_value?.toFixed(2).replace(".", dialect.decimalPoint),
  }));
  return writeCsv(
    dialect,
    COLUMNS,
    texts.map((line) => COLUMNS.map((column) => String(line[column] ?? ""))),
  );
}

/** A moment in UTC with all its microseconds, which `Date` would drop. */
function inUtc(moment: string): string {
  const [, fraction = ""] = /\.([0-9]{1,6})/u.exec(moment) ?? [];
  return `${new Date(moment).toISOString().slice(0, 19)}.${fraction.padEnd(6, "0")}Z`;
}
