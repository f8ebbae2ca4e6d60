import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** One request to the partner's code service, in a behaviour's hands. */
export interface Exchange {
  /** What keeps the request apart from others: the id of the redemption. */
  key: string;
  request: IncomingMessage;
  response: ServerResponse;
  /** Makes the code of this key, or finds the one that was made before. From then on the partner counts it as given. */
  issue(): string;
  /** Answers with JSON. */
  answer(status: number, body: unknown, headers?: Readonly<Record<string, string>>): void;
}

/** What the code service does with a request. */
export type Behaviour = (exchange: Exchange) => void | Promise<void>;

/** One request, as the partner remembers it. */
export interface JournalEntry {
  key: string;
  /** Signed by Standard Webhooks with the secret of the connection, for this very key. */
  isSignedRight: boolean;
  body: string;
  /** Bytes of the answer that could be sent before the other side had enough. */
  answeredBytes: number;
}

/** A webhook as it arrived, or an event to send. */
export interface PartnerMessage {
  id: string;
  type: string;
  data: Readonly<Record<string, unknown>>;
}

/** How an event is sent; everything but the address has a right value. */
export interface Delivery {
  url: string;
  /** When the partner's clock says it is sent. */
  at?: Date;
  /** When it happened. */
  timestamp?: Date;
  secret?: string;
}

/** Everything a partner's code service may do to us. */
export const behaviours = {
  ok: ({ issue, answer }) => answer(201, { code: issue() }),
  /** Acts, and answers when nobody waits any more. */
  slow: async ({ issue, answer }) => {
    const code = issue();
    await pause(9_000);
    answer(201, { code });
  },
  dropsBeforeActing: ({ response }) => void response.socket?.destroy(),
  dropsAfterActing: ({ issue, response }) => {
    issue();
    response.socket?.destroy();
  },
  dropsInsideTheAnswer: ({ issue, response }) => {
    const code = issue();
    response.writeHead(201, { "content-type": "application/json", "content-length": 200 });
    response.write(`{"code":"${code}"`, () => response.socket?.destroy());
  },
  failsBeforeActing: ({ answer }) => answer(500, { error: "out of order" }),
  failsAfterActing: ({ issue, answer }) => {
    issue();
    answer(500, { error: "out of order" });
  },
  isBusy: ({ answer }) => answer(429, { error: "busy" }, { "retry-after": "120" }),
  answersGarbage: ({ issue, response }) => {
    issue();
    response.writeHead(200, { "content-type": "application/json" }).end("<html>It works!</html>");
  },
  answersAnotherShape: ({ issue, answer }) => answer(200, { data: { code: issue() } }),
  /** A gigabyte of blanks, before the code comes at last. */
  answersWithoutEnd: async ({ issue, response }) => {
    const code = issue();
    const blanks = Buffer.alloc(1024 * 1024, " ");
    response.writeHead(200, { "content-type": "application/json" });
    for (let sent = 0; sent < 1024 && !response.destroyed; sent++) {
      if (!response.write(blanks)) await drained(response);
    }
    response.end(JSON.stringify({ code }));
  },
  redirectsInside: redirects("http://169.254.169.254/"),
} satisfies Record<string, Behaviour>;

/** Says no, for good. */
export function refuses(status: number): Behaviour {
  return ({ answer }) => answer(status, { error: "no" });
}

/** Sends the caller somewhere else. */
export function redirects(location: string): Behaviour {
  return ({ response }) => void response.writeHead(307, { location }).end();
}

/** Gives a code that somebody else has. */
export function gives(code: string): Behaviour {
  return ({ answer }) => answer(200, { code });
}

/**
 * A partner's own system, as a real HTTP server: gives one code per key, whatever happens on the way, unless the script
 * says otherwise; takes webhooks; sends events.
 */
export class PartnerServer {
  readonly secret: string = `whsec_${Buffer.from(randomUUID()).toString("base64")}`;
  /** What webhooks are signed with, where it is not the same secret. */
  webhookSecret: string = this.secret;
  /** What requests for codes are signed with, where it is not the same secret. */
  connectionSecret: string = this.secret;
  /** Every request to the code service. */
  readonly journal: JournalEntry[] = [];
  /** Codes that the partner counts as given, by key. */
  readonly issued = new Map<string, string>();
  /** Every webhook that arrived. */
  readonly webhooks: (PartnerMessage & { timestamp: string })[] = [];
  /** Requests and webhooks whose signature was wrong. */
  forged = 0;
  /** Called when a webhook has arrived and before it is answered. */
  onWebhook: (message: PartnerMessage) => void | Promise<void> = () => undefined;
  #script: Behaviour[] = [];
  #always: Behaviour = behaviours.ok;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** Where it listens. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What happens to the next requests for codes, one after the other. */
  script(...script: readonly Behaviour[]): void {
    this.#script = [...script];
  }

  /** What happens to requests for codes that no script speaks of. */
  always(behaviour: Behaviour): void {
    this.#always = behaviour;
  }

  /** Requests for one key. */
  requestsFor(key: string): JournalEntry[] {
    return this.journal.filter((entry) => entry.key === key);
  }

  /** Sends an event, signed as it should be or as the delivery says. */
  async sendEvent({ id, type, data }: PartnerMessage, delivery: Delivery): Promise<{ status: number; body: unknown }> {
    const at = delivery.at ?? new Date();
    const body = JSON.stringify({ type, timestamp: (delivery.timestamp ?? at).toISOString(), data });
    const response = await fetch(delivery.url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(delivery.secret ?? this.secret).sign(id, at, body),
      },
      body,
    });
    return { status: response.status, body: await response.json() };
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    if (request.url === "/webhooks") return this.#takeWebhook(request, response, body);
    const key = String(request.headers["idempotency-key"]);
    const isSignedRight = this.#isSignedRight(this.connectionSecret, request, key, body);
    const entry: JournalEntry = { key, isSignedRight, body, answeredBytes: 0 };
    this.journal.push(entry);
    const { socket } = response;
    const before = socket?.bytesWritten ?? 0;
    response.once("close", () => {
      entry.answeredBytes = (socket?.bytesWritten ?? before) - before;
    });
    const behave = this.#script.shift() ?? this.#always;
    await behave({
      key,
      request,
      response,
      issue: () => this.#issue(key),
      answer: (status, answer, headers = {}) =>
        void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answer)),
    });
  }

  async #takeWebhook(request: IncomingMessage, response: ServerResponse, body: string): Promise<void> {
    const id = String(request.headers["webhook-id"]);
    if (!this.#isSignedRight(this.webhookSecret, request, id, body)) {
      response.writeHead(401).end();
      return;
    }
    const message = { id, ...(JSON.parse(body) as Omit<PartnerMessage & { timestamp: string }, "id">) };
    this.webhooks.push(message);
    await this.onWebhook(message);
    response.writeHead(204).end();
  }

  #issue(key: string): string {
    const code = this.issued.get(key) ?? `SHOP ${randomUUID()}`;
    this.issued.set(key, code);
    return code;
  }

  #isSignedRight(secret: string, { headers }: IncomingMessage, id: string, body: string): boolean {
    try {
      new Webhook(secret).verify(body, headers as Record<string, string>);
      if (headers["webhook-id"] === id) return true;
    } catch {
      // counted below
    }
    this.forged += 1;
    return false;
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    response.once("drain", resolve).once("close", resolve);
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
