import type { PostgrestSingleResponse } from "@supabase/supabase-js";
import type { z } from "zod";
import { checkInput } from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError, abortError, apiErrorFrom, functionError, inputError } from "./api-error.ts";
import type { Bounds } from "./bounds.ts";
import type { Database } from "./database.types.ts";
import { anywhere, cellCentre, goesToReplica, type Request, writing } from "./replica.ts";
import type { NeighbourhoodSupabase } from "./supabase.ts";

/** Last argument of every function of this client. */
export interface RequestOptions {
  /** Ends the call, and any repetition of it, with `request_aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** What supabase-js tells about a call of an edge function. */
interface FunctionReply {
  readonly data: unknown;
  readonly error: unknown;
  /** Missing when there was no answer, or none that could be read to its end. */
  readonly response?: Response;
}

/** One call of an edge function, made again for each repetition. */
interface FunctionCall {
  /** Name of the function, and what follows in the address. */
  readonly path: string;
  readonly method: "GET" | "POST";
  readonly body?: Record<string, unknown>;
}

/** How long an edge function may take, in milliseconds. It waits 10 s for a partner at most. */
export const FUNCTION_TIMEOUT_MS = 30_000;

/** Waits before the second and the third attempt, in milliseconds. */
export const RETRY_DELAYS_MS: readonly number[] = [300, 1200];

/**
 * The input as its contract wants it, or an {@link ApiError} with the contract's slug. What was not given is left out, so
 * that the database's defaults apply.
 */
export function checked<Schema extends z.ZodObject>(schema: Schema, input: unknown): Defined<z.output<Schema>> {
  const result = checkInput(schema, input);
  if (!result.success) throw inputError(result.problem);
  const given = Object.entries(result.data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Defined<z.output<Schema>>;
}

type Functions = Database["public"]["Functions"];

/** The request that calls a function of the database which may write. */
export function rpc<Name extends keyof Functions & string>(
  supabase: NeighbourhoodSupabase,
  name: Name,
  args: Functions[Name]["Args"],
): Request<Functions[Name]["Returns"]> {
  return (signal) => writing(supabase, () => post(supabase, name, args)(signal));
}

function post<Name extends keyof Functions & string>(
  supabase: NeighbourhoodSupabase,
  name: Name,
  args: Functions[Name]["Args"],
): Request<Functions[Name]["Returns"]> {
  // supabase-js cannot work out the result of a name it does not know yet
  return (signal) =>
    supabase.rpc(name, args).abortSignal(signal) as PromiseLike<PostgrestSingleResponse<Functions[Name]["Returns"]>>;
}

/**
 * The request that calls a function which only reads: by GET, as read replicas want it. Not for searches: their places and
 * words do not belong into an address, which servers on the way write down; {@link readNear} is for those.
 */
export function read<Name extends keyof Functions & string>(
  supabase: NeighbourhoodSupabase,
  name: Name,
  args: Functions[Name]["Args"],
): Request<Functions[Name]["Returns"]> {
  // null is every default; in an address it would be the word "null"
  const given = Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null)) as typeof args;
  return (signal) => {
    const request = supabase.rpc(name, given, { get: true }).abortSignal(signal);
    // newer versions of supabase-js repeat a GET by themselves; who asks decides that here
    if ("retry" in request) request.retry(false);
    return request as PromiseLike<PostgrestSingleResponse<Functions[Name]["Returns"]>>;
  };
}

/**
 * The request that searches around a place: by POST, whose body nobody writes down. A replica takes no POST, so it is told
 * only the cell that the place lies in; the primary then, too, or distances would depend on who answers.
 */
export function readNear<Name extends keyof Functions & string>(
  supabase: NeighbourhoodSupabase,
  name: Name,
  args: Functions[Name]["Args"] & { latitude: number; longitude: number; query?: string },
): Request<Functions[Name]["Returns"]> {
  if (!goesToReplica(supabase, args)) return post(supabase, name, args);
  const search = { ...args, ...cellCentre(args) };
  return anywhere(supabase, (server) => (server === supabase ? post : read)(server, name, search));
}

