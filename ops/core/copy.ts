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

/** What the driver keeps of a query, besides what its types tell. */
type Streaming = postgres.PendingQuery<postgres.Row[]> & { active?: boolean; reject?: (error: Error) => void };

/** Both for a client of postgres.js. */
export function copiesOf(sql: Client): Copies {
  return {
    async copyOut(text, consume) {
      const query: Streaming = sql.unsafe(text);
      const rows = await query.readable();
      const ended = finished(rows).catch(() => undefined);
      try {
        return await consume(rows.iterator({ destroyOnReturn: false }));
      } catch (error) {
        if (!rows.destroyed) {
          query.active = true; // for the driver it is over since it gave the stream
          query.cancel();
        }
        rows.resume(); // the connection is free again when nothing more comes
        await ended;
        throw error;
      } finally {
        rows._read(0); // the driver may have paused its connection for the last rows, and would forget it
      }
    },
    async copyIn(text, rows) {
      const query: Streaming = sql.unsafe(text);
      const stream = await query.writable();
      // the driver has kept its promise with the stream: what the server refuses at the end, it would tell nobody
      query.reject = (error) => void stream.destroy(error);
      // and it would say of every copy that is over that it has failed
      const fail = stream._destroy.bind(stream);
      stream._destroy = (error, done) => (error === null ? done(null) : fail(error, done));
      await pipeline(rows, stream);
    },
  };
}
