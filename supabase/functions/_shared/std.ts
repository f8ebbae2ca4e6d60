/**
 * What is used of Deno's standard library. It comes from npm without its types, which are given here.
 *
 * @module
 */
import { abortable as abortablePromise } from "@std/async/abortable";
import { concat as concatBytes } from "@std/bytes/concat";

/** Waits until the signal aborts; what the promise does later is dropped. */
export const abortable: <Result>(promise: Promise<Result>, signal: AbortSignal) => Promise<Result> = abortablePromise;

/** Puts pieces together. */
export const concat: (pieces: readonly Uint8Array[]) => Uint8Array = concatBytes;
