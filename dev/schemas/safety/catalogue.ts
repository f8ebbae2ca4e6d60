import type { AlterTableCmd, CommentStmt, Constraint, FunctionParameter, Node } from "@pgsql/types";
import { joined, nameOf } from "../objects.ts";
import type { LaterFile } from "./finding.ts";
import { alterations, objectKeys, wordsOf } from "./nodes.ts";

/** An argument of a function, or a column of the table that it returns. */
export interface Parameter {
  readonly name: string;
  readonly isDefaulted: boolean;
  readonly isReturned: boolean;
}

/** A `check (column is not null)`. */
interface Proof {
  readonly constraint: string;
  validatedIn?: string;
}

/** What the migrations have made so far, as far as rules ask for it. */
export class Catalogue {
  /** Objects by key, such as `relation public.tasks` or `column public.tasks.title`, with the file that made them. */
  readonly #made = new Map<string, string>();
  readonly #released = new Set<string>();
  readonly #deprecated = new Set<string>();
  readonly #small = new Set<string>();
  readonly #functions = new Map<string, readonly Parameter[]>();
  /** By `table.constraint`. */
  readonly #notValid = new Map<string, string>();
  /** By `table.column`. */
  readonly #proofs = new Map<string, Proof>();

  /** Takes note of a statement. */
  learn(node: Node, { file }: LaterFile, isFrozen: boolean): void {
    if ("CreateStmt" in node) this.#make(`relation ${nameOf(node.CreateStmt.relation)}`, file, isFrozen);
    if ("ViewStmt" in node) this.#make(`relation ${nameOf(node.ViewStmt.view)}`, file, isFrozen);
    if ("CreateTableAsStmt" in node) {
      this.#make(`relation ${nameOf(node.CreateTableAsStmt.into?.rel)}`, file, isFrozen);
    }
    if ("IndexStmt" in node && node.IndexStmt.idxname !== undefined) {
      this.#make(`relation ${node.IndexStmt.relation?.schemaname}.${node.IndexStmt.idxname}`, file, isFrozen);
    }
    if ("CreateFunctionStmt" in node) {
      const name = joined(node.CreateFunctionStmt.funcname);
      this.#make(`function ${name}`, file, isFrozen);
      this.#functions.set(name, parametersOf(node));
    }
    // rows that come with the migrations: a catalogue or a table of one row, never a big one
    if ("InsertStmt" in node && isFrozen) this.#small.add(nameOf(node.InsertStmt.relation));
    if ("CommentStmt" in node && isFrozen) this.#hear(node.CommentStmt);
    for (const { table, command } of alterations(node)) this.#alter(table, command, file, isFrozen);
  }

  /** Whether the file makes this object itself, so that nobody else can see it yet. */
  isMadeIn(key: string, file: LaterFile): boolean {
    return this.#made.get(key) === file.file;
  }

  /** Whether the release that is being written adds the object. */
  isNew(key: string): boolean {
    return this.#made.has(key) && !this.#released.has(key);
  }

  /** Whether an earlier release says `Deprecated` in its comment. */
  isDeprecated(key: string): boolean {
    return this.#deprecated.has(key);
  }

  /** Whether the table has rows of members: it is not made here, and its rows do not come with the migrations. */
  mayBeBig(table: string, file: LaterFile): boolean {
    return !this.isMadeIn(`relation ${table}`, file) && !this.#small.has(table);
  }

  functionOf(name: string): readonly Parameter[] | undefined {
    return this.#functions.get(name);
  }

  /** The file that added a constraint without looking at the rows; undefined for others. */
  notValidSince(table: string, constraint: string): string | undefined {
    return this.#notValid.get(`${table}.${constraint}`);
  }

  /** Whether a constraint that was validated in an earlier statement says that the column is not null. */
  isProvedNotNull(table: string, column: string): boolean {
    return this.#proofs.get(`${table}.${column}`)?.validatedIn !== undefined;
  }

  #hear({ objtype, object, comment = "" }: CommentStmt): void {
    for (const key of objectKeys(objtype, object)) {
      this.#deprecated[/^deprecated\b/iu.test(comment) ? "add" : "delete"](key);
      // rows of answers: tables only in name
      if (/\bholds nothing\.$/iu.test(comment)) this.#small.add(key.replace("relation ", ""));
    }
  }

  #make(key: string, file: string, isFrozen: boolean): void {
    this.#made.set(key, file);
    if (isFrozen) this.#released.add(key);
  }

  #alter(table: string, { subtype, name = "", def }: AlterTableCmd, file: string, isFrozen: boolean): void {
    if (subtype === "AT_AddColumn" && def !== undefined && "ColumnDef" in def) {
      this.#make(`column ${table}.${def.ColumnDef.colname}`, file, isFrozen);
    }
    if (subtype === "AT_AddConstraint" && def !== undefined && "Constraint" in def) {
      const { conname = "", skip_validation = false } = def.Constraint;
      if (skip_validation) this.#notValid.set(`${table}.${conname}`, file);
      const column = columnProvedBy(def.Constraint);
      if (column !== undefined) {
        this.#proofs.set(`${table}.${column}`, {
          constraint: conname,
          ...(skip_validation ? {} : { validatedIn: file }),
        });
      }
    }
    if (subtype === "AT_ValidateConstraint") {
      for (const [key, proof] of this.#proofs) {
        if (key.startsWith(`${table}.`) && proof.constraint === name) proof.validatedIn = file;
      }
    }
  }
}

/** The column of `check (column is not null)`. */
export function columnProvedBy({ contype, raw_expr }: Constraint): string | undefined {
  if (contype !== "CONSTR_CHECK" || raw_expr === undefined || !("NullTest" in raw_expr)) return undefined;
  const { arg, nulltesttype } = raw_expr.NullTest;
  if (nulltesttype !== "IS_NOT_NULL" || arg === undefined || !("ColumnRef" in arg)) return undefined;
  return wordsOf(arg.ColumnRef.fields).at(-1);
}

/** What a function is called with and what comes back, by name. */
export function parametersOf(node: Extract<Node, { CreateFunctionStmt: unknown }>): readonly Parameter[] {
  const all = (node.CreateFunctionStmt.parameters ?? []).flatMap((one): FunctionParameter[] =>
    "FunctionParameter" in one ? [one.FunctionParameter] : [],
  );
  return all.map(({ name = "", mode, defexpr }) => ({
    name,
    isDefaulted: defexpr !== undefined,
    isReturned: mode === "FUNC_PARAM_TABLE" || mode === "FUNC_PARAM_OUT",
  }));
}
