import type { AlterTableCmd, ConstrType, Node } from "@pgsql/types";
import { joined, nameOf } from "../objects.ts";
import { columnProvedBy, parametersOf } from "./catalogue.ts";
import type { Place, Problem, Rule } from "./finding.ts";
import { alterations, isOfApi, objectKeys, wordsOf } from "./nodes.ts";

/** Whom the API serves. */
const CALLERS = ["anon", "authenticated", "service_role"];

const tooEarly = (key: string): Problem => ({
  rule: "removed-too-early",
  why: `apps in use still reach ${key}, and no earlier release said that it goes`,
  instead: `comment on … is 'Deprecated: …' in this release; the removal in the next, after npm run db:freeze`,
});

/** Tables and columns, and what else clients reach, go one release after their comment says `Deprecated`. */
const removal: Rule = (node, place) =>
  removedKeys(node, place)
    .filter((key) => !place.catalogue.isNew(key) && !place.catalogue.isDeprecated(key))
    .map(tooEarly);

function removedKeys(node: Node, place: Place): string[] {
  const columns = alterations(node).flatMap(({ table, command: { subtype, name } }) =>
    subtype === "AT_DropColumn" ? [`column ${table}.${name}`] : [],
  );
  if (columns.length > 0) return columns;
  if ("AlterObjectSchemaStmt" in node) {
    const { relation, object, objectType } = node.AlterObjectSchemaStmt;
    const keys = relation === undefined ? objectKeys(objectType, object) : [`relation ${nameOf(relation)}`];
    return keys.filter(isOfApi);
  }
  if ("GrantStmt" in node) return revokedKeys(node, place);
  if (!("DropStmt" in node)) return [];
  const { removeType, objects = [] } = node.DropStmt;
  const keys = objects.flatMap((object) => objectKeys(removeType, object));
  if (removeType === "OBJECT_TABLE") return keys;
  if (removeType === "OBJECT_FUNCTION" || removeType === "OBJECT_PROCEDURE") {
    return keys.filter((key) => isOfApi(key) && !isMadeAgain(key, place));
  }
  return ["OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_TYPE", "OBJECT_DOMAIN"].includes(removeType ?? "")
    ? keys.filter(isOfApi)
    : [];
}

function revokedKeys(node: Extract<Node, { GrantStmt: unknown }>, { catalogue, file }: Place): string[] {
  const { is_grant = false, objtype, objects = [], grantees = [], privileges = [] } = node.GrantStmt;
  const isOfCallers = grantees.some((one) => "RoleSpec" in one && CALLERS.includes(one.RoleSpec.rolename ?? ""));
  if (is_grant || !isOfCallers) return [];
  const keys = objects.flatMap((object) => objectKeys(objtype, object));
  const columns = privileges.flatMap((one) => ("AccessPriv" in one ? wordsOf(one.AccessPriv.cols) : []));
  const revoked =
    columns.length === 0
      ? keys
      : keys.flatMap((key) => columns.map((column) => `column ${key.slice("relation ".length)}.${column}`));
  return revoked.filter((key) => isOfApi(key) && !catalogue.isMadeIn(key, file));
}

/** Whether the file makes the function again for everybody who calls it: with all it took and gave, and no more to fill in. */
function isMadeAgain(key: string, { catalogue, file }: Place): boolean {
  const name = key.slice("function ".length);
  const again = file.statements.find(
    ({ node }) => "CreateFunctionStmt" in node && joined(node.CreateFunctionStmt.funcname) === name,
  )?.node;
  if (again === undefined || !("CreateFunctionStmt" in again)) return false;
  const [before, after] = [catalogue.functionOf(name) ?? [], parametersOf(again)];
  const keepsAll = before.every((one) =>
    after.some(
      (other) =>
        other.name === one.name && other.isReturned === one.isReturned && (other.isDefaulted || !one.isDefaulted),
    ),
  );
  const asksNoMore = after.every(
    (one) => one.isDefaulted || one.isReturned || before.some(({ name: old }) => old === one.name),
  );
  return keepsAll && asksNoMore;
}

