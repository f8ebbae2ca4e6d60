import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** Before the database hears of a command, or after it has run it and before the function hears of that. */
export type Moment = "before" | "after";

/** What happens, once, at a moment of a command. */
interface Strike {
  command: string;
  moment: Moment;
  strike: () => Promise<void>;
}

/** Stands between the functions and the database's REST API, and lets a test strike between two steps of a function. */
export class DatabaseProxy {
  #target = "";
  #armed: Strike | undefined;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy());
  });

  /** Starts to listen; requests are passed on from {@link passOnTo} on. */
  static async open(): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  passOnTo(target: string): void {
    this.#target = target;
  }

  /** Strikes at the next such command, whose answer then breaks off. */
  arm(moment: Moment, command: string, strike: () => Promise<void>): void {
    this.#armed = { command, moment, strike };
  }

  /** Whether the strike is still to come. */
  get isArmed(): boolean {
    return this.#armed !== undefined;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const armed = request.url?.endsWith(`/rpc/${this.#armed?.command}`) ? this.#armed : undefined;
    if (armed) this.#armed = undefined;
    if (armed?.moment === "before") return strikeAndHangUp(armed, response);
    const answer = await fetch(`${this.#target}${request.url}`, {
      method: request.method ?? "POST",
      headers: headersOf(request),
      body,
    });
    const answered = await answer.text();
    if (armed) return strikeAndHangUp(armed, response);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(answered);
  }
}

async function strikeAndHangUp({ strike }: Strike, response: ServerResponse): Promise<void> {
  await strike();
  // begun, because an HTTP client repeats by itself what was hung up on without a word
  response.writeHead(200, { "content-type": "application/json", "content-length": 1_000 });
  response.write("{", () => response.destroy());
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const own = Object.entries(headers).filter(([name]) => !["host", "connection", "content-length"].includes(name));
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}
