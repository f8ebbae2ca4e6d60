/**
 * Uploading codes: each line is judged, the good ones are sealed, and the database says which it had already.
 *
 * @module
 */
import { checkedInput, readJson, readText } from "../_shared/body.ts";
import { readCode } from "../_shared/codes.ts";
import { type CodeLineOutcome, codesBody, MAX_CODES } from "../_shared/contracts/partners.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sealer } from "../_shared/sealing.ts";
import type { Handlers } from "./call.ts";
import { type CsvLine, readColumn } from "./csv.ts";

/** How many codes are sealed at a time. */
const CHUNK = 500;
const MAX_CODE_LENGTH = 100;
const CONTROL_CHARACTER = /\p{C}/u;

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

/** Filling a pool. */
export const codeHandlers = {
  async addCodes({ context, database, sealer, keyHash, path, query }) {
    const isAllOrNothing = query.allOrNothing === "true";
    const { codes, refused } = judge(await readLines(context.req.raw));
    if (isAllOrNothing && refused.length > 0) throw rejected(refused);
    const stored: { lines: JudgedLine[] } = await database.call("add_codes", {
      api_key_hash: keyHash,
      reward_id: path.id,
      codes: await sealAll(sealer, codes),
      all_or_nothing: isAllOrNothing,
    });
    const lines = [...stored.lines, ...refused].sort((one, other) => one.line - other.line);
    const bad = lines.filter(({ outcome }) => outcome !== "accepted");
    if (isAllOrNothing && bad.length > 0) throw rejected(bad);
    return { accepted: lines.length - bad.length, rejected: bad.length, lines };
  },
} satisfies Partial<Handlers>;

function rejected(lines: readonly JudgedLine[]): Problem {
  return new Problem("codes_rejected", { detail: { lines } });
}

async function readLines(request: Request): Promise<CsvLine[]> {
  const isCsv = /^text\/csv\b/iu.test(request.headers.get("content-type") ?? "");
  if (!isCsv) {
    const { codes } = checkedInput(codesBody, await readJson(request));
    return codes.map((text, index) => ({ line: index + 1, text: text.trim() }));
  }
  const lines = readColumn(await readText(request, ["text/csv"]), "code");
  if (lines.length === 0 || lines.length > MAX_CODES) throw new Problem("validation_failed", { detail: "codes" });
  return lines;
}

function judge(lines: readonly CsvLine[]): { codes: NewCode[]; refused: JudgedLine[] } {
  const codes = new Map<string, NewCode>();
  const refused: JudgedLine[] = [];
  for (const { line, text = "" } of lines) {
    const code = readCode(text);
    if (code.kind === "ours" || code.kind === "mistyped") refused.push({ line, outcome: "reserved" });
    // Members see the text as it is, so it must be fit to be seen.
    else if (code.kind === "invalid" || [...text].length > MAX_CODE_LENGTH || CONTROL_CHARACTER.test(text)) {
      refused.push({ line, outcome: "invalid" });
    } else if (codes.has(code.canonical)) refused.push({ line, outcome: "duplicate" });
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
