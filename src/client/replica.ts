import type { PostgrestSingleResponse } from "@supabase/supabase-js";
import { type Coordinates, cellAround } from "./cells.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/** What {@link createNeighbourhoodClient} can be told. */
export interface ClientOptions {
  /**
   * A second supabase-js client, whose address is that of a read replica: it answers what may be some seconds old. It needs
   * the option `accessToken`, which gives it the session of the first, so that both act for the same member.
   */
  readonly replica?: NeighbourhoodSupabase;
  /**
   * For so long after a command everything comes from the primary, in milliseconds; 10 seconds when left out. It should be
   * longer than the replica lags.
   */
  readonly replicaLagMs?: number;
  /**
   * Whether words that somebody looks for go to the replica, too. They then stand in the addresses that servers on the way
   * write down, so the community decides; no when left out.
   */
  readonly searchOnReplica?: boolean;
}

/** Builds one request; called again for each repetition. */
export type Request<Data> = (signal: AbortSignal) => PromiseLike<PostgrestSingleResponse<Data>>;

/** Longer than this nobody waits for a replica, in milliseconds. */
export const REPLICA_PATIENCE_MS = 3_000;
/** So long a replica is left alone that did not answer, in milliseconds. */
export const REPLICA_REST_MS = 30_000;
const DEFAULT_LAG_MS = 10_000;

interface Replica {
  readonly supabase: NeighbourhoodSupabase;
  readonly lagMs: number;
  readonly takesWords: boolean;
  /** Not before this moment of `performance.now()`, which no change of the clock moves. */
  notBefore: number;
}

const replicas = new WeakMap<NeighbourhoodSupabase, Replica>();

/** Lets a replica answer for a client from now on. */
export function useReplica(
  supabase: NeighbourhoodSupabase,
  { replica, replicaLagMs = DEFAULT_LAG_MS, searchOnReplica = false }: ClientOptions,
): void {
  if (replica === undefined) return;
  // without it the client would have a session of its own, or none
  if (typeof Reflect.get(replica, "accessToken") !== "function") {
    throw new TypeError(
      "replica: createClient needs the option accessToken, which gives the session of the first client",
    );
  }
  const takesWords = searchOnReplica;
  replicas.set(supabase, { supabase: replica, lagMs: replicaLagMs, takesWords, notBefore: 0 });
}

function leaveAlone(replica: Replica, milliseconds: number): void {
  replica.notBefore = Math.max(replica.notBefore, performance.now() + milliseconds);
}

/** Sends what may write: the replica is left alone until it should know of it, also when nobody knows whether it happened. */
export async function writing<Answer>(
  supabase: NeighbourhoodSupabase,
  send: () => PromiseLike<Answer>,
): Promise<Answer> {
  const replica = replicas.get(supabase);
  if (replica === undefined) return send();
  leaveAlone(replica, replica.lagMs);
  try {
    return await send();
  } finally {
    leaveAlone(replica, replica.lagMs);
  }
}

/**
 * A read that may be some seconds old: asked of the replica, if there is one and it may be asked now, otherwise of the
 * primary. So is everything that the replica does not answer well: it may be gone, or not know yet what it is asked for.
 *
 * @param isGood whether the replica's answer will do.
 */
export function anywhere<Data>(
  supabase: NeighbourhoodSupabase,
  requestTo: (server: NeighbourhoodSupabase) => Request<Data>,
  isGood: (data: Data) => boolean = (data) => data !== null,
): Request<Data> {
  return async (signal) => {
    const replica = replicas.get(supabase);
    if (replica !== undefined && performance.now() >= replica.notBefore) {
      const reply = await askReplica(replica, requestTo(replica.supabase), signal);
      if (reply?.error === null && isGood(reply.data)) return reply;
    }
    return requestTo(supabase)(signal);
  };
}

async function askReplica<Data>(
  replica: Replica,
  request: Request<Data>,
  signal: AbortSignal,
): Promise<PostgrestSingleResponse<Data> | undefined> {
  // by hand, because React Native has no AbortSignal.any
  const ending = new AbortController();
  const end = (): void => ending.abort();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const timer = setTimeout(end, REPLICA_PATIENCE_MS);
  let reply: PostgrestSingleResponse<Data> | undefined;
  try {
    const sent: { retry?: (isOn: boolean) => unknown } & PromiseLike<typeof reply> = request(ending.signal);
    sent.retry?.(false); // the primary answers sooner
    reply = await sent;
  } catch {
    // who gives the session can fail, too
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
  }
  const status = reply?.status ?? 0;
  if (!signal.aborted && (status === 0 || status === 429 || status >= 500)) leaveAlone(replica, REPLICA_REST_MS);
  return reply;
}

/** A place that somebody looks around, and perhaps what for. */
interface Search extends Coordinates {
  readonly query?: string;
}

/** Whether a replica may be asked this search. */
export function goesToReplica(supabase: NeighbourhoodSupabase, search: Search): boolean {
  const replica = replicas.get(supabase);
  return replica !== undefined && (replica.takesWords || search.query === undefined);
}

/** The middle of the cell of about 300 m that a place lies in. */
export function cellCentre(place: Coordinates): Coordinates {
  const { latitude, longitude } = cellAround(place);
  return { latitude, longitude };
}
