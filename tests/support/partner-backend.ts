import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";

/** A webhook whose signature was right. */
export interface ReceivedWebhook {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/**
 * A partner's own system as its developer would write it: takes webhooks at `/webhooks`, gives codes at `/codes`, and
 * believes only what is signed with the secrets it was given.
 */
export class PartnerBackend {
  /** Signing secret of the webhook endpoint. */
  webhookSecret = "";
  /** Signing secret of the connection. */
  connectionSecret = "";
  /** Every webhook, in the order of arrival. */
  readonly webhooks: ReceivedWebhook[] = [];
  /** Requests whose signature was wrong. */
  forged = 0;
  /** Whether the code system is out of order. */
  isDown = false;
  readonly #codes = new Map<string, string>();
  readonly #server = createServer(async (request, response) => {
    const [status, body] = await this.#answer(request, await text(request));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer({ url, headers }: IncomingMessage, body: string): Promise<[number, object]> {
    const secret = url === "/webhooks" ? this.webhookSecret : this.connectionSecret;
    let message: Omit<ReceivedWebhook, "id">;
    try {
      message = new Webhook(secret).verify(body, headers as Record<string, string>) as Omit<ReceivedWebhook, "id">;
    } catch {
      this.forged += 1;
      return [401, { error: "wrong signature" }];
    }
    if (url === "/webhooks") {
      this.webhooks.push({ id: String(headers["webhook-id"]), ...message });
      return [200, {}];
    }
    if (this.isDown) return [503, { error: "back in a minute" }];
    const key = String(headers["idempotency-key"]);
    const code = this.#codes.get(key) ?? `SWIM-${1000 + this.#codes.size}`;
    this.#codes.set(key, code);
    return [201, { code }];
  }
}
