import { closeSync, openSync, readSync } from "node:fs";
import type { Column, Section, SectionName } from "./map.ts";
import { asText, type Raw } from "./values.ts";

/** One row, by what its values are for. */
export interface SourceRow {
  /** Its number in the order of reading, or its line. */
  number: number;
  values: Readonly<Partial<Record<string, Raw>>>;
  /** Targets whose text was not UTF-8, and was read as that of old Windows programs. */
  broken: readonly string[];
}

/** What a section would read. */
export interface SectionPlan {
  section: SectionName;
  from: string;
  /** Target ← column, for people. */
  columns: readonly string[];
  /** Columns that no map names. */
  unknown: readonly string[];
  /** How many rows; of a CSV file as many bytes. */
  size: number;
}

/** Where people come from. */
export interface Source {
  /** The file that is read, for people. */
  readonly name: string;
  /** Tables that the map does not name. */
  readonly unknownTables: readonly string[];
  /** @throws StackError when a column of the map is not there. */
  plan(section: SectionName, map: Section): SectionPlan;
  /** Rows in an order that is the same each time; `done` counts as `size` does. */
  read(section: SectionName, map: Section, batch: number): AsyncIterable<{ rows: SourceRow[]; done: number }>;
  close(): void;
}

/** What a column is called in the source; undefined when it is none. */
export function columnName(column: Column): string | undefined {
  if (typeof column === "string") return column;
  return "column" in column ? column.column : undefined;
}

/** Puts words of the map in the place of those of the source. */
export function translate(column: Column, raw: Raw): Raw {
  const words = typeof column === "object" && "values" in column ? column.values : undefined;
  const word = words?.[asText(raw) ?? ""];
  return word === undefined ? raw : String(word);
}

/** The first bytes of a file, fewer where it is shorter. */
export function headOf(path: string, bytes: number): Buffer {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(bytes);
    return buffer.subarray(0, readSync(file, buffer, 0, bytes, 0));
  } finally {
    closeSync(file);
  }
}
