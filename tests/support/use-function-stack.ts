import { afterAll, beforeAll, expect } from "vitest";
import type { SigningKey } from "../../dev/stack/keys.ts";
import type { Mailbox } from "../../dev/stack/mailbox.ts";
import type { StackOptions } from "../../dev/stack/start-stack.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { type Sql, signUpBySql } from "./admin.ts";
import { proveAfterEach } from "./prove-after-each.ts";
import { membersWithPoints } from "./redemptions.ts";
import { runningStack } from "./target.ts";
import { startThrowawayStack, type ThrowawayStack } from "./throwaway-stack.ts";
import { type Client, type Member, openClient, signToken } from "./use-stack.ts";

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
  request_id: string;
}

/** A stack with functions that belongs to one test file. */
export interface FunctionStack {
  readonly url: string;
  readonly publishableKey: string;
  readonly secretKey: string;
  /** API key of the demo bakery; only with demo data. */
  readonly demoPartnerKey: string;
  /** Signs access tokens. */
  readonly signingKey: SigningKey;
  /** A secret that signs them, too. */
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
  /** Waits until the app is built; where it is. */
  app(): Promise<string>;
  /** Ends a function's process by force; its next request starts it again. */
  kill(name: string): Promise<void>;
}

/**
 * Starts a stack with functions for the tests of this file, proves after every test that the books are right, and after
 * the last one that the logs hold nothing secret.
 */
export function useFunctionStack(
  environment: Readonly<Record<string, string>> = {},
  options: Pick<StackOptions, "app" | "seed"> = {},
): FunctionStack {
  if (runningStack()) throw new Error("this file needs a stack of its own: name it in OWN_STACK of vitest.config.ts");
  const log: string[] = [];
  const secrets = new Set<string>();
  let started: ThrowawayStack | undefined;
  const own = (): ThrowawayStack => {
    if (!started) throw new Error("the stack has not been started yet");
    return started;
  };
  const running = () => own().stack;
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
    get demoPartnerKey() {
      return running().demoPartnerKey ?? "";
    },
    get signingKey() {
      return own().keys.signingKey;
    },
    get jwtSecret() {
      return own().keys.jwtSecret;
    },
    sql,
    get mailbox() {
      return running().mailbox;
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
          const token = await signToken(stack.signingKey, { sub: id, role: "authenticated", aud: "authenticated" });
          secrets.add(token);
          return { id, token, api: stack.client(token) };
        }),
      );
    },
    client: (token) => openClient(running(), token),
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
    async app() {
      const { appUrl, appBuilt } = running();
      const build = await appBuilt;
      if (appUrl === undefined || build?.kind !== "ready") throw new Error(`there is no app: ${JSON.stringify(build)}`);
      return appUrl;
    },
    kill: async (name) => void (await running().killFunction(name)),
  };

  beforeAll(async () => {
    started = await startThrowawayStack("functions", {
      ...options,
      functionEnvironment: environment,
      log: (line) => log.push(line),
    });
    const { keys } = started;
    const sealing = keys.sealingKeys.split(",").map((pair) => pair.split(":")[1] ?? pair);
    stack.keepSecret(
      keys.jwtSecret,
      keys.signingKey.d,
      keys.secretKey,
      keys.databasePassword,
      keys.codeIndexKey,
      ...sealing,
    );
  });
  proveAfterEach(sql);
  afterAll(async () => {
    await started?.remove();
    expect(stack.leaks()).toEqual([]);
  });
  return stack;
}

/** Status and body without the id of the request: what two answers must share so that nobody can tell them apart. */
export function faceOf({ status, json }: Answer<RefusalBody>): { status: number; body: Partial<RefusalBody> } {
  const { request_id: _, ...body } = json;
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

/** An access token that a shared secret signed, with any claims: functions want to know which key it was. */
export function signSession(
  secret: string,
  claims: Record<string, unknown>,
  expiresIn = "1h",
  header: { alg?: string; kid?: string } = {},
): Promise<string> {
  return signToken(secret, claims, expiresIn, { kid: "local", ...header });
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
