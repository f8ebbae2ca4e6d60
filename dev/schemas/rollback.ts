import type { Node } from "@pgsql/types";
import { StackError } from "../base/stack-error.ts";
import { dropOf, isOnPlatform, joined, nameOf, parseRoom, type SchemaStatement } from "./objects.ts";
import type { Room } from "./rooms.ts";

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
  const statements = await parseRoom(room);
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

function inverseOf(statement: SchemaStatement, tables: ReadonlySet<string>, room: Room): string[] {
  const { node, sql } = statement;
  const undo = undoLines(statement.following);
  if (undo.length > 0) return undo[0] === "nothing" ? [] : [undo.join("\n")];
  const [kind = ""] = Object.keys(node);
  if (LEAVES_NOTHING.has(kind)) return [];
  if (GOES_WITH_ITS_TABLE.has(kind) && tables.has(tableOf(node))) return [];
  const drop = dropOf(node);
  if (drop !== undefined) return [drop];
  if ("AlterTableStmt" in node) return additionsIn(sql).map((drop) => `alter table ${tableOf(node)} ${drop};`);
  throw new StackError(`room ${room.name}: write "-- undo: …" below this statement: ${sql.slice(0, 100)}`);
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

/** The lines `-- undo: …` that stand at the beginning of what follows a statement. */
function undoLines(following: string): string[] {
  const [block = ""] = /^;?\s*(?:-- undo: [^\n]*\n)+/u.exec(following) ?? [];
  return [...block.matchAll(/-- undo: ([^\n]*)\n/gu)].map(([, line = ""]) => line);
}
