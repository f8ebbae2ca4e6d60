/**
 * Reads lists of codes as people make them: exports of shops, columns of spreadsheets, text files. What could be read in two
 * ways is refused, because a wrong reading would be sold to members.
 *
 * @module
 */
// @ts-types="@types/papaparse"
import Papa from "papaparse";
import { Problem } from "../_shared/problem.ts";

/** Media types under which lists of codes come. Windows calls CSV by the name of its spreadsheet. */
export const CODE_FILE_TYPES = ["text/csv", "application/csv", "application/vnd.ms-excel", "text/tab-separated-values"];

/** What the sender says of the first line, as RFC 4180 has it; undefined: nothing. */
export type HeaderParameter = "present" | "absent" | undefined;

/** A line of a list. */
export interface CodeLine {
  /** From 1. */
  readonly line: number;
  /** Undefined where the line has more cells than its list, and nobody can say which one is the code. */
  readonly text: string | undefined;
}

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
  /** As it stands in the file. */
  readonly raw: string;
}

/** Names of a column of codes, without spaces and `_ - . :`. */
const HEADERS = new Set(
  `code codes gutscheincode gutscheincodes gutschein gutscheine gutscheinnummer gutscheinnr vouchercode
   vouchercodes voucher vouchers vouchernumber couponcode couponcodes coupon coupons rabattcode rabattcodes
   aktionscode aktionscodes promocode promocodes promotioncode promotioncodes discountcode discountcodes giftcode
   giftcodes giftcard einlösecode einlösecodes redemptioncode redemptioncodes kode pin seriennummer serialnumber`.split(
    /\s+/u,
  ),
);
const IN_NAMES = /[\s_\-.:]/gu;
const DELIMITERS = [",", ";", "\t"] as const;
const DELIMITER = /[,;\t]/u;
const DIGIT = /\p{Nd}/u;
const SEPARATOR_LINE = /^sep=(.)$/iu;
const BYTE_ORDER_MARK = /^\uFEFF/u;
const LINE_BREAK = /\r\n?|\n/gu;

/** Whether a text is what people call a column of codes. */
export const isColumnName = (text: string): boolean =>
  HEADERS.has(text.toLowerCase().normalize("NFC").replace(IN_NAMES, ""));

/** The parameter `header` of a content type. Throws Problem `codes_unreadable` when it is none that RFC 4180 knows. */
export function headerParameter(contentType: string): HeaderParameter {
  const [, value] = /;\s*header\s*=\s*"?([^";\s]*)/iu.exec(contentType) ?? [];
  const said = value?.toLowerCase();
  if (said === undefined || said === "present" || said === "absent") return said;
  throw unreadable("header", "`header` is `present` or `absent`.");
}

/**
 * The codes of a list, without empty lines and without the line that names the columns.
 *
 * @throws Problem `codes_unreadable`, whose detail names what could be read in two ways.
 */
export function readCodeFile(file: string, header: HeaderParameter): CodeLine[] {
  const text = file.replace(BYTE_ORDER_MARK, "").replace(LINE_BREAK, "\n");
  const rows = parse(text);
  const [first] = rows;
  if (first === undefined) return [];
  const named = header === "absent" ? [] : columnsOf(first);
  if (named.length > 1) throw unreadable("columns", "Two columns are named like codes. Send one of them.");
  const [column = onlyColumn(rows)] = named;
  const isHeader = named.length === 1 || header === "present";
  if (!isHeader && header === undefined) refuseDoubtfulHeader(rows, column);
  return (isHeader ? rows.slice(1) : rows).map(({ line, cells, raw }) => ({
    line,
    text: cells.length > first.cells.length ? undefined : cellOf(cells[column] ?? "", raw, first.cells.length),
  }));
}

/** All lines that hold something, with their numbers: a cell may contain line breaks. */
function parse(text: string): Row[] {
  const [firstLine = ""] = text.split("\n", 1);
  const [, said] = SEPARATOR_LINE.exec(firstLine.trim()) ?? [];
  const rows: Row[] = [];
  let start = 0;
  let line = 1;
  Papa.parse<string[]>(text, {
    delimiter: said ?? delimiterOf(text),
    newline: "\n",
    step({ data, errors, meta: { cursor } }) {
      const [error] = errors;
      if (error !== undefined) throw unreadable("quotes", `Line ${line}: ${error.message}.`);
      const raw = text.slice(start, cursor);
      const cells = data.map((cell) => cell.trim());
      if (cells.some((cell) => cell !== "") && !(said !== undefined && start === 0)) rows.push({ line, cells, raw });
      line += raw.split("\n").length - 1;
      start = cursor;
    },
  });
  return rows;
}

/** The one that parts the first line; a comma, which parts nothing then, where none does. */
function delimiterOf(text: string): string {
  const firstLine = text.split("\n").find((line) => line.trim() !== "") ?? "";
  const parting = DELIMITERS.map((delimiter) => ({ delimiter, cells: cellsOf(firstLine, delimiter) })).filter(
    ({ cells }) => cells.length > 1,
  );
  const naming = parting.filter(({ cells }) => cells.some(isColumnName));
  const [only, other] = naming.length > 0 ? naming : parting;
  if (other !== undefined) {
    throw unreadable(
      "delimiter",
      "Separate with one of comma, semicolon and tab, or say which in the first line: sep=;",
    );
  }
  return only?.delimiter ?? ",";
}

const cellsOf = (line: string, delimiter: string): string[] =>
  Papa.parse<string[]>(line, { delimiter }).data[0]?.map((cell) => cell.trim()) ?? [];

const columnsOf = ({ cells }: Row): number[] => cells.flatMap((cell, index) => (isColumnName(cell) ? [index] : []));

/** Spreadsheets write empty columns, too. */
function onlyColumn(rows: readonly Row[]): number {
  const filled = new Set(rows.flatMap(({ cells }) => cells.flatMap((cell, index) => (cell === "" ? [] : [index]))));
  const [column = 0, ...others] = filled;
  // A single line with more cells than the first one is judged alone.
  const width = rows[0]?.cells.length ?? 0;
  if (width > 1 && others.length > 0) {
    throw unreadable("columns", "Name the column of the codes `code` in the first line, or send no other column.");
  }
  return width > 1 ? column : 0;
}

/** A first line without any digit above lines that all have one is a name that is not on the list, or a code. */
function refuseDoubtfulHeader(rows: readonly Row[], column: number): void {
  const [first, ...others] = rows.map(({ cells }) => cells[column] ?? "");
  if (first === undefined || others.length === 0 || DIGIT.test(first) || !others.every((cell) => DIGIT.test(cell)))
    return;
  throw unreadable(
    "header",
    "Is the first line a code? Send `Content-Type: text/csv; header=absent` if so, `header=present` if it names a column.",
  );
}

/** Unquoted, a delimiter or a quote is not part of a code. */
function cellOf(cell: string, raw: string, width: number): string | undefined {
  const isQuoted = raw.includes('"');
  if (cell.includes('"') && !raw.includes('""')) return undefined;
  return width === 1 && !isQuoted && DELIMITER.test(cell) ? undefined : cell;
}

const unreadable = (detail: string, hint: string): Problem => new Problem("codes_unreadable", { detail, hint });
