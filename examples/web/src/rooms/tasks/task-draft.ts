import type { Coordinates, CreateTaskInput, TaskChanges } from "@neighbourhood-help/client";
import { useState } from "react";

/** A task as a form holds it: texts as they are typed, times as their controls give them. */
export interface TaskDraft {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly place: Coordinates | null;
  readonly address: string;
  readonly image_paths: readonly string[];
  readonly points_reward: string;
  /** Local time, as `<input type="datetime-local">` gives it; empty: whenever it suits. */
  readonly starts_at: string;
  readonly ends_at: string;
  readonly is_flexible: boolean;
  /** The last day, as `<input type="date">` gives it; empty: no end. */
  readonly expires_at: string;
}

/** What a draft can have an error at. */
export type TaskField = keyof TaskDraft;

const EMPTY: TaskDraft = {
  title: "",
  description: "",
  category: "",
  place: null,
  address: "",
  image_paths: [],
  points_reward: "20",
  starts_at: "",
  ends_at: "",
  is_flexible: false,
  expires_at: "",
};

/** Where a draft waits until it is posted, with its key: the same however often it is sent, also by an app that was closed. */
interface Kept {
  readonly draft: TaskDraft;
  readonly idempotency_key: string;
}

function fresh(): Kept {
  return { draft: EMPTY, idempotency_key: crypto.randomUUID() };
}

function read(key: string): Kept {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Kept> | null;
    if (kept?.idempotency_key === undefined) return fresh();
    return { draft: { ...EMPTY, ...kept.draft }, idempotency_key: kept.idempotency_key };
  } catch {
    return fresh(); // of another version of the app
  }
}

/** The draft of a new task, kept on this device until it is posted or thrown away. */
export function useKeptDraft(userId: string) {
  const storageKey = `task-draft.${userId}`;
  const [kept, setKept] = useState(() => read(storageKey));
  const keep = (next: Kept) => {
    localStorage.setItem(storageKey, JSON.stringify(next));
    setKept(next);
  };
  return {
    ...kept,
    isEmpty: JSON.stringify(kept.draft) === JSON.stringify(EMPTY),
    change: (part: Partial<TaskDraft>) =>
      setKept((shown) => {
        const next = { ...shown, draft: { ...shown.draft, ...part } };
        localStorage.setItem(storageKey, JSON.stringify(next));
        return next;
      }),
    /** Another task than the one that was sent with the key so far. */
    renewKey: () => keep({ ...kept, idempotency_key: crypto.randomUUID() }),
    clear: () => {
      localStorage.removeItem(storageKey);
      setKept(fresh());
    },
  };
}

const moment = (local: string) => new Date(local).toISOString();
const endOfDay = (day: string) => moment(`${day}T23:59:59`);
/** A number as it was typed; NaN for none, which the contract refuses at its field. */
const points = (text: string) => (text.trim() === "" ? Number.NaN : Number(text));

/** What is sent to post a draft. What is missing is found by the contract. */
export function toCreateInput(draft: TaskDraft): Partial<CreateTaskInput> {
  const { title, description, category, place, address, image_paths, starts_at, ends_at, expires_at } = draft;
  return {
    title,
    description,
    category,
    ...(place ?? {}),
    points_reward: points(draft.points_reward),
    ...(address.trim() && { address }),
    ...(image_paths.length > 0 && { image_paths: [...image_paths] }),
    ...(starts_at && { starts_at: moment(starts_at), is_flexible: draft.is_flexible }),
    ...(starts_at && ends_at && { ends_at: moment(ends_at) }),
    ...(expires_at && { expires_at: endOfDay(expires_at) }),
  };
}

/** What of a task was changed in the form: only that is sent. */
export function toChanges(before: TaskDraft, after: TaskDraft): TaskChanges {
  const is = (field: TaskField) => JSON.stringify(before[field]) !== JSON.stringify(after[field]);
  return {
    ...(is("title") && { title: after.title }),
    ...(is("description") && { description: after.description }),
    ...(is("category") && { category: after.category }),
    ...(is("place") && after.place),
    ...(is("address") && { address: after.address }),
    ...(is("image_paths") && { image_paths: [...after.image_paths] }),
    ...(is("points_reward") && { points_reward: points(after.points_reward) }),
    // an empty time takes it away
    ...(is("starts_at") && { starts_at: after.starts_at && moment(after.starts_at) }),
    ...(is("ends_at") && after.starts_at && { ends_at: after.ends_at && moment(after.ends_at) }),
    ...(is("is_flexible") && { is_flexible: after.is_flexible }),
    ...(is("expires_at") && after.expires_at && { expires_at: endOfDay(after.expires_at) }),
  };
}

/** A moment as `<input type="datetime-local">` takes it. */
export function toLocal(iso: string | null): string {
  if (iso === null) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
