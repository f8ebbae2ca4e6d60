import { beforeAll, describe, expect, test } from "vitest";
import { type Catalogue, type Rpc, readCatalogue } from "../support/catalogue.ts";
import { type Neighbourhood, populate } from "../support/neighbourhood.ts";
import { type Caller, codeIn, type RawResponse, restOf } from "../support/rest.ts";
import { useStack } from "../support/use-stack.ts";
import { type ApiRole, writtenRights } from "../support/written-rights.ts";

/** Callers without a member reach what the one list says; all else must answer "permission denied". */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let people: Neighbourhood;
beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  people = await populate(stack);
});

function isDenied(response: RawResponse, hasBody = true): boolean {
  return [401, 403].includes(response.status) && (!hasBody || codeIn(response) === "42501");
}

/** Arguments that fit, so that the answer is about the right to call and not about the call. */
function fittingArgs({ args }: Rpc): Record<string, unknown> {
  return Object.fromEntries(args.map(({ name, type }) => [name, type === "uuid" ? people.openTaskId : null]));
}

const WHO: readonly [string, ApiRole, () => Caller][] = [
  ["nobody", "anon", () => ({})],
  ["the service key", "service_role", () => ({ apiKey: address.secretKey })],
];

describe.each(WHO)("%s", (_, role, caller) => {
  const tables = writtenRights("select", role);

  test("reads exactly the tables of the list", async () => {
    const readable: string[] = [];
    for (const { name } of catalogue.tables) {
      const response = await rest(`${name}?select=*&limit=1`, caller());
      if (response.status === 200) readable.push(name);
      else expect([name, isDenied(response)]).toEqual([name, true]);
    }
    expect(readable).toEqual(tables);
  });

  test("learns nothing about the other tables from HEAD, counts or columns", async () => {
    for (const { name, columns } of catalogue.tables) {
      if (tables.includes(name)) continue;
      const head = await rest(name, { ...caller(), method: "HEAD", headers: { prefer: "count=exact" } });
      expect([name, isDenied(head, false), head.headers.get("content-range")]).toEqual([
        name,
        true,
        expect.not.stringMatching(/[1-9]/),
      ]);
      for (const column of columns) {
        expect([name, column.name, isDenied(await rest(`${name}?select=${column.name}`, caller()))]).toEqual([
          name,
          column.name,
          true,
        ]);
      }
    }
  });

  test("calls exactly the functions of the list", async () => {
    const computedFields = catalogue.rpcs.filter((rpc) => rpc.isComputedField).map(({ name }) => name);
    const callable: string[] = [];
    for (const rpc of catalogue.rpcs) {
      if (rpc.isComputedField) continue;
      const response = await rest(`rpc/${rpc.name}`, { ...caller(), method: "POST", body: fittingArgs(rpc) });
      // a refusal of its own is an answer too: the caller got in
      if (!isDenied(response)) callable.push(rpc.name);
    }
    expect(callable).toEqual(writtenRights("execute", role).filter((name) => !computedFields.includes(name)));
  });
});

test("nobody reaches another table through an allowed one", async () => {
  const open = writtenRights("select", "anon");
  const isOpen = (table: string) => open.includes(table);
  for (const { name, hint, from, to } of catalogue.relations) {
    for (const [start, end] of [
      [from, to],
      [to, from],
    ]) {
      if (start === undefined || !isOpen(start)) continue;
      const response = await rest(`${start}?select=*,${end}!${hint}(*)`);
      expect([name, end, end !== undefined && isOpen(end) ? response.status === 200 : isDenied(response)]).toEqual([
        name,
        end,
        true,
      ]);
    }
  }
});

test("the schema listing at the root is closed", async () => {
  for (const caller of [{}, { token: people.attacker.token }]) {
    const response = await rest("", caller);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.text).not.toMatch(/point_accounts|user_contacts/);
  }
});

describe("schemas that are not exposed", () => {
  const SCHEMAS = [
    "private",
    "ops",
    "auth",
    "extensions",
    "pg_catalog",
    "information_schema",
    "supabase_migrations",
    "local_stack",
    "PUBLIC",
    "public,private",
  ];

  test.each(SCHEMAS)("%s", async (schema) => {
    for (const caller of [{}, { token: people.attacker.token }, { apiKey: address.secretKey }]) {
      for (const [path, method] of [
        ["settings", "GET"],
        ["users", "GET"],
        ["pg_class", "HEAD"],
        ["users", "POST"],
        ["settings", "PATCH"],
        ["rpc/confirm_task", "POST"],
        ["rpc/run_due_jobs", "POST"],
        ["rpc/create_partner_key", "POST"],
        ["rpc/adjust_points", "GET"],
      ] as const) {
        const isRead = method === "GET" || method === "HEAD";
        const response = await rest(path, {
          ...caller,
          method,
          headers: { [isRead ? "accept-profile" : "content-profile"]: schema },
          ...(isRead ? {} : { body: {} }),
        });
        expect([schema, method, path, response.status]).toEqual([schema, method, path, 406]);
      }
    }
  });

  test("functions and tables of other schemas have no path either", async () => {
    const [bodies, operations] = await Promise.all([
      sql<{ name: string }>(
        "select distinct proname as name from pg_proc where pronamespace = 'private'::regnamespace",
      ),
      sql<{ name: string }>("select distinct proname as name from pg_proc where pronamespace = 'ops'::regnamespace"),
    ]);
    const exposed = new Set(catalogue.rpcs.map(({ name }) => name));
    const hidden = [...bodies, ...operations].map(({ name }) => name).filter((name) => !exposed.has(name));
    expect(hidden.length).toBeGreaterThan(20);
    for (const name of hidden) {
      for (const path of [`rpc/${name}`, `rpc/private.${name}`, `rpc/ops.${name}`]) {
        const response = await rest(path, { token: people.attacker.token, method: "POST", body: {} });
        expect([path, response.status]).toEqual([path, 404]);
      }
    }
    for (const path of [
      "private.settings",
      "settings",
      "audit_log",
      "open_tasks",
      "auth.users",
      "ledger_entries",
      "partner_api_keys",
      "reward_codes",
      "webhook_endpoints_health",
      "pg_class",
      "spatial_ref_sys",
      "schema_migrations",
    ]) {
      const response = await rest(`${path}?select=*`, { token: people.attacker.token });
      expect([path, response.status]).toEqual([path, 404]);
    }
  });
});
