import { createClient } from "@supabase/supabase-js";
import type { Database, NeighbourhoodSupabase } from "../../../src/client/index.ts";
import { argumentsIn, type SeenRequest } from "./fake-rest.ts";

/** What a client wants to join a channel with. */
export interface Join {
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly token: unknown;
}

/** What becomes of the next connections: they work, the channel is refused, or nobody is there. */
export type Reception = "welcome" | "refused" | "absent";

/** A message of the Phoenix protocol. */
interface Message {
  readonly joinRef: string | null;
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: { access_token?: unknown; config?: { private?: boolean } };
}

/** The same in the newer version of the protocol. */
type ListMessage = [joinRef: string, ref: string, topic: string, event: string, payload: Message["payload"]];

/** A Realtime server without a network: speaks as much of the protocol as one broadcast channel needs. */
export class FakeRealtime {
  reception: Reception = "welcome";
  readonly joins: Join[] = [];
  readonly left: string[] = [];
  #sockets: FakeSocket[] = [];

  /** How many connections are open. */
  get open(): number {
    return this.#sockets.filter(({ readyState }) => readyState === 1).length;
  }

  /** A supabase-js client that talks to this server, and to `rest` for everything else. */
  client(token: string, rest: (request: SeenRequest) => Response | Promise<Response>): NeighbourhoodSupabase {
    const server = this;
    return createClient<Database>("http://rest.test", "publishable-key", {
      accessToken: async () => token,
      global: {
        fetch: async (input, init) => {
          const request = new Request(input as Request, init);
          const { pathname, searchParams } = new URL(request.url);
          const text = await request.text();
          return rest({
            method: request.method,
            path: pathname.replace(/^\/(?:rest\/v1\/)?/u, ""),
            query: searchParams,
            headers: request.headers,
            body: text === "" ? argumentsIn(new URL(request.url)) : JSON.parse(text),
          });
        },
      },
      realtime: {
        transport: class extends FakeSocket {
          constructor() {
            super(server);
            server.#sockets.push(this);
          }
        } as never,
      },
    });
  }

  /** Sends a broadcast to everybody. */
  broadcast(topic: string, event: string, payload: object): void {
    for (const socket of this.#sockets) {
      socket.deliver(
        { joinRef: null, ref: null, topic: `realtime:${topic}`, event: "broadcast" },
        { type: "broadcast", event, payload },
      );
    }
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.drop();
    this.#sockets = [];
  }
}

/** The part of a WebSocket that supabase-js uses. */
class FakeSocket {
  readonly #server: FakeRealtime;
  readyState = 0;
  onopen: ((event: object) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  #isList = false;

  constructor(server: FakeRealtime) {
    this.#server = server;
    setTimeout(() => {
      if (server.reception === "absent") {
        this.onerror?.({});
        this.drop();
      } else if (this.readyState === 0) {
        this.readyState = 1;
        this.onopen?.({});
      }
    });
  }

  send(data: string): void {
    const message = this.#read(JSON.parse(data));
    if (message.event === "phx_join") {
      const { access_token: token, config } = message.payload;
      const isPrivate = config?.private === true;
      this.#server.joins.push({ topic: message.topic.replace("realtime:", ""), isPrivate, token });
      const isWelcome = this.#server.reception === "welcome";
      const response = isWelcome ? { postgres_changes: [] } : { reason: "Unauthorized" };
      this.deliver({ ...message, event: "phx_reply" }, { status: isWelcome ? "ok" : "error", response });
    } else if (message.event === "phx_leave") {
      this.#server.left.push(message.topic.replace("realtime:", ""));
      this.deliver({ ...message, event: "phx_reply" }, { status: "ok", response: {} });
    } else if (message.event === "heartbeat") {
      this.deliver({ ...message, event: "phx_reply" }, { status: "ok", response: {} });
    }
  }

  close(): void {
    this.drop();
  }

  drop(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code: 1006, reason: "", wasClean: false });
  }

  deliver({ joinRef, ref, topic, event }: Omit<Message, "payload">, payload: object): void {
    const message = this.#isList
      ? [joinRef, ref, topic, event, payload]
      : { join_ref: joinRef, ref, topic, event, payload };
    setTimeout(() => {
      if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify(message) });
    });
  }

  /** Both versions of the protocol. */
  #read(message: (Omit<Message, "joinRef"> & { join_ref?: string | null }) | ListMessage): Message {
    this.#isList = Array.isArray(message);
    if (!Array.isArray(message)) return { ...message, joinRef: message.join_ref ?? null };
    const [joinRef, ref, topic, event, payload] = message;
    return { joinRef, ref, topic, event, payload };
  }
}
