import { afterAll, beforeAll, expect } from "vitest";
import type { SigningKey } from "../../dev/stack/keys.ts";
import type { Mailbox } from "../../dev/stack/mailbox.ts";
import { createSealer } from "../../supabase/functions/_shared/sealing.ts";
import { type Sql, signUpBySql } from "./admin.ts";
import { proveAfterEach } from "./prove-after-each.ts";
import { membersWithPoints } from "./redemptions.ts";
import { type Answer, type RefusalBody, type SentRequest, send } from "./requests.ts";
import { runningStack } from "./target.ts";
import { startThrowawayStack, type ThrowawayStack } from "./throwaway-stack.ts";
import { type Client, type Member, openClient, signIn, signToken } from "./use-stack.ts";

/** A stack with functions that belongs to one test file. */
export interface FunctionStack {
  readonly url: string;
  readonly publishableKey: string;
  readonly secretKey: string;
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
  /** Ends a function's process by force; its next request starts it again. */
  kill(name: string): Promise<void>;
}

/**
 * Starts a stack with functions for the tests of this file, proves after every test that the books are right, and after
 * the last one that the logs hold nothing secret.
 */
export function useFunctionStack(environment: Readonly<Record<string, string>> = {}): FunctionStack {
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
    send: (path, request) => send(running().url, path, request),
    async members(count, points = 0) {
      const ids = points === 0 ? await signUpBySql(sql, count) : await membersWithPoints(sql, count, points);
      const members = await Promise.all(ids.map((id) => signIn(stack, id)));
      stack.keepSecret(...members.map(({ token }) => token));
      return members;
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
    kill: async (name) => void (await running().killFunction(name)),
  };

  beforeAll(async () => {
    started = await startThrowawayStack("functions", {
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
