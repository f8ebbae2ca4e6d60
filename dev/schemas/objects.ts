import type { Node, RangeVar } from "@pgsql/types";
import { messageOf, StackError } from "../base/stack-error.ts";
import { type ParsedStatement, parseStatements } from "../stack/database/statements.ts";
import type { Room, SchemaFile } from "./rooms.ts";

/** A statement of a schema file. */
export interface SchemaStatement extends ParsedStatement {
  /** The file, relative to `supabase/`. */
  readonly path: string;
  /** The same text for statements that mean the same. */
  readonly meaning: string;
}

/** By path and text: states of the schemas have most files in common, wherever they were read from. */
const parsedFiles = new Map<string, readonly SchemaStatement[]>();
/** Some states of all files. */
const MOST_PARSED = 1000;

/**
 * The statements of a room in their order. What was parsed lately is known.
 *
 * @throws StackError with file and line when a file is no valid SQL.
 */
export async function parseRoom({ files }: Room): Promise<SchemaStatement[]> {
  const statements: SchemaStatement[] = [];
  for (const file of files) {
    const key = `${file.path}\n${file.sql.trimEnd()}`;
    if (parsedFiles.size > MOST_PARSED) parsedFiles.clear();
    const parsed = parsedFiles.get(key) ?? (await parseFile(file));
    parsedFiles.set(key, parsed);
    statements.push(...parsed);
  }
  return statements;
}

async function parseFile({ path, sql }: SchemaFile): Promise<SchemaStatement[]> {
  try {
    return (await parseStatements(sql)).map((one) => ({ ...one, path, meaning: meaningOf(one.node) }));
  } catch (error) {
    throw new StackError(`supabase/${path} is not valid SQL: ${messageOf(error)}`);
  }
}

/** What a statement does for an object of the database. */
export interface Purpose {
  /** `part` is what else is done to a table: rows, constraints. `once` is done when a database is built, and to no object. */
  readonly role: "definition" | "comment" | "grant" | "part" | "once";
  /** The objects, such as `relation public.tasks` or `policy tasks_are_readable on public.tasks`. */
  readonly keys: readonly string[];
}

/** What a statement does, and for which objects. */
export function purposeOf(node: Node): Purpose {
  const key = definedBy(node);
  if (key !== undefined) return { role: "definition", keys: [key] };
  if ("CommentStmt" in node) return purpose("comment", [commented(node.CommentStmt.objtype, node.CommentStmt.object)]);
  if ("GrantStmt" in node && node.GrantStmt.targtype === "ACL_TARGET_OBJECT") {
    const { objtype, objects = [] } = node.GrantStmt;
    return purpose(
      "grant",
      objects.map((object) => commented(objtype, object)),
    );
  }
  if ("CallStmt" in node) return purpose("grant", relationsIn(node.CallStmt.funccall?.args));
  if ("AlterTableStmt" in node) return { role: "part", keys: [relation(node.AlterTableStmt.relation)] };
  if ("InsertStmt" in node) return { role: "part", keys: [relation(node.InsertStmt.relation)] };
  if ("UpdateStmt" in node) return { role: "part", keys: [relation(node.UpdateStmt.relation)] };
  return { role: "once", keys: [] };
}

const purpose = (role: Purpose["role"], keys: readonly (string | undefined)[]): Purpose => {
  const known = keys.filter((key) => key !== undefined);
  return known.length > 0 && known.length === keys.length ? { role, keys: known } : { role: "once", keys: [] };
};

/** The relations that a call names, as private.grant_columns does. */
function relationsIn(values: readonly Node[] | undefined): string[] {
  return (values ?? []).flatMap((value) => {
    const text = "A_Const" in value ? (value.A_Const.sval?.sval ?? "") : "";
    return /^\w+\.\w+$/u.test(text) ? [`relation ${text}`] : [];
  });
}

function definedBy(node: Node): string | undefined {
  if ("CreateStmt" in node) return relation(node.CreateStmt.relation);
  if ("ViewStmt" in node) return relation(node.ViewStmt.view);
  if ("CreateSeqStmt" in node) return relation(node.CreateSeqStmt.sequence);
  if ("IndexStmt" in node) return `relation ${node.IndexStmt.relation?.schemaname}.${node.IndexStmt.idxname}`;
  if ("CreateFunctionStmt" in node) return `function ${joined(node.CreateFunctionStmt.funcname)}`;
  if ("CompositeTypeStmt" in node) return `type ${nameOf(node.CompositeTypeStmt.typevar)}`;
  if ("CreateEnumStmt" in node) return `type ${joined(node.CreateEnumStmt.typeName)}`;
  if ("CreateDomainStmt" in node) return `type ${joined(node.CreateDomainStmt.domainname)}`;
  if ("CreateSchemaStmt" in node) return `schema ${node.CreateSchemaStmt.schemaname}`;
  if ("CreateExtensionStmt" in node) return `extension ${node.CreateExtensionStmt.extname}`;
  if ("CreatePolicyStmt" in node) {
    return `policy ${node.CreatePolicyStmt.policy_name} on ${nameOf(node.CreatePolicyStmt.table)}`;
  }
  if ("CreateTrigStmt" in node) {
    return `trigger ${node.CreateTrigStmt.trigname} on ${nameOf(node.CreateTrigStmt.relation)}`;
  }
  return undefined;
}

