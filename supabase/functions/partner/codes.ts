/**
 * Pools of codes: filling them, looking at what waits in them, and taking codes back.
 *
 * @module
 */
import type { Context } from "hono";
import { z } from "zod";
import { readCode } from "../_shared/codes.ts";
import {
  afterNumber,
  CODE_LINE_OUTCOMES,
  CODE_LINE_REASONS,
  MAX_CODES,
  moment,
  next,
  pageSize,
  WITHDRAWAL_OUTCOMES,
  word,
} from "../_shared/contracts/partners.ts";
import { Problem } from "../_shared/problem.ts";
import { type CodeLine, headerParameter, readCodeFile } from "./code-files.ts";
import { type JudgedLine, judge, sealAll } from "./code-lines.ts";
import { rewardPath } from "./rewards.ts";
import { type Route, route } from "./route.ts";

const codesBody = z
  .strictObject({
    codes: z
      .array(z.string({ error: "validation_failed" }), { error: "validation_failed" })
      .min(1, "validation_failed")
      .max(MAX_CODES, "validation_failed"),
  })
  .meta({ id: "Codes" });

const line = z.int().meta({ description: "Line of the file, or position in the list, from 1." });
const codeLine = z
  .object({
    line,
    outcome: z.enum(CODE_LINE_OUTCOMES),
    reason: z.enum(CODE_LINE_REASONS).optional().meta({ description: "Why it is `invalid`." }),
  })
  .meta({ id: "CodeLine" });

const CSV_RULES =
  "CSV holds one code per line. Of several columns that one is read that the first line calls `code`, `Gutscheincode`, " +
  "`voucher` or the like; cells are separated by comma, semicolon or tab. `Content-Type: text/csv; header=present` or " +
  "`header=absent` says whether the first line names columns. What could be read in two ways is refused as " +
  "`codes_unreadable`: its detail says `header`, `columns`, `delimiter` or `quotes`, its hint what to do.";
const codesExample = { codes: ["BROT-7341", "BROT-7342"] };
const csvExample = "code\r\nBROT-7341\r\nBROT-7342\r\n";

