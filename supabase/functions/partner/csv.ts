/**
 * Writes comma-separated values (RFC 4180).
 *
 * @module
 */

/** Spreadsheets run cells that begin like this; the wide characters count as well. */
const FORMULA_START = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/u;

/** How cells are parted, and numbers are written. */
export interface CsvDialect {
  readonly start: string;
  readonly delimiter: string;
  readonly decimalPoint: string;
  readonly needsQuotes: RegExp;
}

/** As RFC 4180 has it. */
export const CSV: CsvDialect = { start: "", delimiter: ",", decimalPoint: ".", needsQuotes: /[",\r\n]/u };
/** As a German Excel opens it with a double click. */
export const EXCEL: CsvDialect = { start: "\uFEFF", delimiter: ";", decimalPoint: ",", needsQuotes: /[";\r\n]/u };

/** One cell: a text that a spreadsheet would run begins with an apostrophe. */
function cell(value: string, { needsQuotes }: CsvDialect): string {
  const text = FORMULA_START.test(value) ? `'${value}` : value;
  return needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table with its header. Every line, the last one too, ends with CR LF. */
export function writeCsv(dialect: CsvDialect, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows].map(
    (row) => `${row.map((value) => cell(value, dialect)).join(dialect.delimiter)}\r\n`,
  );
  return dialect.start + lines.join("");
}
