import type { AlterTableCmd, Node, ObjectType } from "@pgsql/types";
import { joined, nameOf } from "../objects.ts";

/** The texts among some nodes. */
export const wordsOf = (nodes: readonly Node[] | undefined): string[] =>
  (nodes ?? []).flatMap((node) => ("String" in node ? [node.String.sval ?? ""] : []));

/** What `alter table` does, part by part. */
export function alterations(node: Node): { readonly table: string; readonly command: AlterTableCmd }[] {
  if (!("AlterTableStmt" in node)) return [];
  const table = nameOf(node.AlterTableStmt.relation);
  return (node.AlterTableStmt.cmds ?? []).flatMap((part) =>
    "AlterTableCmd" in part ? [{ table, command: part.AlterTableCmd }] : [],
  );
}

/** Keys of the objects that `drop`, `comment on` or `revoke` names, `relation public.tasks`. */
export function objectKeys(kind: ObjectType | undefined, object: Node | undefined): string[] {
  if (object === undefined) return [];
  if ("RangeVar" in object) return [`relation ${nameOf(object.RangeVar)}`];
  if ("ObjectWithArgs" in object) return [`function ${joined(object.ObjectWithArgs.objname)}`];
  if ("TypeName" in object) return [`type ${joined(object.TypeName.names)}`];
  if ("String" in object) return [`${kind === "OBJECT_SCHEMA" ? "schema" : "object"} ${object.String.sval}`];
  if (!("List" in object)) return [];
  const name = wordsOf(object.List.items).join(".");
  if (kind === "OBJECT_COLUMN") return [`column ${name}`];
  const isRelation = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_INDEX", "OBJECT_SEQUENCE"].includes(
    kind ?? "",
  );
  return [`${isRelation ? "relation" : (kind ?? "object")} ${name}`];
}

/** The schema of a key. */
export const schemaOf = (key: string): string => key.split(" ").at(-1)?.split(".")[0] ?? "";

/** Whether clients can reach what a key names: it is in the schema that the API shows. */
export const isOfApi = (key: string): boolean => schemaOf(key) === "public";

/** Every node inside a node, itself included. */
export function everyNode(value: unknown, see: (kind: string, node: Record<string, unknown>) => void): void {
  if (typeof value !== "object" || value === null) return;
  for (const [kind, part] of Object.entries(value)) {
    if (typeof part === "object" && part !== null) {
      if (!Array.isArray(part)) see(kind, part);
      everyNode(part, see);
    }
  }
}

/** The name that `alter` or a query gives to a table it writes to. */
export function writtenTable(node: Node): string | undefined {
  if ("UpdateStmt" in node) return nameOf(node.UpdateStmt.relation);
  if ("DeleteStmt" in node) return nameOf(node.DeleteStmt.relation);
  if ("InsertStmt" in node) return nameOf(node.InsertStmt.relation);
  return undefined;
}
