import { chmodSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { messageOf, StackError } from "../../dev/base/stack-error.ts";
import type { Column, ImportMap, Section } from "./map.ts";
import { SECTIONS } from "./map.ts";
import { columnName, headOf, type SectionPlan, type Source, type SourceRow, translate } from "./source.ts";
import { decode, type Raw } from "./values.ts";

const MAGIC = "SQLite format 3\0";
const LOCK_MS = 10_000;
const PAGES_AT_ONCE = 20_000;

/**
 * Makes a copy of a database as it is at one moment, beside it, and keeps it: what is imported can be looked at later. A copy that is
 * younger than the database's last change is taken again.
 *
 * @throws StackError when it is none, locked or damaged, in one line.
 */
export async function copySqlite(path: string): Promise<string> {
  refuseOthers(path);
  const changed = Math.max(
    ...[path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
  const prefix = `${basename(path)}.import-`;
  const kept = readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && name.endsWith(".db"))
    .map((name) => join(dirname(path), name))
    .filter((name) => statSync(name).mtimeMs > changed)
    .sort()
    .at(-1);
  if (kept !== undefined) return kept;
  const moment = new Date().toISOString().slice(0, 19).replaceAll(":", "-");
  const copy = `${dirname(path)}/${prefix}${moment}.db`;
  const unfinished = `${copy}.unfinished`;
  try {
    const source = new DatabaseSync(path, { readOnly: true, timeout: LOCK_MS });
    try {
      // backup itself would wait for ever
      source.prepare("select count(*) from sqlite_master").get();
      await backup(source, unfinished, { rate: PAGES_AT_ONCE });
    } finally {
      source.close();
    }
    chmodSync(unfinished, 0o600);
    const check = new DatabaseSync(unfinished);
    try {
      // one file, also of a database that writes ahead
      check.exec("pragma journal_mode = delete");
      const [first] = Object.values(check.prepare("pragma quick_check(1)").get() ?? {});
      if (first !== "ok") throw new StackError(damaged(path, String(first).split("\n").at(-1) ?? ""));
    } finally {
      check.close();
    }
    renameSync(unfinished, copy);
    return copy;
  } catch (error) {
    for (const rest of ["", "-journal", "-wal", "-shm"]) rmSync(unfinished + rest, { force: true });
    throw explainSqlite(error, path);
  }
}

function refuseOthers(path: string): void {
  let found: string;
  try {
    found = headOf(path, MAGIC.length).toString("latin1");
  } catch (error) {
    throw new StackError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (found !== MAGIC) throw new StackError(`${path} is no SQLite database: name its file, or use npm run import:csv`);
}

const damaged = (path: string, what: string): string =>
  `${path} is damaged (${what}): mend it first (sqlite3 ${basename(path)} .recover | sqlite3 mended.db), and import that`;

/** What SQLite says, as one line. */
function explainSqlite(error: unknown, path: string): unknown {
  const text = messageOf(error);
  if (error instanceof StackError) return error;
  if (/locked|busy/iu.test(text)) {
    return new StackError(`${path} is locked by a program that writes it: end that, and try again`, { cause: error });
  }
  if (/malformed|not a database|corrupt/iu.test(text)) return new StackError(damaged(path, text), { cause: error });
  if (/disk is full|ENOSPC|disk I\/O/iu.test(text)) {
    return new StackError(`the disk of ${dirname(path)} has no room for a copy of ${basename(path)}`, { cause: error });
  }
  if (/unable to open|readonly|EACCES|permission/iu.test(text)) {
    return new StackError(`${path} cannot be opened or copied beside itself: ${text}`, { cause: error });
  }
  return error;
}

/** Reads a copy that {@link copySqlite} made. */
export function openSqlite(path: string, map: ImportMap): Source {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = new Map(
    database
      .prepare(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'",
      )
      .all()
      .map(({ name }) => [String(name), columnsOf(String(name))] as const),
  );
  const sections = SECTIONS.flatMap((name) => map[name] ?? []);
  const isNamed = (name: string) =>
    sections.some(({ from }) => mentions(from, name)) || map.leave_out_tables.includes(name);

  function columnsOf(table: string): string[] {
    return database
      .prepare("select name from pragma_table_info(?)")
      .all(table)
      .map(({ name }) => String(name));
  }

  /** Target → SQL, without what the ready map names and is not there. */
  function expressions(section: Section): [target: string, column: Column, sql: string][] {
    const near = [...tables].filter(([name]) => mentions(section.from, name));
    if (near.length === 0) {
      throw new StackError(`${path} has no table ${section.from}: it has ${[...tables.keys()].join(", ") || "none"}`);
    }
    return Object.entries(section.columns).flatMap(([target, column]): [string, Column, string][] => {
      if (typeof column === "object" && "sql" in column) return [[target, column, `(${column.sql})`]];
      if (typeof column === "object" && "value" in column) return [[target, column, literal(column.value)]];
      const name = columnName(column) ?? "";
      const [of, own] = name.includes(".") ? name.split(".") : [undefined, name];
      const isThere = near.some(
        ([table, columns]) => (of === undefined || of === table) && columns.includes(own ?? ""),
      );
      if (isThere)
        return [[target, column, [of, own].flatMap((part) => (part === undefined ? [] : quoted(part))).join(".")]];
      if (map.isReady && target !== "id" && target !== "email") return [];
      const columns = near.flatMap(([, names]) => names).join(", ");
      throw new StackError(
        `${section.from} has no column ${name} for ${target}: it has ${columns}; say where it is with --map`,
      );
    });
  }

  const prepare = (sql: string) => {
    try {
      return database.prepare(sql);
    } catch (error) {
      throw new StackError(`SQLite does not understand the map: ${messageOf(error)} in ${sql}`, { cause: error });
    }
  };
  const rest = ({ from, where }: Section, more = "true") =>
    `from ${tables.has(from) ? quoted(from) : from} where (${where ?? "true"}) and ${more}`;
  /** Rows of a single table can be found again, to look at their bytes. */
  const hasRowid = (section: Section) => {
    try {
      return tables.has(section.from) && database.prepare(`select rowid ${rest(section)}`) !== undefined;
    } catch {
      return false;
    }
  };

  return {
    name: path,
    unknownTables: [...tables.keys()].filter((name) => !isNamed(name)),
    plan(name, section): SectionPlan {
      const used = expressions(section);
      const texts = [section.from, section.where ?? "", ...used.map(([, , sql]) => sql)];
      const near = [...tables].filter(([table]) => mentions(section.from, table));
      const unknown = near.flatMap(([table, columns]) =>
        columns
          .filter((column) => !texts.some((text) => mentions(text, column)))
          .filter((column) => !section.leave_out.some((left) => left === column || left === `${table}.${column}`)),
      );
      prepare(`select ${used.map(([, , sql]) => sql).join(", ")} ${rest(section)}`);
      const counted = prepare(`select count(*) as count ${rest(section)}`).get();
      return {
        section: name,
        from: section.from,
        columns: used.map(([target, , sql]) => (sql === quoted(target) ? target : `${target} ← ${sql}`)),
        unknown,
        size: Number(counted?.["count"] ?? 0),
      };
    },
    async *read(_name, section, batch) {
      const used = expressions(section);
      const isFindable = hasRowid(section);
      const list = [...(isFindable ? ["rowid"] : []), ...used.map(([, , sql]) => sql)].join(", ");
      const statement = prepare(`select ${list} ${rest(section)}`);
      statement.setReadBigInts(true);
      statement.setReturnArrays(true);
      const first = isFindable ? 1 : 0;
      let rows: SourceRow[] = [];
      let number = 0;
      for (const values of statement.iterate() as unknown as Iterable<Raw[]>) {
        number += 1;
        rows.push(rowOf(number, values));
        if (rows.length === batch) {
          yield { rows, done: number };
          rows = [];
        }
      }
      if (rows.length > 0) yield { rows, done: number };

      function rowOf(place: number, values: readonly Raw[]): SourceRow {
        const row: Partial<Record<string, Raw>> = {};
        const broken: string[] = [];
        for (const [index, [target, column, sql]] of used.entries()) {
          let raw = values[first + index] ?? null;
          // what SQLite could not read as UTF-8 arrives with this sign in it
          if (typeof raw === "string" && raw.includes("\uFFFD")) {
            broken.push(target);
            if (isFindable) raw = bytesAsText(sql, section, values[0] as bigint) ?? raw;
          }
          row[target] = translate(column, raw);
        }
        return { number: place, values: row, broken };
      }
    },
    close: () => database.close(),
  };

  function bytesAsText(sql: string, section: Section, rowid: bigint): string | undefined {
    const found = database.prepare(`select cast(${sql} as blob) as bytes ${rest(section, "rowid = ?")}`).get(rowid);
    const bytes = found?.["bytes"];
    return bytes instanceof Uint8Array ? decode(bytes).text : undefined;
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (value: string | number | boolean): string => `'${String(value).replaceAll("'", "''")}'`;

/** Whether a text of SQL names something. */
function mentions(sql: string, name: string): boolean {
  const word = name.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&");
  return new RegExp(`(?<![\\w$])${word}(?![\\w$])`, "iu").test(sql);
}
