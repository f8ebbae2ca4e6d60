import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import Papa from "papaparse";
import { decode, type Raw, Unusable } from "./values.ts";

/**
 * What became of a row: `refused` is not imported, and is once it is mended in the source; `mended` is imported without the value,
 * or with a shorter one; `left_out` is not meant to come.
 */
export type Outcome = "refused" | "mended" | "left_out";

/** One thing that is wrong with one row. */
export interface Problem {
  outcome: Outcome;
  field: string;
  /** A slug. */
  problem: string;
  value: string;
}

/** Where a row stands in its source. */
export interface RowPlace {
  table: string;
  /** Its number in the order of reading, or its line in a CSV file. */
  row: number;
  id: string;
}

const HEADINGS = ["table", "row", "id", "outcome", "field", "problem", "value"];
const MOST_VALUE_LENGTH = 80;

/** The report that names each row with a problem, as CSV for a spreadsheet. */
export interface ProblemFile {
  readonly path: string;
  /** How often each problem was found, by `outcome problem`. */
  readonly counts: ReadonlyMap<string, number>;
  add(place: RowPlace, problem: Problem): void;
  close(): Promise<void>;
}

/** Starts it anew: each run judges every row. Only its owner can read it, because it tells about people. */
export function openProblemFile(path: string): ProblemFile {
  const stream = createWriteStream(path, { mode: 0o600 });
  const failed = finished(stream);
  failed.catch(() => undefined); // told by close
  const counts = new Map<string, number>();
  // a name such as =HYPERLINK(…) must not become a formula
  const write = (cells: (string | number)[]) => stream.write(`${Papa.unparse([cells], { escapeFormulae: true })}\r\n`);
  write(HEADINGS);
  return {
    path,
    counts,
    add({ table, row, id }, { outcome, field, problem, value }) {
      const key = `${outcome} ${problem}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      write([table, row, id, outcome, field, problem, value]);
    },
    async close() {
      stream.end();
      await failed;
    },
  };
}

/** Collects what is wrong with one row. */
export class Findings {
  readonly problems: Problem[] = [];

  add(outcome: Outcome, field: string, problem: string, raw: Raw): void {
    // neither a hash nor what somebody kept instead of one
    this.problems.push({ outcome, field, problem, value: field === "password_hash" ? "…" : shown(raw) });
  }

  /** A value, or null and a problem when it cannot be used. */
  read<Value>(outcome: Outcome, field: string, raw: Raw, reader: (raw: Raw) => Value): Value | null {
    try {
      return reader(raw);
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      this.add(outcome, field, error.problem, raw);
      return null;
    }
  }

  /** Whether the row is imported. */
  get isAccepted(): boolean {
    return this.problems.every(({ outcome }) => outcome === "mended");
  }
}

function shown(raw: Raw): string {
  if (raw === null) return "";
  const text = raw instanceof Uint8Array ? decode(raw).text : String(raw);
  const line = text.replaceAll(/\s+/gu, " ");
  return line.length > MOST_VALUE_LENGTH ? `${line.slice(0, MOST_VALUE_LENGTH)}…` : line;
}
