/**
 * Calls the database's commands as the service, through the REST API.
 *
 * @module
 */
import { type ErrorSlug, isErrorSlug } from "./contracts/errors.ts";

/** The database's commands. */
export interface Database {
  /**
   * Runs a command.
   *
   * @throws DatabaseRefusal when the command said no.
   * @throws DatabaseUnavailable when there was no answer. The command may have run.
   * @throws Error for everything else, which is a mistake of ours.
   */
  call<Result>(
    command: string,
    args: Readonly<Record<string, unknown>>,
    options?: { signal?: AbortSignal },
  ): Promise<Result>;
}

/** A command said no, with one of the known slugs. */
export class DatabaseRefusal extends Error {
  readonly slug: ErrorSlug;
  readonly status: number;
  readonly detail: string | null;
  readonly hint: string | null;

  constructor(slug: ErrorSlug, status: number, detail: string | null = null, hint: string | null = null) {
    super(slug);
    this.name = "DatabaseRefusal";
    this.slug = slug;
    this.status = status;
    this.detail = detail;
    this.hint = hint;
  }
}

/** The database did not answer, or not in time. */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";
}

const TIMEOUT_MS = 10_000;
/** The API says so while the database is away or a statement took too long. */
const UNAVAILABLE_STATUSES = [502, 503, 504];
const STATEMENT_TIMEOUT = "57014";

/** What PostgREST answers to an error. */
interface PostgrestError {
  code?: unknown;
  message?: unknown;
  details?: unknown;
  hint?: unknown;
}

/** Makes the way to the commands of a project. */
export function createDatabase(project: { url: string; secretKey: string }, fetchImpl: typeof fetch = fetch): Database {
  const headers = {
    apikey: project.secretKey,
    "content-type": "application/json",
    // Keys of older projects are tokens, and count only as such.
    ...(project.secretKey.startsWith("eyJ") ? { authorization: `Bearer ${project.secretKey}` } : {}),
  };

  return {
    async call<Result>(
      command: string,
      args: Readonly<Record<string, unknown>>,
      options: { signal?: AbortSignal } = {},
    ): Promise<Result> {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
      const { status, text } = await send(command, () =>
        fetchImpl(`${project.url}/rest/v1/rpc/${command}`, {
          method: "POST",
          headers,
          body: JSON.stringify(args),
          signal,
        }),
      );
      const body = parse(text);
      if (status < 200 || status > 299) throw toError(command, status, body);
      if (body === undefined) throw new Error(`${command} answered no JSON`);
      return body as Result;
    },
  };
}

async function send(
  command: string,
  request: () => Promise<Response>,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await request();
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new DatabaseUnavailable(`${command} got no answer`, { cause: error });
  }
}

/** Undefined where there is no JSON. The parser's own message is not passed on: it quotes the text. */
function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toError(command: string, status: number, body: unknown): Error {
  const { code, message, details, hint }: PostgrestError = typeof body === "object" && body !== null ? body : {};
  if (typeof code === "string" && /^PT\d{3}$/u.test(code) && isErrorSlug(message)) {
    return new DatabaseRefusal(message, status, textOrNull(details), textOrNull(hint));
  }
  if (UNAVAILABLE_STATUSES.includes(status) || code === STATEMENT_TIMEOUT) {
    return new DatabaseUnavailable(`${command} answered ${status}`);
  }
  // These name functions and columns. Other messages may quote the arguments, which do not belong into logs.
  const isAboutNames = typeof code === "string" && /^(?:PGRST|42)/u.test(code);
  return new Error(`${command} answered ${status} ${code}${isAboutNames ? `: ${message}` : ""}`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
