import { createReadStream, statSync } from "node:fs";
import { Transform } from "node:stream";
import Papa from "papaparse";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import type { Column, ImportMap, Section } from "./map.ts";
import { columnName, headOf, type SectionPlan, type Source, type SourceRow, translate } from "./source.ts";
import { decode, type Raw } from "./values.ts";

const HEAD_BYTES = 65_536;
const BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

/**
 * Reads members of a CSV file, whose first line names the columns; the separator is found out. Its bytes are read one by one, so that
 * a text that is not UTF-8 is told from one that is.
 *
 * @throws StackError when it cannot be read, in one line.
 */
export function openCsv(path: string, map: ImportMap): Source {
  const size = fileSize(path);
  const { names, separator } = header(path);

  function used(section: Section): [target: string, column: Column, index: number][] {
    return Object.entries(section.columns).flatMap(([target, column]): [string, Column, number][] => {
      if (typeof column === "object" && "sql" in column) {
        throw new StackError(`members.columns.${target}: sql is for SQLite, a CSV file has columns alone`);
      }
      if (typeof column === "object" && "value" in column) return [[target, column, -1]];
      const index = names.indexOf(columnName(column) ?? "");
      if (index >= 0) return [[target, column, index]];
      // a file of members may have no ids: the address tells them apart
      if (map.isReady && target !== "email") return [];
      throw new StackError(
        `${path} has no column ${columnName(column)} for ${target}: it has ${names.join(", ")}; use --map`,
      );
    });
  }

  return {
    name: path,
    unknownTables: [],
    plan(name, section): SectionPlan {
      const columns = used(section);
      return {
        section: name,
        from: path,
        columns: columns.map(([target, column]) => {
          const own = columnName(column);
          return own === target ? target : `${target} ← ${own ?? JSON.stringify(column)}`;
        }),
        unknown: names.filter(
          (own, index) => !columns.some(([, , at]) => at === index) && !section.leave_out.includes(own),
        ),
        size,
      };
    },
    async *read(_name, section, batch) {
      const columns = used(section);
      let bytes = 0;
      const counting = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length;
          done(null, chunk.toString("latin1"));
        },
        decodeStrings: true,
        encoding: "latin1",
      });
      const parser = Papa.parse(Papa.NODE_STREAM_INPUT, { delimiter: separator, skipEmptyLines: "greedy" });
      const lines = createReadStream(path).pipe(counting).pipe(parser) as AsyncIterable<string[]>;
      let rows: SourceRow[] = [];
      let number = 0;
      for await (const cells of lines) {
        number += 1;
        if (number === 1) continue; // the header
        rows.push(rowOf(cells, number, columns, names.length));
        if (rows.length === batch) {
          yield { rows, done: bytes };
          rows = [];
        }
      }
      if (rows.length > 0) yield { rows, done: bytes };
    },
    close: () => undefined,
  };
}

function rowOf(
  cells: readonly string[],
  number: number,
  columns: readonly [string, Column, number][],
  width: number,
): SourceRow {
  const values: Partial<Record<string, Raw>> = {};
  const broken: string[] = [];
  for (const [target, column, index] of columns) {
    const raw =
      index < 0
        ? String((column as { value: unknown }).value)
        : cellText(cells[index] ?? "", () => broken.push(target));
    values[target] = translate(column, raw);
  }
  // an unquoted separator has moved everything behind it
  return { number, values, broken: cells.length > width ? ["(line)"] : broken };
}

function cellText(cell: string, onBroken: () => void): string {
  if (!/[\u0080-\u00FF]/u.test(cell)) return cell;
  const { text, isUtf8 } = decode(Buffer.from(cell, "latin1"));
  if (!isUtf8) onBroken();
  return text;
}

function fileSize(path: string): number {
  try {
    const found = statSync(path);
    if (found.isFile()) return found.size;
  } catch (error) {
    throw new StackError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  throw new StackError(`${path} is no file`);
}

function header(path: string): { names: string[]; separator: string } {
  const head = headOf(path, HEAD_BYTES);
  if (head.includes(0)) {
    throw new StackError(`${path} is no CSV file in UTF-8: save it as "CSV UTF-8", or use npm run import:sqlite`);
  }
  const { data, meta } = Papa.parse<string[]>(head.toString("latin1").replace(BYTE_ORDER_MARK, ""), { preview: 2 });
  const [first = []] = data;
  const names = first.map((cell) => cellText(cell, () => undefined).trim());
  const twice = names.find((own, index) => names.indexOf(own) < index);
  if (twice !== undefined) throw new StackError(`${path} has two columns ${twice}: rename one`);
  if (names.every((own) => own === "")) throw new StackError(`${path} is empty: its first line must name the columns`);
  return { names, separator: meta.delimiter };
}
