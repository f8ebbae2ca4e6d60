import { z } from "zod";
import { moment } from "../_shared/contracts/partners.ts";
import { PARTNER_SCOPES } from "../_shared/contracts/words-and-limits.ts";
import { is_sandbox } from "./keys.ts";
import { describeApi } from "./openapi.ts";
import { type Route, route } from "./route.ts";

/** Who calls, and what can be called. */
export const partnerRoutes = {
  readPartner: route({
    method: "get",
    path: "/v1/me",
    group: "Partner",
    summary: "Who am I, and what may this key do?",
    scope: null,
    answer: {
      status: 200,
      description: "You.",
      schema: z
        .object({
          id: z.guid(),
          name: z.string(),
          description: z.string().nullable(),
          website_url: z.string().nullable(),
          logo_url: z.string().nullable(),
          is_active: z.boolean(),
          key: z.object({
            id: z.guid(),
            name: z.string(),
            scopes: z.array(z.enum(PARTNER_SCOPES)),
            is_sandbox,
            expires_at: moment.nullable(),
          }),
        })
        .meta({ id: "Partner" }),
      example: {
        id: "9b0c1d2e-0000-4000-8000-000000000001",
        name: "Backstube Beispiel",
        description: "Bread from an invented bakery.",
        website_url: "https://bakery.example",
        logo_url: null,
        is_active: true,
        key: {
          id: "9b0c1d2e-0000-4000-8000-000000000005",
          name: "Till 3",
          scopes: ["redemptions:read", "redemptions:use"],
          is_sandbox: false,
          expires_at: null,
        },
      },
    },
    errors: [],
    work: ({ ask }) => ask("read_partner", {}),
  }),
  readDescription: route({
    method: "get",
    path: "/v1/openapi.json",
    group: "Partner",
    summary: "This document",
    answer: { status: 200, description: "An OpenAPI 3.1 document." },
    errors: [],
    work: async ({ serverUrl }) => Response.json(describeApi(serverUrl)),
  }),
} satisfies Record<string, Route>;