/** Filling a pool. */
export const codeRoutes = {
  addCodes: route({
    method: "post",
    path: "/v1/rewards/{id}/codes",
    group: "Rewards",
    summary: "Upload codes into a reward's pool",
    description:
      `For rewards whose \`code_source\` is \`pool\`. At most ${MAX_CODES} codes of 4 to 100 letters, digits and signs of ` +
      "ASCII, which every scanner types; case, spaces and dashes make no difference between codes, and members get a code as " +
      `you wrote it. ${CSV_RULES} The answer tells for every line what became of it: \`accepted\`; \`duplicate\`, in this ` +
      "upload or among your codes; `invalid`, no code, with a reason; `reserved`, looks like a code made by us. Where " +
      "every line is `invalid` the answer is `codes_rejected`.",
    scope: "codes:write",
    isCostly: true,
    params: rewardPath,
    query: z.strictObject({
      all_or_nothing: word(["true", "false"])
        .default("false")
        .meta({ description: "`true`: with one bad line nothing is stored." }),
    }),
    body: codesBody,
    bodyExample: codesExample,
    bodyCsv: csvExample,
    answer: {
      status: 200,
      description: "What became of every line.",
      schema: z.object({ accepted: z.int(), rejected: z.int(), lines: z.array(codeLine) }).meta({ id: "CodesResult" }),
      example: {
        accepted: 1,
        rejected: 1,
        lines: [
          { line: 1, outcome: "accepted" },
          { line: 2, outcome: "duplicate" },
        ],
      },
    },
    errors: ["reward_not_found", "reward_has_no_pool", "codes_rejected", "codes_unreadable"],
    async work({ ask, context, sealer, params, query, body }) {
      const isAllOrNothing = query.all_or_nothing === "true";
      const { lines: sent, mayBeNames } = await linesOf(context, body);
      const { codes, refused } = judge(sent, mayBeNames);
      const isAllInvalid = codes.length === 0 && refused.every(({ outcome }) => outcome === "invalid");
      if (isAllInvalid || (isAllOrNothing && refused.length > 0)) throw rejected(refused);
      const stored: { lines: JudgedLine[] } = await ask("add_codes", {
        reward_id: params.id,
        codes: await sealAll(sealer, codes),
        all_or_nothing: isAllOrNothing,
      });
      const lines = [...stored.lines, ...refused].sort((one, other) => one.line - other.line);
      const bad = lines.filter(({ outcome }) => outcome !== "accepted");
      if (isAllOrNothing && bad.length > 0) throw rejected(bad);
      return { accepted: lines.length - bad.length, rejected: bad.length, lines };
    },
  }),
  listCodes: route({
    method: "get",
    path: "/v1/rewards/{id}/codes",
    group: "Rewards",
    summary: "Codes of a pool that nobody has",
    description: "In the order in which members get them. A code that a member has is not shown.",
    scope: "codes:write",
    params: rewardPath,
    query: z.strictObject({ page_size: pageSize, after: afterNumber }),
    answer: {
      status: 200,
      description: "A page of codes.",
      schema: z
        .object({ items: z.array(z.object({ code: z.string(), uploaded_at: moment }).meta({ id: "PoolCode" })), next })
        .meta({ id: "PoolCodePage" }),
      example: { items: [{ code: "BROT-7341", uploaded_at: "2026-11-01T00:00:00+00:00" }], next: null },
    },
    errors: ["reward_not_found", "reward_has_no_pool", "cursor_invalid"],
    async work({ ask, sealer, params, query }) {
      const page: { items: { ciphertext: string; uploaded_at: string }[]; next: string | null } = await ask(
        "list_codes",
        {
          reward_id: params.id,
          page_size: query.page_size,
          after: query.after ?? null,
        },
      );
      const items = page.items.map(async ({ ciphertext, uploaded_at }) => ({
        code: await sealer.open("code", ciphertext),
        uploaded_at,
      }));
      return { items: await Promise.all(items), next: page.next };
    },
  }),
  withdrawCodes: route({
    method: "delete",
    path: "/v1/rewards/{id}/codes",
    group: "Rewards",
    summary: "Take codes out of a reward's pool",
    description:
      "Send the codes, or the file with which they came. The answer tells for every line what became of it: `withdrawn`; " +
      `\`given\`, a member has it, so it stays; \`not_found\`, not in this pool. ${CSV_RULES}`,
    scope: "codes:write",
    isCostly: true,
    params: rewardPath,
    body: codesBody,
    bodyExample: codesExample,
    bodyCsv: csvExample,
    answer: {
      status: 200,
      description: "What became of every line.",
      schema: z
        .object({
          withdrawn: z.int(),
          lines: z.array(z.object({ line, outcome: z.enum(WITHDRAWAL_OUTCOMES) }).meta({ id: "WithdrawnLine" })),
        })
        .meta({ id: "WithdrawalResult" }),
      example: {
        withdrawn: 1,
        lines: [
          { line: 1, outcome: "withdrawn" },
          { line: 2, outcome: "given" },
        ],
      },
    },
    errors: ["reward_not_found", "reward_has_no_pool", "codes_unreadable"],
    async work({ ask, context, sealer, params, body }) {
      const { lines } = await linesOf(context, body);
      const codes = lines.map(async ({ line, text = "" }) => {
        const code = readCode(text);
        const canonical = code.kind === "foreign" ? code.canonical : "";
        return { line, hash: await sealer.codeHash(canonical) };
      });
      return ask("withdraw_codes", { reward_id: params.id, codes: await Promise.all(codes) });
    },
  }),
} satisfies Record<string, Route>;

function rejected(lines: readonly JudgedLine[]): Problem {
  return new Problem("codes_rejected", { detail: { lines } });
}

/** What was sent, as lines; and whether its sender says that none of them names the column. */
async function linesOf(
  { req }: Context,
  { codes }: z.output<typeof codesBody>,
): Promise<{ lines: CodeLine[]; mayBeNames: boolean }> {
  const type = req.header("content-type") ?? "";
  if (!type.startsWith("text/csv")) {
    return { lines: codes.map((text, index) => ({ line: index + 1, text: text.trim() })), mayBeNames: false };
  }
  const header = headerParameter(type);
  const lines = readCodeFile(await req.text(), header);
  if (lines.length === 0 || lines.length > MAX_CODES) throw new Problem("validation_failed", { detail: "codes" });
  return { lines, mayBeNames: header === "absent" };
}
