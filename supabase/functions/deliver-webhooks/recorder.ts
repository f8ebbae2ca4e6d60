/**
 * Records attempts while others are still under way: those that end while a batch is being written make up the next one.
 *
 * @module
 */
import type { Database } from "../_shared/database.ts";

/** One attempt, as the database's command takes it. */
export interface AttemptResult {
  readonly id: number;
  /** Null where no answer came. */
  readonly response_status: number | null;
  /** Null for a success. */
  readonly error: string | null;
  readonly duration_ms: number;
  readonly response_excerpt: string | null;
}

/** What the recorded attempts came to. */
export interface DeliveryCounts {
  delivered: number;
  /** Failed, to be tried again later. */
  retried: number;
  /** Failed and given up. */
  dead: number;
  /** Endpoints that were switched off. */
  disabled: number;
}

/** Writes attempts in batches, one batch at a time. */
export class Recorder {
  readonly counts: DeliveryCounts = { delivered: 0, retried: 0, dead: 0, disabled: 0 };
  readonly #database: Database;
  #failure: { readonly error: unknown } | undefined;
  #last: Promise<void> = Promise.resolve();
  #next: { readonly results: AttemptResult[]; readonly written: Promise<void> } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False once a batch could not be written: to send more would be to send it again later. */
  get isWorking(): boolean {
    return this.#failure === undefined;
  }

  /** Takes an attempt into the next batch. Ends when that is written, or has failed: {@link finish} tells. */
  add(result: AttemptResult): Promise<void> {
    if (this.#next === undefined) {
      const results: AttemptResult[] = [];
      const written = this.#last.then(() => {
        this.#next = undefined;
        return this.#write(results);
      });
      this.#last = written;
      this.#next = { results, written };
    }
    this.#next.results.push(result);
    return this.#next.written;
  }

  /**
   * Ends when everything is written.
   *
   * @throws what a batch failed with.
   */
  async finish(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #write(results: readonly AttemptResult[]): Promise<void> {
    try {
      const written = await this.#database.call<DeliveryCounts>("record_webhook_attempts", { results });
      this.counts.delivered += written.delivered;
      this.counts.retried += written.retried;
      this.counts.dead += written.dead;
      this.counts.disabled += written.disabled;
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
