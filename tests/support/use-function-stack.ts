import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { THROWAWAY_SETTINGS } from "../../dev/stack/database/cluster.ts";
import { loadKeys } from "../../dev/stack/keys.ts";
import type { Mailbox } from "../../dev/stack/mailbox.ts";
import { type Stack, startStack } from "../../dev/stack/start-stack.ts";
import type { Database } from "../../src/client/database.types.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { type Sql, signUpBySql } from "./admin.ts";
import { expectBooksRight } from "./books.ts";
import { membersWithPoints } from "./redemptions.ts";
import { testDatabase } from "./target.ts";
import type { Client, Member } from "./use-stack.ts";

/** One HTTP request to the stack. */
export interface SentRequest {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Text and bytes go as they are, everything else as JSON. */
  body?: unknown;
}

/** What came back. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined when the answer is no JSON. */
  json: Body;
}

/** The body of a refusal. */
export interface RefusalBody {
  code: string;
  message: string;
  detail?: unknown;
  hint?: string;
  requestId: string;
}

/** A stack with functions that belongs to one test file. */
export interface FunctionStack {
  readonly url: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  readonly jwtSecret: string;
  readonly sql: Sql;
  /** Takes the e-mails that the functions send. */
  readonly mailbox: Mailbox;
  /** Everything that functions and gateway wrote to their logs. */
  readonly log: readonly string[];
  /** Sends a request as it is; `path` is an address or begins with `/`. */
  send<Body = RefusalBody>(path: string, request?: SentRequest): Promise<Answer<Body>>;
  /** New members with so many points each, signed in. */
  members(count: number, points?: number): Promise<Member[]>;
  /** supabase-js with an access token, or before anybody signs in. */
  client(token?: string): Client;
  /** Remembers something that must never be logged. */
  keepSecret(...secrets: readonly string[]): void;
  /** Lines of the log in which something secret stands. */
  leaks(): string[];
  /** Seals a secret as the functions do. */
  seal(secret: string): Promise<string>;
  /** Ends a function's process by force; its next request starts it again. */
  kill(name: string): Promise<void>;
}

/**
 * Starts a stack with functions for the tests of this file, proves after every test that the books are right, and after
 * the last one that the logs hold nothing secret.
 */
export function useFunctionStack(environment: Readonly<Record<string, string>> = {}): FunctionStack {
  const dataDir = join(tmpdir(), `neighbourhood-functions-${randomUUID()}`);
  const log: string[] = [];
  const secrets = new Set<string>();
  let jwtSecret = "";
  let started: Stack | undefined;
  const running = (): Stack => {
    if (!started) throw new Error("the stack has not been started yet");
    return started;
  };
  const sql: Sql = (text, parameters) => running().sql(text, parameters);
  const stack: FunctionStack = {
    get url() {
      return running().url;
    },
    get publishableKey() {
      return running().publishableKey;
    },
    get secretKey() {
      return running().secretKey;
    },
    get jwtSecret() {
      return jwtSecret;
    },
    sql,
    get mailbox() {
      const { mailbox } = running();
      if (!mailbox) throw new Error("the stack has no mailbox");
      return mailbox;
    },
    log,
    async send<Body>(path: string, { method = "GET", headers = {}, body }: SentRequest = {}) {
      const isRaw = typeof body === "string" || body instanceof Uint8Array;
      const response = await fetch(path.startsWith("/") ? `${running().url}${path}` : path, {
        method,
        redirect: "manual",
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        ...(body === undefined ? {} : { body: isRaw ? (body as string) : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parse(text) as Body };
    },
    async members(count, points = 0) {
      const ids = points === 0 ? await signUpBySql(sql, count) : await membersWithPoints(sql, count, points);
      return Promise.all(
        ids.map(async (id) => {
          const token = await signSession(jwtSecret, { sub: id, role: "authenticated", aud: "authenticated" });
          secrets.add(token);
          return { id, token, api: stack.client(token) };
        }),
      );
    },
    client: (token) =>
      createClient<Database>(running().url, running().publishableKey, {
        auth: { persistSession: false, autoRefreshToken: false },
        ...(token === undefined ? {} : { accessToken: async () => token }),
      }),
    keepSecret(...more) {
      for (const secret of more) secrets.add(secret);
    },
    leaks() {
      const wanted = [...secrets].map(bare);
      return log.filter((line) => wanted.some((secret) => bare(line).includes(secret)));
    },
    async seal(secret) {
      const { sealingKeys, codeIndexKey } = running();
      const environment: Record<string, string> = { SEALING_KEYS: sealingKeys, CODE_INDEX_KEY: codeIndexKey };
      return (await createSealer((name) => environment[name])).seal("secret", secret);
    },
    kill: async (name) => void (await running().killFunction(name)),
  };

  beforeAll(async () => {
    const keys = loadKeys(join(dataDir, "keys.json"));
    jwtSecret = keys.jwtSecret;
    const sealing = keys.sealingKeys.split(",").map((pair) => pair.split(":")[1] ?? pair);
    stack.keepSecret(keys.jwtSecret, keys.secretKey, keys.databasePassword, keys.codeIndexKey, ...sealing);
    started = await startStack({
      database: testDatabase(),
      dataDir,
      clusterSettings: THROWAWAY_SETTINGS,
      port: 0,
      seed: false,
      jobs: false,
      studio: false,
      functionEnvironment: environment,
      log: (line) => log.push(line),
    });
  });
  afterEach(() => expectBooksRight(sql));
  afterAll(async () => {
    await started?.stop();
    rmSync(dataDir, { recursive: true, force: true });
    expect(stack.leaks()).toEqual([]);
  });
  return stack;
}

/** Status and body without the id of the request: what two answers must share so that nobody can tell them apart. */
export function faceOf({ status, json }: Answer<RefusalBody>): { status: number; body: Partial<RefusalBody> } {
  const { requestId: _, ...body } = json;
  return { status, body };
}

/** Goes with a body that is too large: whoever does not read it to its end closes the connection a moment later. */
export const LAST_ON_ITS_CONNECTION = { connection: "close" } as const;

/** Status of the answer to a body that is too large; `cut` when the connection was closed before the answer was read. */
export async function statusOrCut(sending: Promise<Answer<unknown>>): Promise<number | "cut"> {
  try {
    return (await sending).status;
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } };
    if (["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(cause?.code ?? "")) return "cut";
    throw error;
  }
}

/** An access token as a project with signing keys makes it, with any claims: functions want to know which key it was. */
export async function signSession(
  secret: string,
  claims: Record<string, unknown>,
  expiresIn = "1h",
  header: { alg?: string; kid?: string } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: "local", ...header })
    .setIssuedAt()
    .setExpirationTime(expiresIn)
    .sign(new TextEncoder().encode(secret));
}

/** A code counts as leaked however it is grouped. */
function bare(text: string): string {
  return text.replaceAll("-", "").toUpperCase();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
