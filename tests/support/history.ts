import { expect } from "vitest";
import type { Sql } from "./admin.ts";

/** Event → the states it may happen in, and the state it leads to where that is another one. */
const MOVES: Readonly<Record<string, { from: readonly string[]; to?: string; by: "creator" | "helper" | "system" }>> = {
  created: { from: ["nothing"], to: "open", by: "creator" },
  updated: { from: ["open", "assigned", "in_progress"], by: "creator" },
  assigned: { from: ["open"], to: "assigned", by: "creator" },
  started: { from: ["assigned"], to: "in_progress", by: "helper" },
  finished: { from: ["assigned", "in_progress"], to: "pending_confirmation", by: "helper" },
  confirmed: { from: ["pending_confirmation"], to: "completed", by: "creator" },
  auto_confirmed: { from: ["pending_confirmation"], to: "completed", by: "system" },
  completion_rejected: { from: ["pending_confirmation"], to: "in_progress", by: "creator" },
  released: { from: ["assigned", "in_progress"], to: "open", by: "helper" },
  replaced: { from: ["assigned", "in_progress"], to: "open", by: "creator" },
  cancelled: { from: ["open", "assigned", "in_progress"], to: "cancelled", by: "creator" },
  expired: { from: ["open"], to: "expired", by: "system" },
  archived: { from: ["completed"], to: "archived", by: "system" },
};

interface EventRow {
  task_id: string;
  action: string;
  actor_id: string | null;
  /** Who was the helper then, by the event. */
  helper_then: string | null;
  creator_id: string;
  helper_id: string | null;
  status: string;
}

/**
 * Fails unless the events of every task tell a legal story, told by the right people, that ends in the state and with the
 * helper the task has now.
 *
 * @param since looks only at tasks that were written by this transaction (its id) or later ones.
 */
export async function expectLegalHistories(sql: Sql, since = "0"): Promise<number> {
  const rows = await sql<EventRow>(
    `select e.task_id, e.action, e.actor_id, e.helper_id as helper_then, t.creator_id, t.helper_id, t.status
     from public.tasks t join public.task_events e on e.task_id = t.id
     where t.xmin::text::bigint >= $1::bigint
       or exists (select from public.task_events n where n.task_id = t.id and n.xmin::text::bigint >= $1::bigint)
     order by e.task_id, e.id`,
    [since],
  );
  const histories = Map.groupBy(rows, (row) => row.task_id);
  const problems = [...histories.values()].flatMap(problemsOf);
  expect(problems).toEqual([]);
  return histories.size;
}

function problemsOf(events: readonly EventRow[]): string[] {
  let state = "nothing";
  let helper: string | null = null;
  const problems: string[] = [];
  for (const event of events) {
    const move = MOVES[event.action];
    if (!move?.from.includes(state)) problems.push(`${event.task_id}: ${event.action} happened while ${state}`);
    const actor = { creator: event.creator_id, helper, system: null }[move?.by ?? "system"];
    if (event.actor_id !== actor) problems.push(`${event.task_id}: ${event.action} by ${event.actor_id}, not ${actor}`);
    if (event.action === "assigned") helper = event.helper_then;
    if (event.helper_then !== helper)
      problems.push(`${event.task_id}: ${event.action} names the helper ${event.helper_then}, not ${helper}`);
    if (event.action === "released" || event.action === "replaced") helper = null;
    state = move?.to ?? state;
  }
  const [task] = events;
  if (task && (task.status !== state || task.helper_id !== helper)) {
    problems.push(
      `${task.task_id}: is ${task.status} with helper ${task.helper_id}, events say ${state} with ${helper}`,
    );
  }
  return problems;
}
