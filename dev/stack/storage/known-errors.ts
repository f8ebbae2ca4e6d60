import { AsyncLocalStorage } from "node:async_hooks";
import { json } from "../gateway/json.ts";
import { keepQuiet } from "../rest/quiet-errors.ts";

/** What the real Storage server answers to errors that the local one does not know, by their code. */
const KNOWN: readonly (readonly [code: RegExp, status: number, error: string, message: string])[] = [
  [/^23505$/u, 409, "Duplicate", "The resource already exists"],
  [/^ERR_J/u, 400, "InvalidJWT", "The token of this address is not valid, or not any more"],
];

const noted = new AsyncLocalStorage<{ answer?: Response }>();

/** Answers a request; an error that was noted meanwhile is answered as the real server does. */
export async function withKnownErrors(work: () => Promise<Response>): Promise<Response> {
  const note: { answer?: Response } = {};
  const response = await noted.run(note, work);
  return response.status === 500 ? (note.answer ?? response) : response;
}

/** The server asks this of every error that it is about to answer. */
export function noteError(error: unknown): unknown {
  const code = String((error as { code?: unknown } | null)?.code);
  const known = KNOWN.find(([pattern]) => pattern.test(code));
  const note = noted.getStore();
  if (known !== undefined && note !== undefined) {
    const [, status, slug, message] = known;
    note.answer = storageError(status, slug, message);
    keepQuiet(error);
  }
  return error;
}

/** A refusal in Storage's words: status 400, and the real one in the body. */
export function storageError(status: number, error: string, message: string): Response {
  return json(400, { statusCode: String(status), error, message });
}
