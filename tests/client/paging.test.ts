import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, fakeRest, fakeRestSignedIn, json, type SeenRequest } from "./support/fake-rest.ts";

interface KeyedRow {
  readonly created_at: string;
  readonly id: string;
}

const newestFirst = (a: KeyedRow, b: KeyedRow): number =>
  a.created_at === b.created_at ? (a.id < b.id ? 1 : -1) : a.created_at < b.created_at ? 1 : -1;

/** Reads `or=(created_at.lt."T",and(created_at.eq."T",id.lt.I))` as PostgREST does. */
function isAfter(filter: string | null, row: KeyedRow): boolean {
  if (filter === null) return true;
  const match = /^\(created_at\.lt\."([^"]+)",and\(created_at\.eq\."([^"]+)",id\.lt\.([0-9a-f-]+)\)\)$/u.exec(filter);
  if (match === null) throw new Error(`not the filter of a keyset: ${filter}`);
  const [, before = "", equal = "", id = ""] = match;
  return row.created_at < before || (row.created_at === equal && row.id < id);
}

/** A table of rows with keyset filter, order and limit. */
function table(rows: readonly KeyedRow[]): Answer {
  return ({ query }: SeenRequest) =>
    json(
      rows
        .filter((row) => isAfter(query.get("or"), row))
        .sort(newestFirst)
        .slice(0, Number(query.get("limit"))),
    );
}

const row = fc
  .record({ microseconds: fc.integer({ min: 0, max: 3 }), id: fc.uuid() })
  .map(({ microseconds, id }): KeyedRow => ({ created_at: `2026-11-21T08:00:00.12345${microseconds}+00:00`, id }));

describe("lists by moment and id", () => {
  test("give every row once and in order, also when many share a microsecond", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        async (rows, pageSize) => {
          const { client } = await fakeRestSignedIn(table(rows));
          const ids: string[] = [];
          for await (const task of client.tasks.mine({ as: "creator", page_size: pageSize })) ids.push(task.id);
          expect(ids).toEqual([...rows].sort(newestFirst).map(({ id }) => id));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("give the rewards as well", async () => {
    const rows = ["a", "b", "c", "d", "e"].map((letter) => ({
      created_at: "2026-11-21T08:00:00.5+00:00",
      id: `${letter.repeat(8)}-0000-4000-8000-000000000000`,
    }));
    const { client, requests } = fakeRest(table(rows));
    const seen: string[] = [];
    for await (const reward of client.rewards.list({ page_size: 2 })) seen.push(reward.id[0] ?? "");
    expect(seen).toEqual(["e", "d", "c", "b", "a"]);
    expect(requests).toHaveLength(3);
  });

  test("go on from a page's next, exactly", async () => {
    const rows = ["a", "b", "c"].map((letter) => ({
      created_at: "2026-11-21T08:00:00.5+00:00",
      id: `${letter.repeat(8)}-0000-4000-8000-000000000000`,
    }));
    const { client } = await fakeRestSignedIn(table(rows));
    const first = await client.tasks.myOffersPage({ page_size: 2 });
    expect(first.items.map(({ id }) => id[0])).toEqual(["c", "b"]);
    const second = await client.tasks.myOffersPage({
      page_size: 2,
      ...(first.next === null ? {} : { after: first.next }),
    });
    expect(second.items.map(({ id }) => id[0])).toEqual(["a"]);
    expect(second.next).toBeNull();
  });
});

describe("the point history", () => {
  const ledger =
    (count: number): Answer =>
    ({ query }) => {
      const before = Number(query.get("id")?.replace("lt.", "") ?? count + 1);
      const ids = Array.from({ length: count }, (_, index) => count - index).filter((id) => id < before);
      return json(ids.slice(0, Number(query.get("limit"))).map((id) => ({ id })));
    };

  test("gives every row once, newest first", async () => {
    const { client, requests } = fakeRest(ledger(10));
    const ids: number[] = [];
    for await (const entry of client.points.history({ page_size: 4 })) ids.push(entry.id);
    expect(ids).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(requests).toHaveLength(3);
  });

  test("asks for nothing more when the loop is left", async () => {
    const { client, requests } = fakeRest(ledger(10));
    for await (const entry of client.points.history({ page_size: 3 })) {
      if (entry.id === 8) break;
    }
    expect(requests).toHaveLength(1);
  });

  test("asks for nothing before the loop starts", () => {
    const { client, requests } = fakeRest(ledger(10));
    client.points.history();
    expect(requests).toHaveLength(0);
  });

  test("stops in the middle of a page when aborted", async () => {
    const { client, requests } = fakeRest(ledger(10));
    const controller = new AbortController();
    const ids: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const entry of client.points.history({ page_size: 5 }, { signal: controller.signal })) {
        ids.push(entry.id);
        if (entry.id === 9) controller.abort();
      }
    };
    await expect(loop()).rejects.toMatchObject({ code: "request_aborted" });
    expect(ids).toEqual([10, 9]);
    expect(requests).toHaveLength(1);
  });

  test("starts where it is told", async () => {
    const { client } = fakeRest(ledger(10));
    const ids: number[] = [];
    for await (const entry of client.points.history({ after: "3" })) ids.push(entry.id);
    expect(ids).toEqual([2, 1]);
  });
});

