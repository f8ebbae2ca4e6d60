import { z } from "zod";
import { requiredText, rowId } from "../_shared/contracts/fields.ts";
import { moment, word } from "../_shared/contracts/partners.ts";
import { MAX_NAME_LENGTH, PARTNER_SCOPES, SANDBOX_SCOPES } from "../_shared/contracts/words-and-limits.ts";
import { type Route, route } from "./route.ts";

const keyPath = z.strictObject({ id: rowId("api_key_not_found") });

/** Whether a key is for trying. */
export const is_sandbox = z.boolean().meta({ description: "For trying: it works on test codes alone." });

const apiKey = z
  .object({
    id: z.guid(),
    name: z.string(),
    scopes: z.array(z.enum(PARTNER_SCOPES)),
    is_sandbox,
    created_at: moment,
    last_used_at: moment.nullable().meta({ description: "To the minute." }),
    expires_at: moment.nullable().meta({ description: "Null: never." }),
  })
  .meta({ id: "ApiKey" });
const newApiKey = apiKey
  .extend({ key: z.string().meta({ description: "The key itself. Shown this once." }) })
  .meta({ id: "NewApiKey" });

const example = {
  id: "9b0c1d2e-0000-4000-8000-000000000005",
  name: "Till 3",
  scopes: ["redemptions:use" as const],
  is_sandbox: false,
  created_at: "2026-11-01T00:00:00+00:00",
  last_used_at: null,
  expires_at: null,
};
const withKeyExample = { ...example, key: `nhp_${"0123456789abcdef".repeat(4)}` };

/** Keys of tills, which a partner makes itself. Each leaves this function once. */
export const keyRoutes = {
  listApiKeys: route({
    method: "get",
    path: "/v1/keys",
    group: "Partner",
    summary: "Your living API keys",
    scope: "keys:write",
    answer: {
      status: 200,
      description: "All keys, without the keys themselves.",
      schema: z.object({ items: z.array(apiKey) }).meta({ id: "ApiKeyList" }),
      example: { items: [example] },
    },
    errors: [],
    work: async ({ ask }) => ({ items: await ask("list_api_keys", {}) }),
  }),
  createApiKey: route({
    method: "post",
    path: "/v1/keys",
    group: "Partner",
    summary: "Make a key, for example for a till",
    description:
      "It may do what your key may do, except `keys:write`, and work at a till in any case; it ends when your key ends. Give " +
      "each till its own: wrong codes are counted for each key. A sandbox key works on test codes alone, and what it can be " +
      `allowed is ${SANDBOX_SCOPES.map((scope) => `\`${scope}\``).join(", ")}.`,
    scope: "keys:write",
    body: z
      .strictObject({
        name: requiredText({ min: 1, max: MAX_NAME_LENGTH }).meta({ minLength: 1, maxLength: MAX_NAME_LENGTH }),
        scopes: z
          .array(word(PARTNER_SCOPES, "scope_invalid"), { error: "scope_invalid" })
          .min(1, "scope_invalid")
          .default(["redemptions:use"])
          .meta({ description: "Default: `redemptions:use`, which is what a till needs." }),
        is_sandbox: z.boolean({ error: "validation_failed" }).default(false),
      })
      .meta({ id: "ApiKeyWish" }),
    bodyExample: { name: "Till 3" },
    answer: { status: 201, description: "The new key.", schema: newApiKey, example: withKeyExample },
    errors: [
      "scope_invalid",
      "api_key_limit",
      "text_blank",
      "text_too_short",
      "text_too_long",
      "text_has_control_characters",
    ],
    work: ({ ask, body }) =>
      ask("create_api_key", { name: body.name, scopes: body.scopes, is_sandbox: body.is_sandbox }),
  }),
  rotateApiKey: route({
    method: "post",
    path: "/v1/keys/{id}/rotate",
    group: "Partner",
    summary: "Replace a key, also your own",
    description: "The new key may do the same and lives as long from now on; the old one works for another day.",
    scope: "keys:write",
    params: keyPath,
    answer: { status: 201, description: "The new key.", schema: newApiKey, example: withKeyExample },
    errors: ["api_key_not_found"],
    work: ({ ask, params }) => ask("rotate_api_key", { key_id: params.id }),
  }),
  revokeApiKey: route({
    method: "delete",
    path: "/v1/keys/{id}",
    group: "Partner",
    summary: "End a key at once",
    scope: "keys:write",
    params: keyPath,
    answer: { status: 204, description: "It is dead." },
    errors: ["api_key_not_found"],
    work: ({ ask, params }) => ask("revoke_api_key", { key_id: params.id }),
  }),
} satisfies Record<string, Route>;
