/**
 * Uploading codes: each line is judged, the good ones are sealed, and the database says which it had already.
 *
 * @module
 */
import { z } from "zod";
import { cleanCode, isPrintable, readCode } from "../_shared/codes.ts";
import { CODE_LINE_OUTCOMES, type CodeLineOutcome, MAX_CODES, word } from "../_shared/contracts/partners.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type CsvLine, readColumn } from "./csv.ts";
import { rewardPath } from "./rewards.ts";
import { type Route, route } from "./route.ts";

/** How many codes are sealed at a time. */
const CHUNK = 500;

const codesBody = z
  .strictObject({
    codes: z
      .array(z.string({ error: "validation_failed" }), { error: "validation_failed" })
      .min(1, "validation_failed")
      .max(MAX_CODES, "validation_failed"),
  })
  .meta({ id: "Codes" });

const codeLine = z
  .object({
    line: z.int().meta({ description: "Line of the file, or position in the list, from 1." }),
    outcome: z.enum(CODE_LINE_OUTCOMES),
  })
  .meta({ id: "CodeLine" });

/** Filling a pool. */
export const codeRoutes = {
  addCodes: route({
    method: "post",
    path: "/v1/rewards/{id}/codes",
    group: "Rewards",
    summary: "Upload codes into a reward's pool",
    description:
      `For rewards whose \`code_source\` is \`pool\`. At most ${MAX_CODES} codes of 4 to 100 printable characters; ` +
      "case, spaces and dashes make no difference between codes, and members get a code as you wrote it. CSV holds one code " +
      "per line, with or without the header `code`. The answer tells for every line what became of it: `accepted`; " +
      "`duplicate`, in this upload or among your codes; `invalid`, no code; `reserved`, looks like a code made by us.",
    scope: "codes:write",
    isCostly: true,
    params: rewardPath,
    query: z.strictObject({
      all_or_nothing: word(["true", "false"])
        .default("false")
        .meta({ description: "`true`: with one bad line nothing is stored." }),
    }),
    body: codesBody,
    bodyExample: { codes: ["BROT-7341", "BROT-7342"] },
    bodyCsv: "code\r\nBROT-7341\r\nBROT-7342\r\n",
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
    errors: ["reward_not_found", "reward_has_no_pool", "codes_rejected"],
    async work({ ask, context, sealer, params, query, body }) {
      const isAllOrNothing = query.all_or_nothing === "true";
      const isCsv = context.req.header("content-type") === "text/csv";
      const { codes, refused } = judge(isCsv ? linesOf(await context.req.text()) : numbered(body.codes));
      if (isAllOrNothing && refused.length > 0) throw rejected(refused);
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
} satisfies Record<string, Route>;

interface JudgedLine {
  readonly line: number;
  readonly outcome: CodeLineOutcome;
}

/** A code that may be stored. */
interface NewCode {
  readonly line: number;
  /** As the partner wrote it and the member will see it. */
  readonly text: string;
  readonly canonical: string;
}

interface SealedCode {
  readonly line: number;
  readonly hash: string;
  readonly ciphertext: string;
}

function rejected(lines: readonly JudgedLine[]): Problem {
  return new Problem("codes_rejected", { detail: { lines } });
}

const numbered = (codes: readonly string[]): CsvLine[] =>
  codes.map((text, index) => ({ line: index + 1, text: text.trim() }));

function linesOf(csv: string): CsvLine[] {
  const lines = readColumn(csv, "code");
  if (lines.length === 0 || lines.length > MAX_CODES) throw new Problem("validation_failed", { detail: "codes" });
  return lines;
}

function judge(lines: readonly CsvLine[]): { codes: NewCode[]; refused: JudgedLine[] } {
  const codes = new Map<string, NewCode>();
  const refused: JudgedLine[] = [];
  for (const { line, text: written = "" } of lines) {
    const text = cleanCode(written);
    const code = readCode(text);
    if (code.kind === "ours" || code.kind === "mistyped") refused.push({ line, outcome: "reserved" });
    // Members see the text as it is, so it must be fit to be seen.
    else if (code.kind === "invalid" || !isPrintable(text)) refused.push({ line, outcome: "invalid" });
    else if (codes.has(code.canonical)) refused.push({ line, outcome: "duplicate" });
    else codes.set(code.canonical, { line, text, canonical: code.canonical });
  }
  return { codes: [...codes.values()], refused };
}

/** Chunk by chunk, so that other requests get their turn in between. */
async function sealAll(sealer: Sealer, codes: readonly NewCode[]): Promise<SealedCode[]> {
  const sealed: SealedCode[] = [];
  for (let start = 0; start < codes.length; start += CHUNK) {
    const chunk = codes.slice(start, start + CHUNK).map(
      async ({ line, text, canonical }): Promise<SealedCode> => ({
        line,
        hash: await sealer.codeHash(canonical),
        ciphertext: await sealer.seal("code", text),
      }),
    );
    sealed.push(...(await Promise.all(chunk)));
  }
  return sealed;
}