describe("lists in the order of ids", () => {
  const ids = Array.from({ length: 10 }, (_, index) => `0000000${index}-0000-4000-8000-000000000000`);

  /** Reads `id=gt.…` and `id=lt.…` as PostgREST does. */
  const byId: Answer = ({ query }) => {
    const [operator, bound = ""] = query.get("id")?.split(".") ?? [];
    const rows = ids.filter((id) => operator === undefined || (operator === "gt" ? id > bound : id < bound));
    return json(
      (query.get("order") === "id.desc" ? rows.reverse() : rows)
        .slice(0, Number(query.get("limit")))
        .map((id) => ({ id })),
    );
  };

  test("give every place once", async () => {
    const { client, requests } = fakeRest(byId);
    const seen: string[] = [];
    for await (const { id } of client.places.list({ page_size: 4 })) seen.push(id);
    expect(seen).toEqual(ids);
    expect(requests).toHaveLength(3);
  });

  test("give every redemption once, newest first", async () => {
    const { client, requests } = await fakeRestSignedIn(byId);
    const seen: string[] = [];
    for await (const { id } of client.redemptions.list({ page_size: 5 })) seen.push(id);
    expect(seen).toEqual([...ids].reverse());
    expect(requests).toHaveLength(3);
  });
});

describe("the nearby search", () => {
  test("passes the cursor of the last row on and keeps the place out of the address", async () => {
    const pages: Record<string, object[]> = {
      start: [
        { id: "1", cursor: "c1" },
        { id: "2", cursor: "c2" },
      ],
      c2: [{ id: "3", cursor: "c3" }],
    };
    const { client, requests } = fakeRest(({ body }) => {
      const after = typeof body === "object" && body !== null && "after" in body ? String(body.after) : "start";
      return json(pages[after]);
    });
    const ids: string[] = [];
    for await (const task of client.tasks.nearby({
      latitude: 52.5,
      longitude: 13.4,
      category: "garten",
      page_size: 2,
    })) {
      ids.push(task.id);
    }
    expect(ids).toEqual(["1", "2", "3"]);
    expect(requests.map(({ method, query }) => `${method} ${query.size}`)).toEqual(["POST 0", "POST 0"]);
    expect(requests[1]?.body).toEqual({
      latitude: 52.5,
      longitude: 13.4,
      radius_m: 5000,
      sort: "newest",
      page_size: 2,
      category: "garten",
      after: "c2",
    });
  });

  test("refuses a bad input when the loop starts", async () => {
    const { client } = fakeRest(() => json([]));
    await expect(client.tasks.nearby({ latitude: 100, longitude: 0 }).next()).rejects.toMatchObject({
      code: "coordinates_invalid",
      detail: "latitude",
    });
  });
});

describe("recommendations", () => {
  test.each(["places", "tasks"] as const)("of %s pass the cursor of the last row on, in the body", async (kind) => {
    const pages: Record<string, object[]> = {
      start: [
        { id: "1", cursor: "c1" },
        { id: "2", cursor: "c2" },
      ],
      c2: [{ id: "3", cursor: "c3" }],
    };
    const { client, requests } = fakeRest(({ body }) => {
      const after = typeof body === "object" && body !== null && "after" in body ? String(body.after) : "start";
      return json(pages[after]);
    });
    const ids: string[] = [];
    const input = { latitude: 52.5, longitude: 13.4, radius_m: 70_000, page_size: 2 };
    for await (const { id } of client.recommendations[kind](input)) ids.push(id);
    expect(ids).toEqual(["1", "2", "3"]);
    expect(requests.map(({ method, path, query }) => `${method} ${path} ${query.size}`)).toEqual([
      `POST rpc/recommended_${kind} 0`,
      `POST rpc/recommended_${kind} 0`,
    ]);
    expect(requests[1]?.body).toEqual({
      latitude: 52.5,
      longitude: 13.4,
      radius_m: 50_000,
      page_size: 2,
      after: "c2",
    });
  });
});
