import { ApiError } from "./api-error.ts";
import type { Page } from "./paging.ts";
import type { RequestOptions } from "./request.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/** What watching a list tells. */
export interface Watcher<Item> {
  /** Gets each new one once, in order. */
  readonly onNew: (item: Item) => void;
  /**
   * Watching has ended, by an error that waiting does not mend: the member has signed out, or `onNew` threw. A lost connection
   * is no such error.
   */
  readonly onError: (error: unknown) => void;
}

/** Last argument of the functions that watch. */
export interface WatchOptions extends RequestOptions {
  /** How often to ask where there is no Realtime, in milliseconds; 30 seconds when left out. */
  readonly pollMs?: number | undefined;
}

/** A list that grows at its newest end, with larger ids, and the private channel that says so. */
export interface WatchedList<Item> {
  readonly topic: (options: RequestOptions) => Promise<string>;
  readonly event: string;
  readonly getPage: (
    input: { readonly page_size: number; readonly after?: string | undefined },
    options: RequestOptions,
  ) => Promise<Page<Item>>;
  /** Of the newest items, so many are looked at again. */
  readonly known: number;
  /** Differs when a known item has changed. */
  readonly versionOf: (item: Item) => string;
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
 * Tells of what is new in a list from now on: through Realtime at once; where it cannot be reached, by asking again and again.
 *
 * @returns a function that stops it; the signal does so, too.
 */
export function watch<Item extends { readonly id: number }>(
  supabase: NeighbourhoodSupabase,
  list: WatchedList<Item>,
  watcher: Watcher<Item>,
  { signal, pollMs = DEFAULT_POLL_MS }: WatchOptions = {},
): () => void {
  // by hand, because React Native has no AbortSignal.any
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  new Watch(supabase, list, watcher.onNew, pollMs, stopping.signal)
    .run()
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) watcher.onError(error);
    })
    .finally(() => signal?.removeEventListener("abort", stop));
  return stop;
}

class Watch<Item extends { readonly id: number }> {
  readonly #supabase: NeighbourhoodSupabase;
  readonly #list: WatchedList<Item>;
  readonly #onNew: (item: Item) => void;
  readonly #pollMs: number;
  readonly #signal: AbortSignal;
  /** Nothing up to this id is new; undefined until we know what was there before. */
  #floor: number | undefined;
  /** Told already, in which version. A smaller id can become visible after a larger one, so the largest alone does not say it. */
  #seen = new Map<number, string>();
  #channel: ReturnType<NeighbourhoodSupabase["channel"]> | undefined;
  #failures = 0;
  #hears = false;
  /** Something may be new since we looked last. */
  #isAwake = false;
  #wake: () => void = () => undefined;

  constructor(
    supabase: NeighbourhoodSupabase,
    list: WatchedList<Item>,
    onNew: (item: Item) => void,
    pollMs: number,
    signal: AbortSignal,
  ) {
    this.#supabase = supabase;
    this.#list = list;
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

  /** One look at the list. Without a connection the next one does. */
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
    const topic = await this.#list.topic(options);
    const { items } = await this.#list.getPage({ page_size: this.#list.known }, options);
    for (const item of items) this.#see(item);
    this.#floor = (items.at(-1)?.id ?? 1) - 1;
    await this.#listen(topic);
  }

  async #tellNew(floor: number): Promise<void> {
    const news: Item[] = [];
    let after: string | undefined;
    do {
      const page = await this.#list.getPage({ page_size: PAGE_SIZE, after }, { signal: this.#signal });
      const fresh = page.items.filter(
        (item) => item.id > floor && this.#seen.get(item.id) !== this.#list.versionOf(item),
      );
      news.push(...fresh);
      after = fresh.length === page.items.length ? (page.next ?? undefined) : undefined;
    } while (after !== undefined);
    for (const item of news.reverse()) {
      if (this.#signal.aborted) return;
      this.#see(item);
      this.#onNew(item);
    }
    if (this.#seen.size > MAX_SEEN) this.#forget();
  }

  #see(item: Item): void {
    this.#seen.set(item.id, this.#list.versionOf(item));
  }

  #forget(): void {
    const kept = [...this.#seen].sort(([one], [other]) => other - one).slice(0, KEPT_SEEN);
    this.#floor = kept.at(-1)?.[0];
    this.#seen = new Map(kept);
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

  async #listen(topic: string): Promise<void> {
    await this.#supabase.realtime.setAuth();
    if (this.#signal.aborted) return;
    this.#channel = this.#supabase
      .channel(topic, { config: { private: true } })
      .on("broadcast", { event: this.#list.event }, () => this.#nudge())
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
