import { z } from "zod";
import { moment, secret, url } from "../_shared/contracts/partners.ts";
import { Problem } from "../_shared/problem.ts";
import { newWebhookSecret } from "../_shared/signatures.ts";
import { type Call, type Route, route } from "./route.ts";

/** An address that may be called. @throws Problem `webhook_url_invalid` */
export async function requireCallable({ outbound }: Pick<Call, "outbound">, address: string): Promise<void> {
  const reason = await outbound.check(address);
  if (reason !== undefined) throw new Problem("webhook_url_invalid", { detail: reason });
}

/** A new secret: in plain for the partner, who sees it once, and sealed for the database. */
export async function newSecret({ sealer }: Pick<Call, "sealer">): Promise<{ plain: string; sealed: string }> {
  const plain = newWebhookSecret();
  return { plain, sealed: await sealer.seal("secret", plain) };
}

/** A secret, for examples. */
export const SECRET_EXAMPLE = "whsec_ZXhhbXBsZSBzZWNyZXQgb2YgMzIgYnl0ZXMgLi4uLi4=";

const example = { url: "https://codes.bakery.example/v1" };

/** How we reach the partner's own code system. */
export const connectionRoutes = {
  connectPartner: route({
    method: "put",
    path: "/v1/connection",
    group: "Connection",
    summary: "Say where we ask for your codes",
    description:
      "For rewards whose `code_source` is `partner_api`, and for events you send us. Every call makes a new secret, with " +
      "which we sign requests and you sign events; those before count for another 24 hours.",
    scope: "connection:write",
    isCostly: true,
    body: z
      .strictObject({
        url: url.nullable().meta({ description: "A public https address; null when you send codes by event only." }),
      })
      .meta({ id: "ConnectionAddress" }),
    bodyExample: example,
    answer: {
      status: 200,
      description: "The connection with its secret.",
      schema: z.object({ url: z.string().nullable(), updated_at: moment, secret }).meta({ id: "Connection" }),
      example: { ...example, updated_at: "2026-11-01T00:00:00+00:00", secret: SECRET_EXAMPLE },
    },
    errors: ["webhook_url_invalid"],
    async work(call) {
      const { ask, body } = call;
      if (body.url !== null) await requireCallable(call, body.url);
      const { plain, sealed } = await newSecret(call);
      const connection: object = await ask("connect_partner", { url: body.url, secret_ciphertext: sealed });
      return { ...connection, secret: plain };
    },
  }),
} satisfies Record<string, Route>;