/** As {@link readNear}, for a piece of the map: a replica is told its bounds, which are to tell no more than cells do. */
export function readWithin<Name extends keyof Functions & string>(
  supabase: NeighbourhoodSupabase,
  name: Name,
  args: Functions[Name]["Args"] & Bounds,
): Request<Functions[Name]["Returns"]> {
  return anywhere(supabase, (server) => (server === supabase ? post : read)(server, name, args));
}

/** Sends a request once; the answer may be empty. */
export async function sendMaybe<Data>(request: Request<Data>, options: RequestOptions = {}): Promise<Data | null> {
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) throw abortError(signal);
  const reply = await request(signal);
  if (reply.error === null) return reply.data;
  if (signal.aborted) throw abortError(signal);
  throw apiErrorFrom(reply.error, reply.status);
}

/** Sends a request once; an empty answer is an error. */
export async function send<Data>(request: Request<Data>, options: RequestOptions = {}): Promise<NonNullable<Data>> {
  const data = await sendMaybe(request, options);
  if (data === null || data === undefined) throw new ApiError({ code: "unexpected_response", detail: "empty answer" });
  return data;
}

/**
 * Sends a command that gives the same answer when repeated, and repeats it when the connection failed: the first attempt
 * may have arrived although its answer did not.
 */
export async function sendIdempotent<Data>(
  request: Request<Data>,
  options: RequestOptions = {},
): Promise<NonNullable<Data>> {
  return repeat(() => send(request, options), options.signal);
}

/** As {@link sendIdempotent}, for commands that return nothing. */
export async function sendIdempotentVoid(request: Request<unknown>, options: RequestOptions = {}): Promise<void> {
  await repeat(() => sendMaybe(request, options), options.signal);
}

/**
 * Calls an edge function that gives the same answer when called again, and repeats the call when the connection failed, it
 * took too long, or something broke over there. The answer is held against its contract.
 */
export async function callIdempotent<Schema extends z.ZodType>(
  supabase: NeighbourhoodSupabase,
  contract: Schema,
  call: FunctionCall,
  options: RequestOptions = {},
): Promise<z.output<Schema>> {
  const callOnce = () => sendCall(supabase, call, options);
  const answer = await repeat(() => (call.method === "GET" ? callOnce() : writing(supabase, callOnce)), options.signal);
  const result = contract.safeParse(answer);
  if (!result.success) {
    throw new ApiError({ code: "unexpected_response", detail: "answer breaks its contract", cause: result.error });
  }
  return result.data;
}

async function sendCall(
  supabase: NeighbourhoodSupabase,
  { path, ...call }: FunctionCall,
  options: RequestOptions,
): Promise<unknown> {
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) throw abortError(signal);
  const reply: FunctionReply = await supabase.functions.invoke(path, { ...call, signal, timeout: FUNCTION_TIMEOUT_MS });
  if (reply.error === null) return reply.data;
  const body = reply.response === undefined ? undefined : await readJson(reply.response);
  if (signal.aborted) throw abortError(signal);
  if (reply.response !== undefined) throw functionError(body, reply.response.status);
  // no answer, or none that could be read to its end: the connection broke
  throw apiErrorFrom(reply.error, 0);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

/** Repeats an attempt while the connection fails, twice at most. Only for what gives the same answer when repeated. */
export async function repeat<Data>(attempt: () => Promise<Data>, signal: AbortSignal | undefined): Promise<Data> {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ApiError && error.isRetryable)) throw error;
      // spread, so that many phones do not come back in the same instant
      await pause(delay * (0.5 + Math.random()), signal);
    }
  }
  return attempt();
}

/** Waits, unless the signal ends the waiting with `request_aborted`. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      if (signal) reject(abortError(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

/** The same object without the keys whose value is undefined. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A random UUID, also where `crypto.randomUUID` is missing, as in React Native. It need not be a secret. */
export function randomId(): string {
  const digit = (): string => Math.floor(Math.random() * 16).toString(16);
  return globalThis.crypto?.randomUUID?.() ?? "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replaceAll("x", digit);
}
