import { beforeAll, describe, expect, test } from "vitest";
import { type Catalogue, type Column, fingerprint, readCatalogue } from "../support/catalogue.ts";
import { type Neighbourhood, populate } from "../support/neighbourhood.ts";
import { inParallel } from "../support/parallel.ts";
import { type Caller, codeIn, type RawRequest, type RawResponse, restOf } from "../support/rest.ts";
import { useStack } from "../support/use-stack.ts";

/** No client writes a table: every column of every table is tried, in every way PostgREST knows, by everybody. */

const stack = useStack();
const { sql, address } = stack;
const rest = restOf(address);
let catalogue: Catalogue;
let people: Neighbourhood;
beforeAll(async () => {
  catalogue = await readCatalogue(sql);
  people = await populate(stack);
});

/** A value that the column could hold, as a rule none of those planted there. */
function otherValue({ type, word }: Column): unknown {
  if (typeof word === "string") return word;
  if (type === "uuid") return people.attacker.id;
  if (type === "boolean") return true;
  if (/^(integer|bigint|numeric|double)/.test(type)) return 3;
  if (type.startsWith("timestamp")) return "2030-01-01T00:00:00Z";
  // as text, which also a domain over jsonb takes
  if (type === "jsonb") return '{"owned": true}';
  if (type.endsWith("[]")) return ["owned"];
  if (type.includes("geography")) return "SRID=4326;POINT(1 1)";
  if (type.includes("geometry")) return "SRID=4326;MULTIPOLYGON(((0 0, 1 0, 1 1, 0 0)))";
  if (type.startsWith("time ")) return "01:00";
  return "owned";
}

/** No right to, or a column that nobody may give a value. */
function isRefused(response: RawResponse): boolean {
  const code = codeIn(response);
  return ([401, 403].includes(response.status) && code === "42501") || (response.status === 400 && code === "428C9");
}

/** A row with a value for every column that takes one. */
function wholeRow(columns: readonly Column[]): Record<string, unknown> {
  const writable = columns.filter((column) => !column.isGenerated);
  return Object.fromEntries(writable.map((column) => [column.name, otherValue(column)]));
}

const WHO: readonly [string, () => Caller][] = [
  ["nobody", () => ({})],
  ["a member", () => ({ token: people.attacker.token })],
  ["the owner of the rows", () => ({ token: people.victim.token })],
  ["the service key", () => ({ apiKey: address.secretKey })],
];

describe.each(WHO)("%s", (_, caller) => {
  async function refusedEverywhere(attempts: readonly [path: string, request: RawRequest][]): Promise<void> {
    const before = await fingerprint(sql);
    const granted: string[] = [];
    await inParallel(attempts, async ([path, request]) => {
      const response = await rest(path, { ...caller(), ...request });
      if (!isRefused(response)) granted.push(`${request.method} ${path}: ${response.status} ${response.text}`);
    });
    expect(granted).toEqual([]);
    expect(attempts.length).toBeGreaterThan(0);
    expect(await fingerprint(sql)).toEqual(before);
  }

  test("cannot update any column of any table", async () => {
    await refusedEverywhere(
      catalogue.tables.flatMap(({ name, columns }) =>
        columns.map((column): [string, RawRequest] => [
          `${name}?${column.name}=not.is.null`,
          { method: "PATCH", body: { [column.name]: otherValue(column) } },
        ]),
      ),
    );
  });

  test("cannot insert into any table, with whole rows or single columns", async () => {
    await refusedEverywhere(
      catalogue.tables.flatMap(({ name, columns }): [string, RawRequest][] => {
        const row = wholeRow(columns);
        return [
          [name, { method: "POST", body: row }],
          [name, { method: "POST", body: [row, row] }],
          ...columns.map((column): [string, RawRequest] => [
            name,
            { method: "POST", body: { [column.name]: otherValue(column) } },
          ]),
        ];
      }),
    );
  });

  test("cannot upsert into any table", async () => {
    await refusedEverywhere(
      catalogue.tables.flatMap(({ name, columns }) => {
        const row = wholeRow(columns);
        return ["merge-duplicates", "ignore-duplicates"].map((resolution): [string, RawRequest] => [
          name,
          { method: "POST", body: row, headers: { prefer: `resolution=${resolution},return=representation` } },
        ]);
      }),
    );
  });

  test("cannot delete from any table", async () => {
    await refusedEverywhere(
      catalogue.tables.map(({ name, columns }): [string, RawRequest] => [
        `${name}?${columns[0]?.name}=not.is.null`,
        { method: "DELETE", headers: { prefer: "return=representation" } },
      ]),
    );
  });
});

test("columns that a command does not take are no arguments of it", async () => {
  const before = await fingerprint(sql);
  for (const [command, args] of [
    [
      "create_task",
      {
        title: "Mine",
        description: "x",
        category: "garten",
        latitude: 1,
        longitude: 1,
        points_reward: 1,
        status: "completed",
      },
    ],
    [
      "create_task",
      {
        title: "Mine",
        description: "x",
        category: "garten",
        latitude: 1,
        longitude: 1,
        points_reward: 1,
        creator_id: people.victim.id,
      },
    ],
    ["update_task", { task_id: people.openTaskId, helper_id: people.attacker.id }],
    ["update_task", { task_id: people.openTaskId, reward_funding: "community" }],
    ["update_profile", { name: "Eve", trust_score: 5 }],
    ["update_profile", { user_id: people.victim.id, name: "Eve" }],
    ["update_contact", { user_id: people.victim.id, address: "x" }],
    ["confirm_task", { task_id: people.assignedTaskId, points_reward: 1000 }],
  ] as const) {
    const response = await rest(`rpc/${command}`, { token: people.attacker.token, method: "POST", body: args });
    expect([command, response.status, codeIn(response)]).toEqual([command, 404, "PGRST202"]);
  }
  expect(await fingerprint(sql)).toEqual(before);
});