/** A rename is a removal, and there is no moment at which old and new apps both find what they ask for. */
const renaming: Rule = (node, { catalogue }) =>
  renamedKeys(node)
    .filter((key) => isOfApi(key) && !catalogue.isNew(key))
    .map((key) => ({
      rule: "renamed",
      why: `apps in use ask for ${key} by its old name`,
      instead: "add the new name beside the old one, fill it, and remove the old one in a later release",
    }));

function renamedKeys(node: Node): string[] {
  if ("AlterEnumStmt" in node && node.AlterEnumStmt.oldVal !== undefined) {
    return [`type ${joined(node.AlterEnumStmt.typeName)}`];
  }
  if (!("RenameStmt" in node)) return [];
  const { renameType, relation, object, subname } = node.RenameStmt;
  if (renameType === "OBJECT_COLUMN") return [`column ${nameOf(relation)}.${subname}`];
  if (renameType === "OBJECT_TABLE" || renameType === "OBJECT_VIEW") return [`relation ${nameOf(relation)}`];
  const isMeant = ["OBJECT_FUNCTION", "OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_ATTRIBUTE"].includes(renameType ?? "");
  return isMeant ? (object === undefined ? [`relation ${nameOf(relation)}`] : objectKeys(renameType, object)) : [];
}

/** Two functions of one name: the API cannot tell which of them a call means. */
const oneFunctionOfAName: Rule = (node, { catalogue, file }) => {
  if (!("CreateFunctionStmt" in node)) return [];
  const name = joined(node.CreateFunctionStmt.funcname);
  const before = catalogue.functionOf(name);
  if (!isOfApi(`function ${name}`) || before === undefined) return [];
  const isDropped = file.statements.some(
    ({ node: other }) =>
      "DropStmt" in other &&
      (other.DropStmt.objects ?? []).some((one) =>
        objectKeys(other.DropStmt.removeType, one).includes(`function ${name}`),
      ),
  );
  const [names, now] = [before, parametersOf(node)].map((all) =>
    all
      .filter(({ isReturned }) => !isReturned)
      .map((one) => one.name)
      .join(),
  );
  if (isDropped || names === now) return [];
  return [
    {
      rule: "ambiguous-function",
      why: `${name} is there with other arguments and stays, and the API cannot tell which of the two is meant`,
      instead: `drop function ${name} before it, in this file, and give every new argument a default`,
    },
  ];
};

/** Apps of before this release write no value yet, and rows of before have none: both need a release of their own. */
const tightening: Rule = (node, { catalogue, file }) =>
  alterations(node)
    .filter(({ table }) => catalogue.mayBeBig(table, file))
    .flatMap(({ table, command }) => {
      const column = columnNeeded(command);
      if (column === undefined) return [];
      const isAddedHere = command.subtype === "AT_AddColumn" || catalogue.isNew(`column ${table}.${column}`);
      return isAddedHere ? [tooTight(column)] : [];
    });

/** The column that must have a value from this command on. */
function columnNeeded({ subtype, name, def }: AlterTableCmd): string | undefined {
  if (subtype === "AT_SetNotNull") return name;
  if (def !== undefined && "Constraint" in def) return columnProvedBy(def.Constraint);
  if (subtype !== "AT_AddColumn" || def === undefined || !("ColumnDef" in def)) return undefined;
  const { colname, constraints = [] } = def.ColumnDef;
  const kinds = constraints.map((one) => ("Constraint" in one ? one.Constraint.contype : undefined));
  const isFilled = kinds.some((kind) => kind !== undefined && FILLS.includes(kind));
  return kinds.includes("CONSTR_NOTNULL") && !isFilled ? colname : undefined;
}

const FILLS: readonly ConstrType[] = ["CONSTR_DEFAULT", "CONSTR_IDENTITY", "CONSTR_GENERATED"];

const tooTight = (column: string): Problem => ({
  rule: "tightened-too-early",
  why: `rows that are there have no ${column}, and apps in use write none`,
  instead: "add the column here, fill it with ops.backfill, and set not null in the next release",
});

export const RELEASE_RULES: readonly Rule[] = [removal, renaming, oneFunctionOfAName, tightening];