/** The key of what a comment or a grant is for; undefined for what has none. */
function commented(kind: string | undefined, object: Node | undefined): string | undefined {
  if (object === undefined) return undefined;
  if ("RangeVar" in object) return relation(object.RangeVar);
  if ("ObjectWithArgs" in object) return `function ${joined(object.ObjectWithArgs.objname)}`;
  if ("TypeName" in object) return `type ${joined(object.TypeName.names)}`;
  if ("String" in object) return kind === "OBJECT_SCHEMA" ? `schema ${object.String.sval}` : undefined;
  if (!("List" in object)) return undefined;
  const names = (object.List.items ?? []).map((item) => ("String" in item ? (item.String.sval ?? "") : ""));
  if (kind === "OBJECT_POLICY") return `policy ${names.at(-1)} on ${names.slice(0, -1).join(".")}`;
  if (kind === "OBJECT_TRIGGER") return `trigger ${names.at(-1)} on ${names.slice(0, -1).join(".")}`;
  if (kind === "OBJECT_COLUMN" || kind === "OBJECT_TABCONSTRAINT") return `relation ${names.slice(0, -1).join(".")}`;
  return kind === "OBJECT_DOMAIN" ? `type ${names.join(".")}` : `relation ${names.join(".")}`;
}

/** What takes an object out again; undefined where a statement creates none. */
export function dropOf(node: Node): string | undefined {
  if ("CreateStmt" in node) return `drop table ${nameOf(node.CreateStmt.relation)};`;
  if ("CreateFunctionStmt" in node) {
    const { is_procedure = false, funcname } = node.CreateFunctionStmt;
    return `drop ${is_procedure ? "procedure" : "function"} ${joined(funcname)};`;
  }
  if ("CompositeTypeStmt" in node) return `drop type ${nameOf(node.CompositeTypeStmt.typevar)};`;
  if ("CreateDomainStmt" in node) return `drop domain ${joined(node.CreateDomainStmt.domainname)};`;
  if ("ViewStmt" in node) return `drop view ${nameOf(node.ViewStmt.view)};`;
  if ("CreateSeqStmt" in node) return `drop sequence ${nameOf(node.CreateSeqStmt.sequence)};`;
  if ("CreateSchemaStmt" in node) return `drop schema ${node.CreateSchemaStmt.schemaname};`;
  if ("IndexStmt" in node) return `drop index ${node.IndexStmt.relation?.schemaname}.${node.IndexStmt.idxname};`;
  if ("CreateTrigStmt" in node) {
    return `drop trigger ${node.CreateTrigStmt.trigname} on ${nameOf(node.CreateTrigStmt.relation)};`;
  }
  if ("CreatePolicyStmt" in node) {
    return `drop policy ${node.CreatePolicyStmt.policy_name} on ${nameOf(node.CreatePolicyStmt.table)};`;
  }
  return undefined;
}

/** A trigger on a table of the platform, such as auth.users: only the table's owner may drop it, so its function takes it along. */
export function isOnPlatform(node: Node): node is Extract<Node, { CreateTrigStmt: unknown }> {
  const schema = "CreateTrigStmt" in node ? node.CreateTrigStmt.relation?.schemaname : undefined;
  return schema !== undefined && !["public", "private", "ops"].includes(schema);
}

/** Bit of `options` that `like … including comments` sets, and `including all`. */
const LIKE_COMMENTS = 1;

/** The tables, as keys, that a new table has its columns' comments from: `like public.tasks including comments`. */
export function copiesCommentsOf(node: Node): string[] {
  return ("CreateStmt" in node ? (node.CreateStmt.tableElts ?? []) : []).flatMap((part) => {
    if (!("TableLikeClause" in part)) return [];
    const { relation: source, options = 0 } = part.TableLikeClause;
    return (options & LIKE_COMMENTS) === 0 ? [] : [relation(source)];
  });
}

/**
 * Names of the functions, relations and types that PostgreSQL remembers a definition to depend on: all but what stands in
 * the text of a body.
 */
export function referencesOf(node: Node): ReadonlySet<string> {
  const found = new Set<string>();
  visit(node, (value) => {
    if ("relname" in value) found.add(nameOf(value as RangeVar));
    for (const names of ["funcname" in value ? value.funcname : [], "names" in value ? value.names : []]) {
      if (Array.isArray(names)) found.add(joined(names as Node[]));
    }
  });
  return found;
}

function visit(value: unknown, see: (value: object) => void): void {
  if (typeof value !== "object" || value === null) return;
  see(value);
  for (const part of Object.values(value)) visit(part, see);
}

/** The same text for statements that mean the same: without comments, line breaks and places. */
export function meaningOf(node: unknown): string {
  return JSON.stringify(node, (key, value: unknown) => (key === "location" || key === "replace" ? undefined : value));
}

/** `schema.name` of a relation. */
export const nameOf = (range: RangeVar | undefined): string => `${range?.schemaname}.${range?.relname}`;

/** `schema.name` of a function or a type. */
export const joined = (names: readonly Node[] | undefined): string =>
  (names ?? []).map((name) => ("String" in name ? name.String.sval : "")).join(".");

const relation = (range: RangeVar | undefined): string => `relation ${nameOf(range)}`;
