import { ApiError } from "./api-error.ts";
import { getNotificationsPage } from "./notifications.ts";
import type { RequestOptions } from "./request.ts";
import type { Notification } from "./rows.ts";
import { type NeighbourhoodSupabase, ownUserId } from "./supabase.ts";

/** What {@link watchNotifications} tells. */
export interface NotificationWatcher {
  /** Gets each new notification once, in order. */
  readonly onNew: (notification: Notification) => void;
  /**
   * Watching has ended, by an error that waiting does not mend: the member has signed out, or `onNew` threw. A lost connection
   * is no such error.
   */
  readonly onError: (error: unknown) => void;
}

/** Last argument of {@link watchNotifications}. */
export interface WatchOptions extends RequestOptions {
  /** How often to ask where there is no Realtime, in milliseconds; 30 seconds when left out. */
  readonly pollMs?: number | undefined;
}

const DEFAULT_POLL_MS = 30_000;
/** While Realtime works, asking is only for messages that got lost. */
const RARELY = 10;
/** After so many failures in a row there is no Realtime here. */
const MAX_FAILURES = 3;
const PAGE_SIZE = 50;
const MAX_SEEN = 1_000;
const KEPT_SEEN = 200;

/**
 * Tells the app of notifications that come from now on. Through Realtime at once, on a private channel that only the member
 * hears; where Realtime cannot be reached, by asking again and again.
 *
 * @returns a function that stops it; the signal does so, too.
 * @throws Nothing; errors go to `onError`.
 * @example
 * ```ts
 * const stop = client.notifications.watch({
 *   onNew: ({ title_en, body_en }) => showToast(title_en, body_en),
 *   onError: (error) => console.error(error),
 * });
 * ```
 */
export function watchNotifications(
  supabase: NeighbourhoodSupabase,
  watcher: NotificationWatcher,
  { signal, pollMs = DEFAULT_POLL_MS }: WatchOptions = {},
): () => void {
  // by hand, because React Native has no AbortSignal.any
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  new Watch(supabase, watcher.onNew, pollMs, stopping.signal)
    .run()
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) watcher.onError(error);
    })
    .finally(() => signal?.removeEventListener("abort", stop));
  return stop;
}

class Watch {
  readonly #supabase: NeighbourhoodSupabase;
  readonly #onNew: (notification: Notification) => void;
  readonly #pollMs: number;
  readonly #signal: AbortSignal;
  /** Nothing up to this id is new; undefined until we know what was there before. */
  #floor: number | undefined;
  /** Told already. A smaller id can become visible after a larger one, so the largest alone does not say it. */
  #seen = new Set<number>();
  #channel: ReturnType<NeighbourhoodSupabase["channel"]> | undefined;
  #failures = 0;
  #hears = false;
  /** Something may be new since we looked last. */
  #isAwake = false;
  #wake: () => void = () => undefined;

  constructor(
    supabase: NeighbourhoodSupabase,
    onNew: (notification: Notification) => void,
    pollMs: number,
    signal: AbortSignal,
  ) {
    this.#supabase = supabase;
    this.#onNew = onNew;
    this.#pollMs = pollMs;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const wake = () => this.#wake();
    this.#signal.addEventListener("abort", wake);
    try {
      while (!this.#signal.aborted) {
        await this.#look();
        await this.#rest();
      }
    } finally {
      this.#signal.removeEventListener("abort", wake);
      await this.#hangUp();
    }
  }

  /** One look at the inbox. Without a connection the next one does. */
  async #look(): Promise<void> {
    this.#isAwake = false;
    try {
      if (this.#floor === undefined) await this.#begin();
      else await this.#tellNew(this.#floor);
    } catch (error) {
      if (!(error instanceof ApiError && error.isRetryable)) throw error;
    }
  }

  async #begin(): Promise<void> {
    const options = { signal: this.#signal };
    const userId = await ownUserId(this.#supabase, options);
    const { items } = await getNotificationsPage(this.#supabase, { page_size: 1 }, options);
    this.#floor = items[0]?.id ?? 0;
    await this.#listen(userId);
  }

  async #tellNew(floor: number): Promise<void> {
    const news: Notification[] = [];
    let after: string | undefined;
    do {
      const page = await getNotificationsPage(
        this.#supabase,
        { page_size: PAGE_SIZE, after },
        { signal: this.#signal },
      );
      const fresh = page.items.filter(({ id }) => id > floor && !this.#seen.has(id));
      news.push(...fresh);
      after = fresh.length === page.items.length ? (page.next ?? undefined) : undefined;
    } while (after !== undefined);
    for (const notification of news.reverse()) {
      if (this.#signal.aborted) return;
      this.#seen.add(notification.id);
      this.#onNew(notification);
    }
    if (this.#seen.size > MAX_SEEN) this.#forget();
  }

  #forget(): void {
    const kept = [...this.#seen].sort((one, other) => other - one).slice(0, KEPT_SEEN);
    this.#floor = kept.at(-1);
    this.#seen = new Set(kept);
  }

  /** Until somebody wakes us, or it is time to ask. */
  async #rest(): Promise<void> {
    if (this.#isAwake || this.#signal.aborted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        this.#isAwake = true;
        resolve();
      };
      timer = setTimeout(resolve, this.#hears ? this.#pollMs * RARELY : this.#pollMs);
    });
    clearTimeout(timer);
  }

  async #listen(userId: string): Promise<void> {
    await this.#supabase.realtime.setAuth();
    if (this.#signal.aborted) return;
    this.#channel = this.#supabase
      .channel(`user:${userId}`, { config: { private: true } })
      .on("broadcast", { event: "notification" }, () => this.#nudge())
      .subscribe((status) => {
        this.#hears = status === "SUBSCRIBED";
        this.#failures = this.#hears ? 0 : this.#failures + 1;
        if (this.#failures === MAX_FAILURES) void this.#hangUp();
        // Looks for what came while nobody listened, and rests as long as fits from now on.
        this.#nudge();
      });
  }

  #nudge(): void {
    this.#isAwake = true;
    this.#wake();
  }

  async #hangUp(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) await this.#supabase.removeChannel(channel);
  }
}
