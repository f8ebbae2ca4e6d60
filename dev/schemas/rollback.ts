import type { Node, ParseResult, RangeVar } from "@pgsql/types";
import { parse } from "libpg-query";
import { StackError } from "../base/stack-error.ts";
import type { Room, SchemaFile } from "./rooms.ts";

/** A statement with what PostgreSQL's parser says about it and the lines `-- undo: …` that stand below it. */
interface ParsedStatement {
  readonly node: Node;
  readonly sql: string;
  readonly undo: string[];
}

/** What belongs to a table and goes with it. */
const GOES_WITH_ITS_TABLE = new Set(["IndexStmt", "CreatePolicyStmt", "InsertStmt", "AlterTableStmt"]);
/** What leaves nothing behind once the object is gone, or may have been there before. */
const LEAVES_NOTHING = new Set(["CommentStmt", "GrantStmt", "CallStmt", "CreateExtensionStmt", "UpdateStmt"]);

/**
 * The inverse of a room's migration: everything that it creates is dropped, last first. What cannot be turned round by
 * itself (blocks of code, calls, defaults) says how in lines `-- undo: …` right below it; `-- undo: nothing` is an answer.
 *
 * @throws StackError naming the statement that has no inverse.
 */
export async function rollbackOf(room: Room): Promise<string> {
  const statements = (await Promise.all(room.files.map(parseFile))).flat();
  const tables = statements.flatMap(({ node }) => ("CreateStmt" in node ? [nameOf(node.CreateStmt.relation)] : []));
  const listeners = new Set(
    statements.flatMap(({ node }) => (isOnPlatform(node) ? [joined(node.CreateTrigStmt.funcname)] : [])),
  );
  const inverse = statements
    .flatMap((statement) => (isOnPlatform(statement.node) ? [] : inverseOf(statement, new Set(tables), room)))
    .map((drop) =>
      listeners.has(/^drop function ([\w.]+);$/u.exec(drop)?.[1] ?? "") ? drop.replace(";", " cascade;") : drop,
    )
    .toReversed();
  const deletes = tables.length === 0 ? "" : ` DELETES what is in ${tables.join(", ")}: take a backup first.`;
  return `-- Written by npm run db:build: takes the room ${room.name} out again.${deletes}\n\n${inverse.join("\n")}\n`;
}

function inverseOf({ node, sql, undo }: ParsedStatement, tables: ReadonlySet<string>, room: Room): string[] {
  if (undo.length > 0) return undo[0] === "nothing" ? [] : [undo.join("\n")];
  const [kind = ""] = Object.keys(node);
  if (LEAVES_NOTHING.has(kind)) return [];
  if (GOES_WITH_ITS_TABLE.has(kind) && tables.has(tableOf(node))) return [];
  if ("CreateStmt" in node) return [`drop table ${nameOf(node.CreateStmt.relation)};`];
  if ("CreateFunctionStmt" in node) {
    const { funcname, is_procedure = false } = node.CreateFunctionStmt;
    return [`drop ${is_procedure ? "procedure" : "function"} ${joined(funcname)};`];
  }
  if ("CompositeTypeStmt" in node) return [`drop type ${nameOf(node.CompositeTypeStmt.typevar)};`];
  if ("CreateDomainStmt" in node) return [`drop domain ${joined(node.CreateDomainStmt.domainname)};`];
  if ("ViewStmt" in node) return [`drop view ${nameOf(node.ViewStmt.view)};`];
  if ("CreateSeqStmt" in node) return [`drop sequence ${nameOf(node.CreateSeqStmt.sequence)};`];
  if ("CreateSchemaStmt" in node) return [`drop schema ${node.CreateSchemaStmt.schemaname};`];
  if ("CreateTrigStmt" in node) {
    return [`drop trigger ${node.CreateTrigStmt.trigname} on ${nameOf(node.CreateTrigStmt.relation)};`];
  }
  if ("IndexStmt" in node) return [`drop index ${node.IndexStmt.relation?.schemaname}.${node.IndexStmt.idxname};`];
  if ("AlterTableStmt" in node) return additionsIn(sql).map((drop) => `alter table ${tableOf(node)} ${drop};`);
  throw new StackError(`room ${room.name}: write "-- undo: …" below this statement: ${sql.slice(0, 100)}`);
}

/** A trigger on a table of the platform, such as auth.users: only the table's owner may drop it, so its function takes it along. */
function isOnPlatform(node: Node): node is Extract<Node, { CreateTrigStmt: unknown }> {
  const schema = "CreateTrigStmt" in node ? node.CreateTrigStmt.relation?.schemaname : undefined;
  return schema !== undefined && !["public", "private", "ops"].includes(schema);
}

/** `add column x …` → `drop column x`; constraints on columns that go are dropped with them, later ones by name. */
function additionsIn(sql: string): string[] {
  const columns = [...sql.matchAll(/^\s*(?:alter table \S+ )?add column (\w+)/gmu)].map(
    ([, name]) => `drop column ${name}`,
  );
  if (columns.length > 0) return columns.toReversed();
  return [...sql.matchAll(/\badd constraint (\w+)/gu)].map(([, name]) => `drop constraint ${name}`);
}

function tableOf(node: Node): string {
  if ("IndexStmt" in node) return nameOf(node.IndexStmt.relation);
  if ("CreatePolicyStmt" in node) return nameOf(node.CreatePolicyStmt.table);
  if ("InsertStmt" in node) return nameOf(node.InsertStmt.relation);
  return "AlterTableStmt" in node ? nameOf(node.AlterTableStmt.relation) : "";
}

const nameOf = (relation: RangeVar | undefined): string => `${relation?.schemaname}.${relation?.relname}`;

const joined = (names: readonly Node[] | undefined): string =>
  (names ?? []).map((name) => ("String" in name ? name.String.sval : "")).join(".");

async function parseFile({ path, sql }: SchemaFile): Promise<ParsedStatement[]> {
  const bytes = Buffer.from(sql, "utf8");
  const { stmts = [] }: ParseResult = await parse(sql).catch((error: unknown) => {
    throw new StackError(`supabase/${path} is not valid SQL: ${error instanceof Error ? error.message : error}`);
  });
  const texts = stmts.map(({ stmt_location = 0, stmt_len }) =>
    bytes.subarray(stmt_location, stmt_len === undefined ? bytes.length : stmt_location + stmt_len).toString("utf8"),
  );
  const after = (index: number): string =>
    texts[index + 1] ??
    bytes.subarray((stmts.at(-1)?.stmt_location ?? 0) + (stmts.at(-1)?.stmt_len ?? 0)).toString("utf8");
  return stmts.flatMap(({ stmt }, index) =>
    stmt === undefined ? [] : [{ node: stmt, sql: withoutComments(texts[index] ?? ""), undo: undoLines(after(index)) }],
  );
}

/** The lines `-- undo: …` that stand at the beginning of what follows a statement. */
function undoLines(following: string): string[] {
  const [block = ""] = /^;?\s*(?:-- undo: [^\n]*\n)+/u.exec(following) ?? [];
  return [...block.matchAll(/-- undo: ([^\n]*)\n/gu)].map(([, line = ""]) => line);
}

const withoutComments = (text: string): string => text.replace(/^(?:\s+|--[^\n]*(?:\n|$))*/u, "");
