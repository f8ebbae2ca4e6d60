import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { finished } from "node:stream/promises";
import postgres from "postgres";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { REST_ROLE } from "../../dev/stack/database/roles.ts";
import { openDoor } from "../../dev/stack/door/door.ts";
import { message } from "../../dev/stack/door/messages.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { request, signUp, startFixtureStack } from "./support/fixture-stack.ts";
import { openWireClient, parse, query, run, SYNC, untyped } from "./support/wire-client.ts";

const CANCEL = 80_877_102;
const TLS = 80_877_103;

let stack: Stack;
let member: Awaited<ReturnType<typeof signUp>>;

beforeAll(async () => {
  stack = await startFixtureStack();
  member = await signUp(stack);
});
afterAll(() => stack.stop());
beforeEach(() => stack.sql("truncate public.notes"));

/** A client as drivers are; its statements go over one connection. */
function open(url = stack.databaseUrl): postgres.Sql {
  const sql = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  onTestFinished(() => sql.end({ timeout: 0 }));
  return sql;
}

const note = (word: string) => `insert into public.notes (author_id, text) values ('${member.id}', '${word}')`;
const readNotes = async () => (await member.client.from("notes").select("text").throwOnError()).data;

/** Requests of the API, and how many of them have been answered so far. */
function sendRequests(count: number) {
  let answered = 0;
  const answers = Array.from({ length: count }, async () => {
    const notes = await readNotes();
    answered += 1;
    return notes;
  });
  return { all: Promise.all(answers), answered: () => answered };
}

const aMoment = () => new Promise((resolve) => setTimeout(resolve, 300));

describe("a transaction at the port", () => {
  it.each([
    ["rollback", []],
    ["commit", [{ text: "written at the port" }]],
  ])("that ends by %s keeps 20 requests waiting, whole and as the owner", async (end, seen) => {
    const client = await openWireClient(stack.databaseUrl);
    client.send(query("begin"));
    await client.ready();
    client.send(query(note("written at the port")));
    await client.ready();

    const requests = sendRequests(20);
    await aMoment();
    expect(requests.answered()).toBe(0);
    client.send(query("select current_user, (select count(*) from public.notes), auth.uid()"));
    expect((await client.ready()).rows[0]).toMatch(/^postgres\W+1/);

    client.send(query(end));
    await client.ready();
    expect(await requests.all).toEqual(Array(20).fill(seen));
  });

  it("that fails is rolled back, and the next one begins anew", async () => {
    const sql = open();
    const failing = sql.begin(async (transaction) => {
      await transaction.unsafe(note("before the error"));
      await transaction.unsafe("select no_such_column");
    });
    await expect(failing).rejects.toMatchObject({ code: "42703" });
    expect(await readNotes()).toEqual([]);

    const client = await openWireClient(stack.databaseUrl);
    for (const statement of ["begin", note("before the error"), "selekt", "select 1"]) {
      client.send(query(statement));
    }
    const answers = [];
    for (let index = 0; index < 4; index += 1) answers.push(await client.ready());
    expect(answers.map(({ error }) => error?.slice(0, 5))).toEqual([undefined, undefined, "42601", "25P02"]);
    client.send(query("commit"));
    expect((await client.ready()).types).toBe("CZ");
    expect(await readNotes()).toEqual([]);
    await sql.unsafe(note("after"));
    expect(await readNotes()).toEqual([{ text: "after" }]);
  });

  it("is rolled back when its client is killed", async () => {
    const client = await openWireClient(stack.databaseUrl);
    client.send(query(`begin; ${note("lost")}`));
    await client.ready();
    const requests = sendRequests(3);
    client.socket.resetAndDestroy();
    expect(await requests.all).toEqual([[], [], []]);
  });

  it("is rolled back after the limit, which the client is told", async () => {
    const door = await openDoor(stack.database, { port: 0, password: "secret", limitMs: 500 });
    onTestFinished(() => door.close());
    const client = await openWireClient(door.url);
    client.send(query(`begin; ${note("too slow")}`));
    await client.ready();
    expect(await readNotes()).toEqual([]); // waits for the limit
    expect(await client.ready()).toMatchObject({
      types: "E.",
      error: "25P03: the transaction was rolled back: the app has waited for 0.5 s",
    });
  });

  it("waits for that of another client", async () => {
    const [first, second] = [open(), open()];
    await stack.sql(note("1"));
    const addOne = (sql: postgres.Sql) =>
      sql.begin(async (transaction) => {
        const [row] = await transaction.unsafe<{ text: string }[]>("select text from public.notes");
        await new Promise((resolve) => setTimeout(resolve, 50));
        await transaction.unsafe("update public.notes set text = $1", [`${Number(row?.text) + 1}`]);
      });
    await Promise.all([addOne(first), addOne(second), addOne(first), addOne(second)]);
    expect(await readNotes()).toEqual([{ text: "5" }]);
  });

  it("does not keep the stack from stopping", async () => {
    const door = await openDoor(stack.database, { port: 0, password: "secret" });
    const client = await openWireClient(door.url);
    client.send(query("begin"));
    await client.ready();
    const waiting = await openWireClient(door.url);
    waiting.send(query("select 1"));
    await door.close();
    expect((await client.ready()).error).toBe("57P01: the stack stops");
    expect((await waiting.ready()).error).toBe("57P01: the stack stops");
    expect(await readNotes()).toEqual([]);
  });
});

