/**
 * Calls the database's commands through supabase-js. A wrong name or argument does not compile.
 *
 * @module
 */
import { createClient } from "@supabase/supabase-js";
import type { Json, Database as Schema } from "../../../src/client/database.types.ts";
import { type ErrorSlug, isErrorSlug } from "./contracts/errors.ts";

type Functions = Schema["public"]["Functions"];

/** Name of a command. */
export type CommandName = keyof Functions & string;

/** Every argument may be null, which the generated types do not know; JSON may be any object. */
type Argument<Type> = null | (Json extends Type ? object : Type extends (infer Item)[] ? readonly Item[] : Type);

/** Arguments of a command. */
export type CommandArgs<Name extends CommandName> = [Functions[Name]["Args"]] extends [never]
  ? Readonly<Record<string, never>>
  : { readonly [Name_ in keyof Functions[Name]["Args"]]: Argument<Functions[Name]["Args"][Name_]> };

/** The database's commands. */
export interface Database {
  /**
   * Runs a command.
   *
   * @typeParam Result what the command answers, where that is JSON, which the generated types do not describe.
   * @throws DatabaseRefusal when the command said no.
   * @throws DatabaseUnavailable when there was no answer. The command may have run.
   * @throws Error for everything else, which is a mistake of ours.
   */
  call<Name extends CommandName, Result = Functions[Name]["Returns"]>(
    command: Name,
    args: CommandArgs<Name>,
    options?: { signal?: AbortSignal },
  ): Promise<Result>;
}

/** A command said no, with one of the known slugs. */
export class DatabaseRefusal extends Error {
  override readonly name = "DatabaseRefusal";
  readonly slug: ErrorSlug;
  readonly status: number;
  readonly detail: string | null;
  readonly hint: string | null;

  constructor(slug: ErrorSlug, status: number, detail: string | null = null, hint: string | null = null) {
    super(slug);
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

/** Where a project's API is, and the key that says with which rights it is called. */
export interface Project {
  readonly url: string;
  readonly key: string;
}

const TIMEOUT_MS = 10_000;
/** supabase-js has 0 for no answer; the API says the others while the database is away or slow. */
const UNAVAILABLE_STATUSES = [0, 502, 503, 504];
const STATEMENT_TIMEOUT = "57014";

/** What supabase-js makes of an error; of one that is no JSON only `message` is there. */
type CallError = Readonly<Partial<Record<"code" | "message" | "details" | "hint", unknown>>>;

/** Makes the way to the commands of a project. */
export function createDatabase({ url, key }: Project, fetchImpl: typeof fetch = fetch): Database {
  const client = createClient<Schema>(url, key, {
    auth: { autoRefreshToken: false, persistSession: false, detectSessionInUrl: false },
    global: { fetch: fetchImpl },
  });
  return {
    async call<Name extends CommandName, Result>(
      command: Name,
      args: CommandArgs<Name>,
      options: { signal?: AbortSignal } = {},
    ): Promise<Result> {
      const timeout = AbortSignal.timeout(TIMEOUT_MS);
      const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
      const { data, error, status } = await client.rpc(command, args as never).abortSignal(signal);
      if (error !== null) throw toError(command, status, error);
      return data as Result;
    },
  };
}

function toError(command: string, status: number, { code, message, details, hint }: CallError): Error {
  if (typeof code === "string" && /^PT\d{3}$/u.test(code) && isErrorSlug(message)) {
    return new DatabaseRefusal(message, status, textOrNull(details), textOrNull(hint));
  }
  if (UNAVAILABLE_STATUSES.includes(status) || code === STATEMENT_TIMEOUT) {
    return new DatabaseUnavailable(
      status === 0 ? `${command} got no answer: ${message}` : `${command} answered ${status}`,
    );
  }
  if (status >= 200 && status <= 299) return new Error(`${command} answered no JSON`);
  // These name functions and columns. Other messages may quote the arguments, which do not belong into logs.
  const isAboutNames = typeof code === "string" && /^(?:PGRST|42)/u.test(code);
  return new Error(`${command} answered ${status} ${code}${isAboutNames ? `: ${message}` : ""}`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
