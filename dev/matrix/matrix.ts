import { ERRORS, isErrorSlug } from "../../supabase/functions/_shared/contracts/errors.ts";

/** States a task can be in, in the order of its life. */
export const STATES = [
  "open",
  "assigned",
  "in_progress",
  "pending_confirmation",
  "completed",
  "cancelled",
  "expired",
  "archived",
] as const;

/** Commands on an existing task. */
export const ACTIONS = [
  "update_task",
  "offer_help",
  "withdraw_offer",
  "decline_offer",
  "accept_offer",
  "start_task",
  "finish_task",
  "confirm_task",
  "reject_completion",
  "release_task",
  "replace_helper",
  "cancel_task",
] as const;

/** Who may call them. */
export const ACTORS = [
  "anonymous",
  "creator",
  "assigned helper",
  "other member",
  "banned creator",
  "banned helper",
  "service role",
] as const;

/** Statuses of an offer, which is what three of the commands return. */
const OFFER_STATUSES = ["pending", "accepted", "not_chosen", "declined", "withdrawn"];
const OFFER_ACTIONS = ["offer_help", "withdraw_offer", "decline_offer"];
const REFUSED_BY_POSTGRES = "42501";
const REPEATED = "same";

/** One cell of the table: what a command by an actor comes to in a state. */
export interface Cell {
  state: string;
  action: string;
  actor: string;
  /** As the page writes it: a status, `same`, an error slug or `42501`. */
  outcome: string;
  /** The same with the error's code in front: `PT404 task_not_found`. */
  expected: string;
}

/**
 * Reads the tables state × action × actor from a page: one table below each heading `### State: <state>`.
 *
 * @throws Error when a state, action or actor is missing, unknown or doubled, or a cell says something impossible.
 */
export function readMatrix(markdown: string): Cell[] {
  const sections = [...markdown.matchAll(/^### State: (.+)\n([\s\S]*?)(?=^#{1,3} |(?![\s\S]))/gm)];
  requireSame(
    "states",
    sections.map(([, state = ""]) => state.trim()),
    STATES,
  );
  return sections.flatMap(([, state = "", body = ""]) => readTable(state.trim(), body));
}

/**
 * Holds the picture of the lifecycle to the tables: what a command leads to stands in both, what happens by the clock in the
 * picture alone.
 *
 * @throws Error that names what only one of them has.
 */
export function requireSamePicture(markdown: string, cells: readonly Cell[]): void {
  const [, picture = ""] = /^```mermaid\nstateDiagram-v2\n([\s\S]*?)^```$/mu.exec(markdown) ?? [];
  const drawn = [...picture.matchAll(/^ *(\w+) --> (\w+): (.+)$/gmu)].flatMap(([, from, to, label = ""]) =>
    ACTIONS.filter((action) => label.split(/\W+/u).includes(action)).map((action) => `${from} --> ${to}: ${action}`),
  );
  const moves = cells.filter(
    ({ state, action, outcome }) =>
      !OFFER_ACTIONS.includes(action) && outcome !== state && (STATES as readonly string[]).includes(outcome),
  );
  const written = new Set(moves.map(({ state, action, outcome }) => `${state} --> ${outcome}: ${action}`));
  requireSame("moves of the picture", drawn.toSorted(), [...written].toSorted());
}

function readTable(state: string, body: string): Cell[] {
  const [header = [], , ...rows] = body
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map(cellsOf);
  requireSame(`actors of state ${state}`, header.slice(1), ACTORS);
  requireSame(
    `actions of state ${state}`,
    rows.map(([action = ""]) => action),
    ACTIONS,
  );
  return rows.flatMap(([action = "", ...outcomes]) => {
    if (outcomes.length !== ACTORS.length) throw new Error(`state ${state}, ${action}: ${outcomes.length} cells`);
    return ACTORS.map((actor, index) => cell(state, action, actor, outcomes[index] ?? ""));
  });
}

function cell(state: string, action: string, actor: string, outcome: string): Cell {
  const statuses: readonly string[] = OFFER_ACTIONS.includes(action) ? OFFER_STATUSES : STATES;
  if ([...statuses, REPEATED, REFUSED_BY_POSTGRES].includes(outcome)) {
    return { state, action, actor, outcome, expected: outcome };
  }
  if (isErrorSlug(outcome))
    return { state, action, actor, outcome, expected: `PT${ERRORS[outcome].status} ${outcome}` };
  throw new Error(`state ${state}, ${action}, ${actor}: "${outcome}" is neither a status nor an error`);
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((text) => text.replaceAll("`", "").trim());
}

function requireSame(what: string, found: readonly string[], wanted: readonly string[]): void {
  if (found.join() !== wanted.join()) {
    throw new Error(`the ${what} must be: ${wanted.join(", ")}; found: ${found.join(", ")}`);
  }
}
