import type { Node, RoleSpec } from "@pgsql/types";
import { joined, nameOf } from "../objects.ts";
import type { Problem, Rule } from "./finding.ts";
import { objectKeys, schemaOf, writtenTable } from "./nodes.ts";

/** Schemas of a hosted project, in which only the platform makes anything. */
const PLATFORM_SCHEMAS = ["auth", "storage", "realtime"];
const REFUSED_EXTENSIONS = ["file_fdw", "pageinspect", "adminpack"];

const refused = (what: string, instead: string): Problem[] => [
  { rule: "platform-refuses", why: `hosted projects refuse ${what} (42501)`, instead },
];

const isPlatform = (schema: string | undefined): boolean => PLATFORM_SCHEMAS.includes(schema ?? "");
const isPlatformRole = (role: RoleSpec | undefined): boolean => role?.rolename?.startsWith("supabase_") ?? false;

/** Objects of the platform belong to it: policies and triggers on its tables and rows of buckets are all that is ours. */
const objectsOfThePlatform: Rule = (node) => {
  const [what, schema] = madeIn(node) ?? [];
  if (isPlatform(schema)) return refused(`${what} in ${schema}`, "the object in public, private or ops");
  if ("AlterTableStmt" in node && isPlatform(node.AlterTableStmt.relation?.schemaname)) {
    return refused(
      `alter table ${nameOf(node.AlterTableStmt.relation)}`,
      "policies and triggers on it; row level security is on already",
    );
  }
  if ("DropStmt" in node) {
    const { removeType, objects = [] } = node.DropStmt;
    const isOwn = removeType === "OBJECT_POLICY" || removeType === "OBJECT_TRIGGER";
    const keys = objects.flatMap((object) => objectKeys(removeType, object));
    if (!isOwn && keys.some((key) => isPlatform(schemaOf(key)))) return refused("dropping what is its own", "nothing");
  }
  if ("CommentStmt" in node && node.CommentStmt.objtype === "OBJECT_POLICY") {
    const keys = objectKeys("OBJECT_POLICY", node.CommentStmt.object);
    if (keys.some((key) => isPlatform(schemaOf(key)))) {
      return refused("comment on policy of the platform's tables", "a name of the policy that says it");
    }
  }
  return [];
};

function madeIn(node: Node): readonly [string, string | undefined] | undefined {
  if ("CreateStmt" in node) return ["a table", node.CreateStmt.relation?.schemaname];
  if ("ViewStmt" in node) return ["a view", node.ViewStmt.view?.schemaname];
  if ("IndexStmt" in node) return ["an index", node.IndexStmt.relation?.schemaname];
  if ("CreateSeqStmt" in node) return ["a sequence", node.CreateSeqStmt.sequence?.schemaname];
  if ("CreateFunctionStmt" in node) return ["a function", schemaOf(joined(node.CreateFunctionStmt.funcname))];
  if ("CreateEnumStmt" in node) return ["a type", schemaOf(joined(node.CreateEnumStmt.typeName))];
  if ("CreateDomainStmt" in node) return ["a type", schemaOf(joined(node.CreateDomainStmt.domainname))];
  if ("CompositeTypeStmt" in node) return ["a type", node.CompositeTypeStmt.typevar?.schemaname];
  return undefined;
}

/** Settings, roles and rows that only the platform's superuser changes. */
const workOfASuperuser: Rule = (node) => {
  if ("AlterSystemStmt" in node) return refused("alter system", "the project's settings in the dashboard");
  if ("AlterDatabaseSetStmt" in node)
    return refused("alter database … set", "alter role … set, or set in the function");
  if ("AlterOwnerStmt" in node && isPlatformRole(node.AlterOwnerStmt.newowner)) return refused(...OWNER);
  if ("AlterTableStmt" in node) {
    const isGivenAway = (node.AlterTableStmt.cmds ?? []).some(
      (part) => "AlterTableCmd" in part && isPlatformRole(part.AlterTableCmd.newowner),
    );
    if (isGivenAway) return refused(...OWNER);
  }
  if ("AlterDefaultPrivilegesStmt" in node) {
    const text = JSON.stringify(node.AlterDefaultPrivilegesStmt.options ?? []);
    if (text.includes('"rolename":"supabase_')) return refused("default privileges of its roles", "those of postgres");
  }
  const isLeakproof =
    "CreateFunctionStmt" in node
      ? isSet(node.CreateFunctionStmt.options, "leakproof")
      : "AlterFunctionStmt" in node && isSet(node.AlterFunctionStmt.actions, "leakproof");
  if (isLeakproof) return refused("leakproof", "a security definer function with the predicate in it");
  const extension = "CreateExtensionStmt" in node ? (node.CreateExtensionStmt.extname ?? "") : "";
  if (REFUSED_EXTENSIONS.includes(extension)) return refused(`the extension ${extension}`, "one that it offers");
  const table = writtenTable(node);
  if (table === "cron.job") return refused("writing cron.job", "select cron.schedule(…), cron.alter_job(…)");
  if (table === "storage.objects") return refused("writing storage.objects", "the Storage API");
  return [];
};

const OWNER = ["owner to supabase_…", "leave the owner: the role that runs the migration"] as const;

function isSet(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some(
    (one) => "DefElem" in one && one.DefElem.defname === name && !JSON.stringify(one.DefElem).includes('"boolval":{}'),
  );
}

export const PLATFORM_RULES: readonly Rule[] = [objectsOfThePlatform, workOfASuperuser];
