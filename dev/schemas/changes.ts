import type { FunctionParameter, Node } from "@pgsql/types";
import {
  copiesCommentsOf,
  dropOf,
  isOnPlatform,
  meaningOf,
  type Purpose,
  parseRoom,
  purposeOf,
  referencesOf,
  type SchemaStatement,
} from "./objects.ts";
import type { Room } from "./rooms.ts";

/** A statement that changes a database in place. */
export interface ChangeStep {
  readonly sql: string;
  /** The file that says so, relative to `supabase/`, and the line; for what is gone, where it was. */
  readonly path: string;
  readonly line: number;
}

/** How a database built from one state of the schemas becomes the same as one built from another. */
export interface Changes {
  /** To be run in one transaction by the owner; empty when nothing is to be done. */
  readonly script: string;
  /** The statements of the script, one by one. */
  readonly steps: readonly ChangeStep[];
  /** What is done, for people: `schemas/tasks/posting.sql: public.create_task replaced`. */
  readonly summary: readonly string[];
  /** Whether what callers see has changed: names, arguments, columns, not the bodies of functions or who may what. */
  readonly changesSignatures: boolean;
  /** What only a new database can have, as `file: first words of the statement`. With any of it, the script is not enough. */
  readonly needsNewDatabase: readonly string[];
}

/** What can be dropped and created again without losing rows. */
const IN_PLACE = new Set(["CreateFunctionStmt", "ViewStmt", "CreatePolicyStmt", "CreateTrigStmt", "IndexStmt"]);

type Statement = SchemaStatement & Purpose;
type Fate = "created" | "replaced" | "created again" | "dropped";

/**
 * What has changed between two states of the schemas, told statement by statement.
 *
 * Functions, views, policies, triggers, indexes, grants and comments change in place, and whatever is new is created. Done
 * once is done for ever: a `select` or block of code is not run again because a function that it calls has changed.
 *
 * @throws StackError with file and line when a file is no valid SQL.
 * @example
 * const { script, needsNewDatabase } = await changesBetween(roomsOfMigrations(applied), readRooms());
 * if (needsNewDatabase.length === 0) await session.script(`begin; ${script} commit;`);
 */
export async function changesBetween(before: readonly Room[], after: readonly Room[]): Promise<Changes> {
  return new Comparison(await readState(before), await readState(after)).changes();
}

/** Everything that the schemas say, in order, and by object. */
interface State {
  readonly statements: readonly Statement[];
  readonly definitions: ReadonlyMap<string, readonly Statement[]>;
}

async function readState(rooms: readonly Room[]): Promise<State> {
  const statements: Statement[] = [];
  for (const room of rooms) {
    for (const statement of await parseRoom(room)) statements.push({ ...statement, ...purposeOf(statement.node) });
  }
  const definitions = Map.groupBy(
    statements.filter(({ role }) => role === "definition"),
    ({ keys: [key = ""] }) => key,
  );
  return { statements, definitions };
}

class Comparison {
  readonly #before: State;
  readonly #after: State;
  readonly #fates = new Map<string, Fate>();
  readonly #refused = new Set<string>();
  /** Statements of kept objects that are run nevertheless. */
  readonly #again = new Set<Statement>();
  readonly #summary = new Set<string>();

  constructor(before: State, after: State) {
    this.#before = before;
    this.#after = after;
  }

