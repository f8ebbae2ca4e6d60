import { finished, pipeline } from "node:stream/promises";
import type postgres from "postgres";

/** Rows in bulk, one statement at a time; only in a transaction, which keeps its connection. */
export interface Copies {
  /**
   * Runs `copy … to stdout`.
   *
   * @param consume reads what comes, in pieces that need not end with a row; when it throws, the server is stopped.
   */
  copyOut<Result>(sql: string, consume: (rows: AsyncIterable<Uint8Array>) => Promise<Result>): Promise<Result>;
  /** Runs `copy … from stdin`. What is thrown on the way undoes the statement. */
  copyIn(sql: string, rows: AsyncIterable<Uint8Array>): Promise<void>;
}

type Client = Pick<postgres.ISql<Record<string, unknown>>, "unsafe">;

/** Both for a client of postgres.js. */
export function copiesOf(sql: Client): Copies {
  return {
    async copyOut(text, consume) {
      const query = sql.unsafe(text);
      const rows = await query.readable();
      const ended = finished(rows).catch(() => undefined);
      try {
        return await consume(rows.iterator({ destroyOnReturn: false }));
      } catch (error) {
        if (!rows.destroyed) await query.cancel();
        rows.resume(); // the connection is free again only when nothing more comes
        await ended;
        throw error;
      }
    },
    async copyIn(text, rows) {
      const query = sql.unsafe(text) as postgres.PendingQuery<postgres.Row[]> & { reject(error: Error): void };
      const stream = await query.writable();
      // the driver has kept its promise with the stream: what the server refuses at the end, it would tell nobody
      query.reject = (error) => stream.destroy(error);
      await pipeline(rows, stream);
    },
  };
}
