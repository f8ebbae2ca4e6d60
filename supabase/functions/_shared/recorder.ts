/**
 * Records results while others are still under way: those that end while a batch is being written make up the next one.
 *
 * @module
 */
import type { Database } from "./database.ts";

/** Commands that take `results` and answer with counts. */
type RecordingCommand = "record_notification_deliveries" | "record_webhook_attempts";

/** Writes results in batches, one batch at a time. */
export class Recorder<Result, Counts extends Record<string, number>> {
  /** What the recorded results came to, by what the command counts. */
  readonly counts: Counts;
  readonly #database: Database;
  readonly #command: RecordingCommand;
  #failure: { readonly error: unknown } | undefined;
  #last: Promise<void> = Promise.resolve();
  #next: { readonly results: Result[]; readonly written: Promise<void> } | undefined;

  /**
   * @param counts what to begin counting with.
   */
  constructor(database: Database, command: RecordingCommand, counts: Counts) {
    this.#database = database;
    this.#command = command;
    this.counts = { ...counts };
  }

  /** False once a batch could not be written: to send more would be to send it again later. */
  get isWorking(): boolean {
    return this.#failure === undefined;
  }

  /** Takes a result into the next batch. Ends when that is written, or has failed: {@link finish} tells. */
  add(result: Result): Promise<void> {
    if (this.#next === undefined) {
      const results: Result[] = [];
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

  async #write(results: readonly Result[]): Promise<void> {
    try {
      const written: Counts = await this.#database.call(this.#command, { results });
      for (const name of Object.keys(this.counts) as (keyof Counts)[]) {
        this.counts[name] = (this.counts[name] + written[name]) as Counts[keyof Counts];
      }
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
