import { OFFER_STATUSES, type OfferStatus, TASK_STATUSES, type TaskStatus } from "@neighbourhood-help/client/contracts";

/** The lists of one's own: tasks posted, tasks one helps with, offers made. */
export const TABS = ["creator", "helper", "offers"] as const;

/** What the address of "my tasks" says: which list, and only what is in which state. */
export type MyTasksSearch =
  | { readonly tab?: "creator" | "helper"; readonly status?: TaskStatus }
  | { readonly tab: "offers"; readonly status?: OfferStatus };

const oneOf = <Word extends string>(words: readonly Word[], value: unknown): Word | undefined =>
  words.find((word) => word === value);

/** Reads the address; what it does not know is left out. */
export function readSearch(search: Readonly<Record<string, unknown>>): MyTasksSearch {
  const tab = oneOf(TABS, search["tab"]);
  if (tab === "offers") {
    const status = oneOf(OFFER_STATUSES, search["status"]);
    return { tab, ...(status && { status }) };
  }
  const status = oneOf(TASK_STATUSES, search["status"]);
  return { ...(tab && { tab }), ...(status && { status }) };
}