describe("the session", () => {
  const CHANGES = `set search_path = extensions; set role anon; set request.jwt.claims = '{"sub":"x"}';
    set timezone = 'Asia/Tokyo'`;
  const STATE = `select current_user, current_setting('search_path') path, current_setting('timezone') zone,
    current_setting('request.jwt.claims', true) claims`;

  it("of a client keeps its settings, and nobody else gets them", async () => {
    const before = await stack.sql(STATE);
    const [sql, other] = [open(), open()];
    const [untouched] = await other.unsafe(STATE);
    await sql.unsafe(CHANGES);
    expect(await sql.unsafe(STATE)).toEqual([
      { current_user: "anon", path: "extensions", zone: "Asia/Tokyo", claims: '{"sub":"x"}' },
    ]);
    expect(await stack.sql(STATE)).toEqual(before);
    expect(await other.unsafe(STATE)).toEqual([untouched]);
    expect(untouched).toMatchObject({ current_user: "postgres", path: '"$user", public, extensions' });
    expect((await request(stack, "/rest/v1/rpc/who_am_i", { method: "POST" })).body).toMatchObject({
      role: "anon",
      id: null,
    });
    expect((await member.client.rpc("who_am_i")).data).toMatchObject({ role: "authenticated", id: member.id });
    await sql.unsafe("reset role; reset search_path");
    expect(await sql.unsafe(STATE)).toMatchObject([{ current_user: "postgres", path: '"$user", public, extensions' }]);
  });

  it("of the app leaves nothing to a client", async () => {
    const { driver } = stack.database.connect(REST_ROLE);
    if (!("exec" in driver)) throw new Error("this is not the embedded database");
    const sql = open();
    const clean = await sql.unsafe(STATE);
    await stack.database.asRole(REST_ROLE, () => driver.exec(`begin; ${CHANGES}`));
    expect(await sql.unsafe(STATE)).toEqual(clean);
    await Promise.all([readNotes(), sql.unsafe(STATE), readNotes()]);
    expect(await sql.unsafe(STATE)).toEqual(clean);
  });

  it("begins with the settings of the connection string", async () => {
    const sql = open(`${stack.databaseUrl}&options=-c%20role%3Danon%20-c%20search_path%3Dauth`);
    expect(await sql.unsafe(STATE)).toMatchObject([{ current_user: "anon", path: "auth" }]);
    const wrong = await openWireClient(stack.databaseUrl);
    wrong.send(query("set role to nobody_of_this_name"));
    expect((await wrong.ready()).error).toBe('22023: role "nobody_of_this_name" does not exist');
  });

  it("keeps no temporary table, lock, prepared statement or subscription beyond a transaction", async () => {
    const sql = open();
    await sql.unsafe(
      "create temp table scratch (id int); listen news; prepare mine as select 1; select pg_advisory_lock(7)",
    );
    const [left] = await stack.sql(`
      select to_regclass('pg_temp.scratch') as scratch, (select count(*) from pg_listening_channels()) as channels,
        (select count(*) from pg_prepared_statements where name = 'mine') as prepared,
        (select count(*) from pg_locks where locktype = 'advisory') as locks`);
    expect(left).toEqual({ scratch: null, channels: 0, prepared: 0, locks: 0 });
  });
});

