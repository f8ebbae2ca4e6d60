/**
 * Comma-separated values (RFC 4180), in and out.
 *
 * @module
 */

/** Spreadsheets run cells that begin like this; the wide characters count as well. */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u;
const NEEDS_QUOTES = /[",\r\n]/u;
const BYTE_ORDER_MARK = /^\uFEFF/u;

/** One cell: a text that a spreadsheet would run begins with an apostrophe. */
function cell(value: string): string {
  const text = FORMULA_START.test(value) ? `'${value}` : value;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table with its header. Every line, the last one too, ends with CR LF. */
export function writeCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** A line of a file. */
export interface CsvLine {
  /** From 1. */
  readonly line: number;
  /** Undefined when the line is no single cell. */
  readonly text: string | undefined;
}

/**
 * The only cell of every line, without empty lines and without a header of this name. Line by line, where the parser of
 * `@std/csv` would give up: a line that is no cell must not spoil the others, and every line keeps its number.
 */
export function readColumn(csv: string, header: string): CsvLine[] {
  return csv
    .replace(BYTE_ORDER_MARK, "")
    .split(/\r\n|\n|\r/u)
    .map((text, index) => ({ line: index + 1, text: text.trim() }))
    .filter(({ text }) => text !== "")
    .map(({ line, text }) => ({ line, text: readCell(text) }))
    .filter(({ text }, index) => index > 0 || text?.toLowerCase() !== header);
}

function readCell(text: string): string | undefined {
  const [, quoted] = /^"((?:[^"]|"")*)"$/u.exec(text) ?? [];
  if (quoted !== undefined) return quoted.replaceAll('""', '"');
  return /[",;\t]/u.test(text) ? undefined : text;
}