  changes(): Changes {
    this.#decideFates();
    this.#takeDependantsAlong();
    const steps = [...this.#drops(), ...this.#forgottenComments(), ...this.#revokes(), ...this.#statementsToRun()];
    this.#refuseWhatIsDoneOnce();
    for (const [key, fate] of this.#fates) this.#tell(key, fate);
    return {
      script: steps.map(({ sql }) => `${sql.replace(/;?$/u, ";")}\n`).join(""),
      steps,
      summary: [...this.#summary],
      changesSignatures: [...this.#fates].some(([key, fate]) => this.#isSeenByCallers(key, fate)),
      needsNewDatabase: [...this.#refused],
    };
  }

  #decideFates(): void {
    for (const [key, [old, ...overloads]] of this.#before.definitions) {
      const [now, ...more] = this.#after.definitions.get(key) ?? [];
      if (old === undefined) continue;
      if (now === undefined) {
        if (isInPlace(old) && overloads.length === 0) this.#fates.set(key, "dropped");
        else this.#refuse(old);
      } else if (meaningsOf([old, ...overloads]) !== meaningsOf([now, ...more])) {
        if (overloads.length + more.length > 0) this.#refuse(now);
        else this.#change(key, old, now);
      }
    }
    for (const key of this.#after.definitions.keys()) {
      if (!this.#before.definitions.has(key)) this.#fates.set(key, "created");
    }
  }

  #change(key: string, old: Statement, now: Statement): void {
    if (isReplaceable(old.node, now.node)) this.#fates.set(key, "replaced");
    else if (isInPlace(old) && isInPlace(now)) this.#fates.set(key, "created again");
    else this.#refuse(now);
  }

  /** What PostgreSQL keeps from being dropped is dropped before it and created again after it. */
  #takeDependantsAlong(): void {
    const pending = [...this.#fates].filter(([, fate]) => isGone(fate)).map(([key]) => key);
    for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
      const [kind = "", name = ""] = key.split(" ");
      if (kind !== "function" && kind !== "relation") continue;
      for (const statement of this.#before.statements) {
        const [own = ""] = statement.keys;
        const fate = this.#fates.get(own);
        if (own === key || isGone(fate) || !this.#dependsOn(statement, name)) continue;
        const now = this.#after.definitions.get(own)?.[0];
        if (statement.role !== "definition" || now === undefined || !isInPlace(statement)) this.#refuse(statement);
        else {
          this.#fates.set(own, "created again");
          pending.push(own);
        }
      }
    }
  }

  #dependsOn({ node, role }: Statement, name: string): boolean {
    return (role === "definition" || "AlterTableStmt" in node) && referencesOf(node).has(name);
  }

  #drops(): ChangeStep[] {
    return this.#before.statements.toReversed().flatMap((statement) => {
      const [key = ""] = statement.keys;
      if (statement.role !== "definition" || !isGone(this.#fates.get(key))) return [];
      // Only the owner of the platform's table may drop it.
      if (isOnPlatform(statement.node)) this.#refuse(statement);
      return [{ ...placeOf(statement), sql: dropOf(statement.node) ?? "" }];
    });
  }

  #forgottenComments(): ChangeStep[] {
    const kept = new Set(this.#after.statements.filter(isComment).map(subjectOf));
    return this.#before.statements.filter(isComment).flatMap((statement) => {
      if (kept.has(subjectOf(statement)) || statement.keys.some((key) => isGone(this.#fates.get(key)))) return [];
      this.#summary.add(`${statement.path}: a comment of ${shortName(statement.keys[0])} removed`);
      const sql = statement.sql.replace(/\sis\s+(?:'|e'|\$|null\b)[\s\S]*$/iu, " is null");
      return this.#withCopies({ ...placeOf(statement), sql }, statement.keys);
    });
  }

  /** A comment on a column, and the same on those of other tables that `like … including comments` made from it. */
  #withCopies(comment: ChangeStep, keys: readonly string[]): ChangeStep[] {
    const copies = this.#after.statements.filter(({ node }) =>
      copiesCommentsOf(node).some((key) => keys.includes(key)),
    );
    return [
      comment,
      ...copies.flatMap((copy) => {
        const name = copy.keys.map(shortName).join();
        const sql = comment.sql.replace(/(comment\s+on\s+column\s+)\w+\.\w+/iu, `$1${name}`);
        const isOwn = this.#after.statements.some((one) => isComment(one) && columnOf(one.sql) === columnOf(sql));
        if (sql === comment.sql || isOwn || copy.keys.some((key) => this.#fates.has(key))) return [];
        return this.#withCopies({ ...comment, sql }, copy.keys);
      }),
    ];
  }

  /** Rights are given again from nothing, so that none stays behind. */
  #revokes(): ChangeStep[] {
    const [old, now] = [grantsOf(this.#before), grantsOf(this.#after)];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
      const [had, has] = [old.get(key) ?? [], now.get(key) ?? []];
      const fate = this.#fates.get(key);
      if (isGone(fate) || fate === "created" || meaningsOf(had) === meaningsOf(has)) return [];
      const differing = [...withoutSame(had, has), ...withoutSame(has, had)];
      for (const statement of differing) if (!isGrant(statement.node)) this.#refuse(statement);
      for (const statement of has) this.#again.add(statement);
      this.#summary.add(`${(has[0] ?? had[0])?.path}: rights on ${shortName(key)} changed`);
      return had.flatMap((statement) => revokeOf(statement, key));
    });
  }

  #statementsToRun(): ChangeStep[] {
    const comments = new Map(this.#before.statements.filter(isComment).map((one) => [subjectOf(one), one.meaning]));
    return this.#after.statements.flatMap((statement) => {
      const fates = statement.keys.map((key) => this.#fates.get(key));
      if (fates.some((fate) => fate === "created" || fate === "created again")) return [step(statement)];
      if (statement.role === "definition" && fates.includes("replaced")) return [replacement(statement)];
      if (this.#again.has(statement)) return [step(statement)];
      if (!isComment(statement) || comments.get(subjectOf(statement)) === statement.meaning) return [];
      this.#summary.add(`${statement.path}: comment of ${shortName(statement.keys[0])} changed`);
      return this.#withCopies(step(statement), statement.keys);
    });
  }

  #refuseWhatIsDoneOnce(): void {
    const isDoneOnce = ({ role, keys }: Statement) =>
      role === "once" || (role === "part" && !keys.some((key) => this.#fates.has(key)));
    const [old, now] = [this.#before.statements.filter(isDoneOnce), this.#after.statements.filter(isDoneOnce)];
    for (const statement of [...withoutSame(now, old), ...withoutSame(old, now)]) this.#refuse(statement);
  }

  #isSeenByCallers(key: string, fate: Fate): boolean {
    if (!/^(?:function|relation|type) /u.test(key)) return false;
    const [old, now] = [this.#before, this.#after].map(({ definitions }) => definitions.get(key)?.[0]);
    return fate !== "replaced" || withoutBody(old) !== withoutBody(now);
  }

  #refuse({ path, sql }: Statement): void {
    const [firstLine = ""] = sql.split("\n");
    this.#refused.add(`${path}: ${firstLine.length > 70 ? `${firstLine.slice(0, 70)}…` : firstLine}`);
  }

  #tell(key: string, fate: Fate): void {
    const statement = (this.#after.definitions.get(key) ?? this.#before.definitions.get(key))?.[0];
    this.#summary.add(`${statement?.path}: ${shortName(key)} ${fate}`);
  }
}

const meaningsOf = (statements: readonly Statement[]): string => statements.map(({ meaning }) => meaning).join("\n");
const placeOf = ({ path, line }: Statement): Omit<ChangeStep, "sql"> => ({ path, line });
const step = (statement: Statement): ChangeStep => ({ ...placeOf(statement), sql: statement.sql });
const isGone = (fate: Fate | undefined): boolean => fate === "dropped" || fate === "created again";
const isComment = ({ role }: Statement): boolean => role === "comment";
const isInPlace = ({ node }: Statement): boolean => Object.keys(node).some((kind) => IN_PLACE.has(kind));
const isGrant = (node: Node): boolean => "GrantStmt" in node && node.GrantStmt.is_grant === true;
/** `relation public.tasks` → `public.tasks`; a policy and a trigger keep what they are. */
const shortName = (key = ""): string => key.replace(/^(?:relation|function|type) /u, "");

function replacement(statement: Statement): ChangeStep {
  return { ...placeOf(statement), sql: statement.sql.replace(/^create(?:\s+or\s+replace)?/iu, "create or replace") };
}

/** What a comment is for, whatever it says. */
function subjectOf({ node }: Statement): string {
  return "CommentStmt" in node ? meaningOf({ ...node.CommentStmt, comment: "" }) : "";
}

/** Of a comment on a column, which one. */
const columnOf = (sql: string): string | undefined => /comment\s+on\s+column\s+([\w.]+)/iu.exec(sql)?.[1];

/** Those statements of the first list that the second has not. */
function withoutSame(statements: readonly Statement[], others: readonly Statement[]): Statement[] {
  const left = others.map(({ meaning }) => meaning);
  return statements.filter(({ meaning }) => {
    const index = left.indexOf(meaning);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function grantsOf({ statements }: State): Map<string, Statement[]> {
  const found = new Map<string, Statement[]>();
  for (const statement of statements.filter(({ role }) => role === "grant")) {
    for (const key of statement.keys) found.set(key, [...(found.get(key) ?? []), statement]);
  }
  return found;
}

function revokeOf(statement: Statement, key: string): ChangeStep[] {
  if (!("GrantStmt" in statement.node) || !isGrant(statement.node)) return [];
  const grantees = (statement.node.GrantStmt.grantees ?? []).map((grantee) =>
    "RoleSpec" in grantee ? (grantee.RoleSpec.rolename ?? "public") : "",
  );
  const object = key.replace(/^relation /u, "table ").replace(/^function /u, "routine ");
  return [{ ...placeOf(statement), sql: `revoke all on ${object} from ${grantees.join(", ")}` }];
}

function withoutBody(statement: Statement | undefined): string {
  if (statement === undefined || !("CreateFunctionStmt" in statement.node)) return "";
  const { sql_body: _, options = [], ...signature } = statement.node.CreateFunctionStmt;
  const others = options.filter((option) => !("DefElem" in option && option.DefElem.defname === "as"));
  return meaningOf({ ...signature, others });
}

/** Whether `create or replace` takes one to the other, with everything that depends on it. */
function isReplaceable(old: Node, now: Node): boolean {
  if ("CreateTrigStmt" in old && "CreateTrigStmt" in now) {
    return !old.CreateTrigStmt.isconstraint && !now.CreateTrigStmt.isconstraint;
  }
  if (!("CreateFunctionStmt" in old && "CreateFunctionStmt" in now)) return false;
  const [had, has] = [old.CreateFunctionStmt, now.CreateFunctionStmt];
  return (
    had.is_procedure === has.is_procedure &&
    meaningOf(had.returnType) === meaningOf(has.returnType) &&
    meaningOf(parametersOf(had.parameters)) === meaningOf(parametersOf(has.parameters)) &&
    parameters(had.parameters).every(({ defexpr }, index) => {
      return defexpr === undefined || parameters(has.parameters)[index]?.defexpr !== undefined;
    })
  );
}

const parameters = (nodes: readonly Node[] | undefined): FunctionParameter[] =>
  (nodes ?? []).flatMap((node) => ("FunctionParameter" in node ? [node.FunctionParameter] : []));

/** Names, types and modes. */
const parametersOf = (nodes: readonly Node[] | undefined): FunctionParameter[] =>
  parameters(nodes).map(({ defexpr: _, ...parameter }) => parameter);