describe("the protocol", () => {
  it("prepares statements for each client, whatever their names, until the client drops them", async () => {
    const [one, two] = [await openWireClient(stack.databaseUrl), await openWireClient(stack.databaseUrl)];
    one.send(parse("s", "select 'one'"), SYNC);
    two.send(parse("s", "select 'two'"), SYNC);
    expect([(await one.ready()).types, (await two.ready()).types]).toEqual(["1Z", "1Z"]);
    await readNotes();
    one.send(run("s"), SYNC);
    two.send(message("D", "Ss"), run("s"), SYNC);
    expect(await one.ready()).toEqual({ types: "2DCZ", error: undefined, rows: ["one"] });
    expect(await two.ready()).toEqual({ types: "tT2DCZ", error: undefined, rows: ["two"] });
    one.send(message("C", "Ss"), SYNC, run("s"), SYNC);
    expect((await one.ready()).types).toBe("3Z");
    expect(await one.ready()).toMatchObject({ types: "EZ", error: '26000: prepared statement "s" does not exist' });

    const sql = open();
    const numbers = await Promise.all([1, 2, 3].map((n) => sql`select ${n}::int + 1 as n`));
    expect(numbers.flat()).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
  });

  it("says once that it is ready when a prepared statement fails, and skips what follows", async () => {
    const client = await openWireClient(stack.databaseUrl);
    client.send(parse("", "select nothing_like_it"), run(""), SYNC, query("select 1"));
    expect((await client.ready()).types).toBe("EZ");
    expect((await client.ready()).types).toBe("TDCZ");
  });

  it("copies in and out, and survives a copy that fails", async () => {
    const sql = open();
    const copy = await sql`copy public.notes (author_id, text) from stdin`.writable();
    copy.write(`${member.id}\tfirst\n${member.id}\t`);
    copy.end("second\n");
    await finished(copy);
    expect(await readNotes()).toEqual([{ text: "first" }, { text: "second" }]);
    expect(await text(await sql`copy (select text from public.notes order by id) to stdout`.readable())).toBe(
      "first\nsecond\n",
    );

    const client = await openWireClient(stack.databaseUrl);
    client.send(query("copy public.notes (author_id) from stdin"));
    expect((await client.ready()).types).toBe("G");
    client.send(message("d", Buffer.from("no uuid\n")), message("c"));
    expect(await client.ready()).toMatchObject({ types: "EZ", error: expect.stringMatching(/^22P02/) });
    client.send(query("copy public.notes (author_id) from stdin"), message("f", "changed my mind"));
    expect((await client.ready()).types).toBe("G");
    expect((await client.ready()).error).toBe("57014: COPY from stdin failed: changed my mind");
    client.send(parse("", "copy public.notes from stdin"), SYNC);
    expect((await client.ready()).error).toMatch(/only statement of a simple query$/);
    expect(await readNotes()).toHaveLength(2);
  });

  it("ends a client's wait for its turn when it asks for that", async () => {
    const holder = await openWireClient(stack.databaseUrl);
    holder.send(query("begin"));
    await holder.ready();
    const waiting = await openWireClient(stack.databaseUrl);
    waiting.send(query(note("cancelled")));
    await aMoment();
    const { hostname, port } = new URL(stack.databaseUrl);
    connect(Number(port), hostname).end(untyped(CANCEL, waiting.key));
    expect(await waiting.ready()).toMatchObject({
      types: "EZ",
      error: "57014: canceling statement due to user request",
    });
    holder.send(query("commit"));
    await holder.ready();
    waiting.send(query("select 'still here'"));
    expect((await waiting.ready()).rows).toEqual(["still here"]);
    expect(await readNotes()).toEqual([]);
  });

  it("lets nobody in without the password, as somebody else or into another database", async () => {
    const url = new URL(stack.databaseUrl);
    const refused = (change: Partial<URL>) => expect(open(Object.assign(new URL(url), change).href)`select 1`).rejects;
    await refused({ password: "wrong" }).toMatchObject({ code: "28P01" });
    await refused({ username: "supabase_admin" }).toMatchObject({ code: "28000" });
    await refused({ pathname: "/other" }).toMatchObject({ code: "3D000" });
  });

  it.each([
    ["half a message", [query("select 1").subarray(0, 8)]],
    ["a request of a browser", [Buffer.from("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")]],
    ["a message of no known type", [message("?", "x")]],
    ["an endless message", [Buffer.from([0x51, 0x7f, 0xff, 0xff, 0xff])]],
  ])("survives %s", async (_, pieces) => {
    const client = await openWireClient(stack.databaseUrl);
    const stranger = connect(Number(client.socket.remotePort), "127.0.0.1").on("error", () => undefined);
    for (const piece of pieces) {
      client.send(piece);
      stranger.write(piece);
    }
    await aMoment();
    client.socket.destroy();
    stranger.destroy();
    expect(await open()`select 1 as alive`).toEqual([{ alive: 1 }]);
    expect(await readNotes()).toEqual([]);
  });

  it("answers that it needs no encryption", async () => {
    const { hostname, port } = new URL(stack.databaseUrl);
    const socket = connect(Number(port), hostname).setEncoding("utf8");
    onTestFinished(() => void socket.destroy());
    socket.write(untyped(TLS));
    expect(await new Promise((resolve) => socket.once("data", resolve))).toBe("N");
  });

  it("refuses an encoding that the embedded database cannot convert", async () => {
    const sql = open();
    await expect(sql.unsafe("set client_encoding = 'LATIN1'")).rejects.toMatchObject({ code: "0A000" });
    expect(await sql`select 'ä' as text`).toEqual([{ text: "ä" }]);
  });
});

it("says so when a statement has ended the embedded database", async () => {
  const lines: string[] = [];
  const other = await startFixtureStack({ log: (line) => lines.push(line) });
  onTestFinished(() => other.stop());
  const client = await openWireClient(other.databaseUrl);
  client.send(
    query("create function endless() returns int language plpgsql as 'begin return endless(); end'; select endless()"),
  );
  expect((await client.ready()).error).toBe("XX000: the embedded database has died of this statement");
  expect(lines).toEqual(["the embedded database has died of this statement: stop npm start and start it again"]);
});
