import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ERRORS, isErrorSlug } from "../../supabase/functions/_shared/contracts/errors.ts";
import { WEBHOOK_EVENT_TYPES } from "../../supabase/functions/_shared/contracts/words-and-limits.ts";
import {
  codeRequest,
  codeRequestExample,
  ENDPOINT_EVENTS,
  partnerEventExample,
  partnerEvents,
} from "../../supabase/functions/partner/events.ts";
import { describeApi } from "../../supabase/functions/partner/openapi.ts";
import { errorsOf, type Route } from "../../supabase/functions/partner/route.ts";
import { ROUTES } from "../../supabase/functions/partner/routes.ts";
import { readMigrations } from "./support/migrations.ts";

const SERVER = "https://project.example/functions/v1/partner";
const routes = Object.entries(ROUTES) as [string, Route][];

interface Operation {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[];
  requestBody?: { required: boolean; content: Record<string, { schema: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: unknown; examples?: Record<string, unknown> }> }>;
}

const document = describeApi(SERVER) as unknown as {
  servers: unknown;
  paths: Record<string, Record<string, Operation>>;
  webhooks: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
};
const operationOf = ({ path, method }: Route): Operation => {
  const operation = document.paths[path]?.[method];
  if (operation === undefined) throw new Error(`${method} ${path} is not documented`);
  return operation;
};

describe("the partner API's OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    expect(await validator.validate(structuredClone(document))).toEqual({ valid: true });
    expect(validator.version).toBe("3.1");
  });

  test("refers to nothing that is missing, and names nothing that is not used", () => {
    const text = JSON.stringify(document);
    const used = new Set([...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/gu)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(document.components.schemas).sort());
    expect([...text.matchAll(/"\$ref"/gu)].length).toBe(
      [...text.matchAll(/"\$ref":"#\/components\/schemas\//gu)].length,
    );
  });

  test("says where the API is", () => {
    expect(document.servers).toEqual([{ url: SERVER }]);
  });

  test("has an operation for every route, one for what partners tell, and no other", () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => `${operationId}: ${method} ${path}`),
    );
    const served = routes.map(([name, { method, path }]) => `${name}: ${method} ${path}`);
    expect(documented.sort()).toEqual([...served, "sendPartnerEvent: post /{partner_id}"].sort());
    expect(document.paths["/{partner_id}"]).toMatchObject({ post: { servers: [{ url: `${SERVER}-events` }] } });
  });

  test("tells what we send: everything that endpoints are sent, and the question for a code", () => {
    expect(Object.keys(document.webhooks)).toEqual([...WEBHOOK_EVENT_TYPES, "webhook.test", "code.requested"]);
    for (const { post } of Object.values(document.webhooks)) {
      const headers = post?.parameters?.map(({ name, required }) => [name, required]);
      for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
        expect(headers).toContainEqual([name, true]);
      }
      expect(post?.requestBody).toMatchObject({ required: true, content: { "application/json": {} } });
    }
  });

  test("gives patterns that any language reads", () => {
    const patterns = [...JSON.stringify(document).matchAll(/"pattern":("(?:[^"\\\\]|\\\\.)*")/gu)].map(
      ([, text = ""]) => text,
    );
    expect(patterns).not.toEqual([]);
    for (const pattern of patterns) expect(JSON.parse(pattern)).toMatch(/^\^[^\\]*\$$/u);
  });

  test("has the database's spelling everywhere", () => {
    const names = [...JSON.stringify(document).matchAll(/"(\w+)":\{"(?:type|\$ref|anyOf)"/gu)].map(([, name]) => name);
    expect(names).toContain("till_reference");
    const keywords = ["additionalProperties", "apiKey", "schema", "items"];
    const schemas = Object.keys(document.components.schemas);
    expect(names.filter((name = "") => /[A-Z]/u.test(name) && ![...keywords, ...schemas].includes(name))).toEqual([]);
  });

  test("is open to everybody itself; everything else needs a key", () => {
    const withoutKey = routes.filter(([, route]) => operationOf(route).security.length === 0).map(([name]) => name);
    expect(withoutKey).toEqual(["readDescription"]);
  });
});

describe("the commands behind the routes", () => {
  const sql = readMigrations();
  const commandOf = (name: string): string =>
    name
      .replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`)
      .replace(/^list_(?=rewards|redemptions)/u, "list_partner_");

  test.each(routes.filter(([, { scope }]) => scope !== undefined))(
    "%s documents what its command may answer",
    (name, route) => {
      const comment = new RegExp(
        `comment on function public\\.${commandOf(name)}\\([^)]*\\) is\\s+'((?:[^']|'')*)'`,
        "u",
      );
      const [, scope = "", errors = ""] =
        /Scope: ([a-z:]+)\. Errors: (.*)\.$/u.exec(comment.exec(sql)?.[1] ?? "") ?? [];
      expect(scope).toBe(route.scope ?? "none");
      const slugs = errors
        .replace(/\([^)]*\)/gu, "")
        .split(/,\s*/u)
        .map((slug) => slug.trim());
      expect(slugs).toContain("api_key_invalid");
      const known = route.scope === null ? [...errorsOf(route), "scope_missing"] : errorsOf(route);
      expect(slugs.filter((slug) => !known.some((one) => one === slug))).toEqual([]);
    },
  );
});

test.each([
  ...Object.entries(ENDPOINT_EVENTS).map(([type, { schema, example }]) => [type, schema, example] as const),
  ["code.requested", codeRequest, codeRequestExample] as const,
  ["what partners tell", partnerEvents, partnerEventExample] as const,
])("the example of %s keeps to its schema", (name, schema, example) => {
  expect(schema.safeParse(example).error).toBeUndefined();
  if (schema instanceof z.ZodObject) {
    expect(schema.strict().safeParse(example).error).toBeUndefined();
    expect(example).toMatchObject({ type: name });
  }
});

describe.each(routes)("%s", (_name, route) => {
  const operation = operationOf(route);

  test("describes what goes in", () => {
    const inPath = [...route.path.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name);
    const documented = (operation.parameters ?? []).filter((parameter) => parameter.in === "path");
    expect(documented.map(({ name }) => name)).toEqual(inPath);
    expect(documented.every(({ required }) => required)).toBe(true);
    for (const { schema } of operation.parameters ?? []) expect(schema).toHaveProperty("type");
    expect(operation.requestBody === undefined).toBe(route.body === undefined);
  });

  test("refuses unknown fields", () => {
    for (const schema of [route.params, route.query, route.body]) {
      if (schema === undefined) continue;
      expect(schema.safeParse({ surprise: 1 }).error?.issues.some(({ code }) => code === "unrecognized_keys")).toBe(
        true,
      );
    }
  });

  test("gives examples that keep to their schemas", () => {
    if (route.body !== undefined) expect(route.body.safeParse(route.bodyExample).error).toBeUndefined();
    if (route.answer.schema instanceof z.ZodObject) {
      expect(route.answer.schema.strict().safeParse(route.answer.example).error).toBeUndefined();
    }
  });

  test("lists each error under its status, with an example", () => {
    const errors = errorsOf(route);
    expect(new Set(errors).size).toBe(errors.length);
    for (const slug of errors) {
      const response = operation.responses[String(ERRORS[slug].status)];
      expect(response?.content?.["application/json"]?.examples).toHaveProperty(slug);
    }
    const documented = Object.values(operation.responses).flatMap(({ content }) =>
      Object.keys(content?.["application/json"]?.examples ?? {}),
    );
    expect(documented.filter(isErrorSlug).sort()).toEqual([...errors].sort());
  });
});
