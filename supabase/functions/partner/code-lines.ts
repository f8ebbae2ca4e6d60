/**
 * Judges the codes of an upload one by one, and seals those that are good.
 *
 * @module
 */
import { cleanCode, FOREIGN_LENGTH, readCode } from "../_shared/codes.ts";
import type { CodeLineOutcome, CodeLineReason } from "../_shared/contracts/partners.ts";
import type { Sealer } from "../_shared/sealing.ts";
import { type CodeLine, isColumnName } from "./code-files.ts";

/** How many codes are sealed at a time. */
const CHUNK = 500;
/** Scanners type as an English keyboard does, and the simpler symbols hold nothing else. */
const SCANNABLE = /^[ -~]*$/u;
/** What a spreadsheet makes of a long number, and by this it has lost digits. */
const SPREADSHEET_NUMBER = /^[0-9][.,][0-9]+E\+?[0-9]+$/iu;

/** What became of a line. */
export interface JudgedLine {
  readonly line: number;
  readonly outcome: CodeLineOutcome;
  readonly reason?: CodeLineReason;
}

/** A code that may be stored. */
export interface NewCode {
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

/** Parts good codes from bad ones. A code that is called like its column is one only where the sender says so. */
export function judge(
  lines: readonly CodeLine[],
  mayBeNames: boolean,
): { codes: NewCode[]; refused: readonly JudgedLine[] } {
  const codes = new Map<string, NewCode>();
  const refused: JudgedLine[] = [];
  for (const { line, text: written } of lines) {
    const text = written === undefined ? undefined : cleanCode(written);
    const reason = text === undefined ? "columns" : invalidity(text, mayBeNames);
    const code = readCode(text ?? "");
    if (code.kind === "ours" || code.kind === "mistyped") refused.push({ line, outcome: "reserved" });
    else if (reason !== undefined || text === undefined || code.kind === "invalid") {
      refused.push({ line, outcome: "invalid", reason: reason ?? "characters" });
    } else if (codes.has(code.canonical)) refused.push({ line, outcome: "duplicate" });
    else codes.set(code.canonical, { line, text, canonical: code.canonical });
  }
  return { codes: [...codes.values()], refused };
}

/** Members see the text as it is and tills scan it, so it must be fit for both. */
function invalidity(text: string, mayBeNames: boolean): CodeLineReason | undefined {
  if (!SCANNABLE.test(text)) return "characters";
  if (text.length > FOREIGN_LENGTH.max) return "too_long";
  if (text.replace(/[ -]/gu, "").length < FOREIGN_LENGTH.min) return "too_short";
  if (text.startsWith("=")) return "spreadsheet_formula";
  if (SPREADSHEET_NUMBER.test(text)) return "spreadsheet_number";
  return !mayBeNames && isColumnName(text) ? "column_name" : undefined;
}

/** Chunk by chunk, so that other requests get their turn in between. */
export async function sealAll(sealer: Sealer, codes: readonly NewCode[]): Promise<SealedCode[]> {
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
