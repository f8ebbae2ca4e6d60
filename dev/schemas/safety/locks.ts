import type { ColumnDef, Node } from "@pgsql/types";
import { nameOf } from "../objects.ts";
import type { LaterFile, Place, Problem, Rule } from "./finding.ts";
import { alterations, writtenTable } from "./nodes.ts";

/** Nobody waits longer than a second: what does not get its lock by then lets the others pass. */
const LONGEST_WAIT_MS = 1000;

/** Whether a statement is one that PostgreSQL runs only outside a transaction, so that writers go on. */
export function isConcurrent(node: Node): boolean {
  if ("IndexStmt" in node) return node.IndexStmt.concurrent === true;
  if ("DropStmt" in node) return node.DropStmt.concurrent === true;
  return "ReindexStmt" in node && JSON.stringify(node.ReindexStmt.params ?? []).includes('"concurrently"');
}

/** The file begins with `set local lock_timeout`; one that works concurrently has nothing else in it. */
export function judgeBeginning({ statements }: LaterFile): readonly (Problem & { readonly line: number })[] {
  const [first] = statements;
  if (first === undefined) return [];
  const concurrent = statements.find(({ node }) => isConcurrent(node));
  if (concurrent !== undefined) {
    if (statements.length === 1) return [];
    return [
      {
        line: concurrent.line,
        rule: "concurrently-alone",
        why: "beside it the whole file runs outside a transaction, and a failure leaves half of it",
        instead: "a file of its own, without lock_timeout: npm run db:migration -- <room> <change> --empty",
      },
    ];
  }
  if (isShortWait(first.node)) return [];
  return [
    {
      line: first.line,
      rule: "lock-timeout",
      why: "a change that waits for its lock lets everybody wait behind it",
      instead: "set local lock_timeout = '500ms'; as the first statement, at most '1s'; when it gives up, run it again",
    },
  ];
}

function isShortWait(node: Node): boolean {
  if (!("VariableSetStmt" in node)) return false;
  const { name, is_local = false, args = [] } = node.VariableSetStmt;
  const [value] = args;
  if (name !== "lock_timeout" || !is_local || value === undefined || !("A_Const" in value)) return false;
  const text = value.A_Const.sval?.sval ?? String(value.A_Const.ival?.ival ?? 0);
  const [, count = "0", unit = "ms"] = /^(\d+)\s*(ms|s)?$/u.exec(text) ?? [];
  const wait = Number(count) * (unit === "s" ? 1000 : 1);
  return wait > 0 && wait <= LONGEST_WAIT_MS;
}

/** `if not exists` passes over the invalid index that a failed attempt has left. */
const indexIsNotPassedOver: Rule = (node) =>
  "IndexStmt" in node && node.IndexStmt.if_not_exists === true
    ? [
        {
          rule: "index-if-not-exists",
          why: "an invalid index that a failed attempt has left has the same name, so nothing would be made",
          instead: "create index concurrently <name> …; when it failed, drop index concurrently <name>, then again",
        },
      ]
    : [];

/** Types and properties of a column for which every row is written anew. */
const rewritingDefault: Rule = (node, place) =>
  addedColumns(node, place).flatMap(({ column }) => {
    const type = JSON.stringify(column.typeName?.names ?? []);
    const isCounted = /"(?:small|big)?serial\d?"/u.test(type);
    const isIdentity = JSON.stringify(column.constraints ?? []).includes('"CONSTR_IDENTITY"');
    return isCounted || isIdentity
      ? [
          {
            rule: "volatile-default",
            why: "every row gets a number of its own, so the whole table is written anew while nobody can read it",
            instead: "add column without default, set a default for new rows, fill old ones with ops.backfill",
          },
        ]
      : [];
  });

/** A check beside the column reads every row while nobody can. */
const checkAtOnce: Rule = (node, place) =>
  addedColumns(node, place).flatMap(({ column }) =>
    (column.constraints ?? []).some((one) => "Constraint" in one && one.Constraint.contype === "CONSTR_CHECK")
      ? [
          {
            rule: "validated-at-once",
            why: "the check reads every row while nobody can read or write the table",
            instead: "add constraint <name> check (…) not valid here, validate constraint <name> in a later file",
          },
        ]
      : [],
  );

