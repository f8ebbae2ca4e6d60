import { Problem } from "../_shared/problem.ts";
import { newWebhookSecret } from "../_shared/signatures.ts";
import type { Call, Handlers } from "./call.ts";

/** How we reach the partner: its own code system, and its webhook endpoints. Secrets leave this function once. */
export const webhookHandlers = {
  async connectPartner(call) {
    const { database, keyHash, body } = call;
    if (body.url !== null) await requireCallable(call, body.url);
    const { secret, sealed } = await newSecret(call);
    const connection: object = await database.call("connect_partner", {
      api_key_hash: keyHash,
      url: body.url,
      secret_ciphertext: sealed,
    });
    return { ...connection, secret };
  },

  async listWebhookEndpoints({ database, keyHash }) {
    return { items: await database.call("list_webhook_endpoints", { api_key_hash: keyHash }) };
  },

  async createWebhookEndpoint(call) {
    const { database, keyHash, body } = call;
    await requireCallable(call, body.url);
    const { secret, sealed } = await newSecret(call);
    const endpoint: object = await database.call("create_webhook_endpoint", {
      api_key_hash: keyHash,
      url: body.url,
      event_types: body.eventTypes,
      secret_ciphertext: sealed,
    });
    return { ...endpoint, secret };
  },

  async rotateWebhookSecret(call) {
    const { database, keyHash, path } = call;
    const { secret, sealed } = await newSecret(call);
    const endpoint: object = await database.call("rotate_webhook_secret", {
      api_key_hash: keyHash,
      endpoint_id: path.id,
      secret_ciphertext: sealed,
    });
    return { ...endpoint, secret };
  },

  deleteWebhookEndpoint: ({ database, keyHash, path }) =>
    database.call("delete_webhook_endpoint", { api_key_hash: keyHash, endpoint_id: path.id }),

  listWebhookMessages: ({ database, keyHash, query }) =>
    database.call("list_webhook_messages", {
      api_key_hash: keyHash,
      status: query.status ?? null,
      page_size: query.pageSize,
      after: query.after ?? null,
    }),

  replayWebhookMessage: ({ database, keyHash, path }) =>
    database.call("replay_webhook_message", { api_key_hash: keyHash, message_id: Number(path.id) }),
} satisfies Partial<Handlers>;

async function requireCallable({ outbound }: Pick<Call, "outbound">, url: string): Promise<void> {
  const reason = await outbound.check(url);
  if (reason !== undefined) throw new Problem("webhook_url_invalid", { detail: reason });
}

async function newSecret({ sealer }: Pick<Call, "sealer">): Promise<{ secret: string; sealed: string }> {
  const secret = newWebhookSecret();
  return { secret, sealed: await sealer.seal("secret", secret) };
}