/** A word that a domain allows or forbids is looked for in every column of that type. */
const domainAtOnce: Rule = (node) => {
  if (!("AlterDomainStmt" in node) || node.AlterDomainStmt.subtype !== "C") return [];
  const { def } = node.AlterDomainStmt;
  return def !== undefined && "Constraint" in def && def.Constraint.skip_validation !== true
    ? [
        {
          rule: "validated-at-once",
          why: "every table with a column of this type is read while nobody can write it",
          instead: "add constraint … not valid here, alter domain … validate constraint … in a later file",
        },
      ]
    : [];
};

/** Validating in the same transaction keeps the lock of adding while all rows are read. */
const validatedLater: Rule = (node, { catalogue, file }) =>
  alterations(node).flatMap(({ table, command: { subtype, name = "" } }) =>
    subtype === "AT_ValidateConstraint" && catalogue.notValidSince(table, name) === file.file
      ? [
          {
            rule: "validated-at-once",
            why: "the lock with which the constraint was added is held while every row is read",
            instead: "validate constraint in a file of its own behind this one",
          },
        ]
      : [],
  );

/** `set not null` reads every row, unless a validated check has said so. */
const notNullIsProved: Rule = (node, { catalogue, file }) =>
  alterations(node).flatMap(({ table, command: { subtype, name = "" } }) =>
    subtype === "AT_SetNotNull" && catalogue.mayBeBig(table, file) && !catalogue.isProvedNotNull(table, name)
      ? [
          {
            rule: "not-null-unproved",
            why: "every row is read while nobody can read or write the table",
            instead: `add constraint … check (${name} is not null) not valid; validate it in the next file; then set not null`,
          },
        ]
      : [],
  );

/** What locks a table against everybody for as long as it takes. */
const standsStill: Rule = (node, { catalogue, file }) => {
  const what = stillness(node);
  if (what === undefined || (what.table !== undefined && !catalogue.mayBeBig(what.table, file))) return [];
  return [{ rule: "exclusive-lock", why: "nobody can use the table for as long as it takes", instead: what.instead }];
};

function stillness(node: Node): { readonly table?: string; readonly instead: string } | undefined {
  if ("LockStmt" in node) return { instead: "short statements that take the locks they need" };
  if ("ClusterStmt" in node) return { instead: "an index in the wanted order" };
  if ("VacuumStmt" in node) return { instead: "vacuum and analyze as a job, outside migrations" };
  if ("ReindexStmt" in node && !isConcurrent(node)) return { instead: "reindex … concurrently, alone in its file" };
  if ("RefreshMatViewStmt" in node && node.RefreshMatViewStmt.concurrent !== true) {
    return { instead: "refresh materialized view concurrently" };
  }
  if ("TruncateStmt" in node) {
    const [relation] = node.TruncateStmt.relations ?? [];
    const table = relation !== undefined && "RangeVar" in relation ? nameOf(relation.RangeVar) : undefined;
    return { ...(table === undefined ? {} : { table }), instead: "delete in batches, between two releases" };
  }
  const moved = alterations(node).find(({ command: { subtype = "" } }) =>
    ["AT_SetLogged", "AT_SetUnLogged", "AT_SetTableSpace", "AT_SetAccessMethod"].includes(subtype),
  );
  return moved === undefined ? undefined : { table: moved.table, instead: "a new table that is filled in batches" };
}

/** One statement over all rows holds all their locks until it ends. */
const writesInBatches: Rule = (node, { catalogue, file }) => {
  const table = writtenTable(node);
  if (table === undefined || "InsertStmt" in node || !catalogue.mayBeBig(table, file)) return [];
  return [
    {
      rule: "big-write",
      why: "every row that it writes stays locked until the whole file has ended",
      instead: `call ops.backfill('${table}', …) after this release`,
    },
  ];
};

/** What a block of code does is not in the parser's tree. */
const readable: Rule = (node) =>
  "DoStmt" in node
    ? [
        {
          rule: "unread-block",
          why: "what a block of code does cannot be judged",
          instead: "the statements themselves; where a platform lacks something, the block with the reason above it",
        },
      ]
    : [];

function addedColumns(node: Node, { catalogue, file }: Place): { table: string; column: ColumnDef }[] {
  return alterations(node).flatMap(({ table, command: { subtype, def } }) =>
    subtype === "AT_AddColumn" && def !== undefined && "ColumnDef" in def && catalogue.mayBeBig(table, file)
      ? [{ table, column: def.ColumnDef }]
      : [],
  );
}

export const LOCK_RULES: readonly Rule[] = [
  indexIsNotPassedOver,
  rewritingDefault,
  checkAtOnce,
  domainAtOnce,
  validatedLater,
  notNullIsProved,
  standsStill,
  writesInBatches,
  readable,
];
