import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createDatabase, DatabaseRefusal, DatabaseUnavailable } from "./database.ts";

const project = { url: "http://localhost:54321", key: "sb_secret_test" };
const ID = "22222222-2222-4222-8222-222222222222";
const args = { api_key_hash: "\\x00" };
const answering = (status: number, body: string) =>
  createDatabase(project, () => Promise.resolve(new Response(status === 204 ? null : body, { status })));

Deno.test("a command is a POST with the secret key", async () => {
  const requests: Request[] = [];
  const database = createDatabase(project, (input, init) => {
    requests.push(new Request(input, init));
    return Promise.resolve(Response.json({ outcome: "applied" }));
  });
  deepStrictEqual(await database.call("return_redemption", { member_id: ID, redemption_id: ID }), {
    outcome: "applied",
  });
  const [request] = requests;
  strictEqual(request?.method, "POST");
  strictEqual(request.url, "http://localhost:54321/rest/v1/rpc/return_redemption");
  strictEqual(request.headers.get("apikey"), "sb_secret_test");
  // supabase-js says it twice; a gateway takes the key for no token.
  strictEqual(request.headers.get("authorization"), "Bearer sb_secret_test");
  deepStrictEqual(await request.json(), { member_id: ID, redemption_id: ID });
});

Deno.test("nothing is an answer, too", async () => {
  strictEqual(await answering(200, "null").call("read_partner", args), null);
  strictEqual(await answering(204, "").call("read_partner", args), null);
});

Deno.test("a refusal comes with slug, status, detail and hint", async () => {
  const body = { code: "PT409", message: "price_changed", details: "120", hint: "Show the new price." };
  await rejects(answering(409, JSON.stringify(body)).call("read_partner", args), (error) => {
    ok(error instanceof DatabaseRefusal);
    deepStrictEqual(
      [error.slug, error.status, error.detail, error.hint],
      ["price_changed", 409, "120", "Show the new price."],
    );
    return true;
  });
});

Deno.test("a database that is away or too slow is told from one that fails", async () => {
  const away = createDatabase(project, () => Promise.reject(new TypeError("connection refused")));
  await rejects(away.call("read_partner", args), DatabaseUnavailable);
  await rejects(answering(503, '{"code":"PGRST001","message":"x"}').call("read_partner", args), DatabaseUnavailable);
  await rejects(answering(500, '{"code":"57014","message":"x"}').call("read_partner", args), DatabaseUnavailable);
  await rejects(answering(502, "<html>").call("read_partner", args), DatabaseUnavailable);
});

Deno.test("an answer that ends early counts as none: the command may have run", async () => {
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error("connection reset")) });
  const database = createDatabase(project, () => Promise.resolve(new Response(broken)));
  await rejects(database.call("read_partner", args), DatabaseUnavailable);
});

Deno.test("a caller who gives up ends the request", async () => {
  const controller = new AbortController();
  const database = createDatabase(project, (_input, init) => {
    controller.abort(new Error("gone"));
    return init?.signal?.aborted ? Promise.reject(init.signal.reason) : Promise.resolve(Response.json(null));
  });
  await rejects(database.call("read_partner", args, { signal: controller.signal }), DatabaseUnavailable);
});

Deno.test("other errors are ours; what they quote is left out, names are kept", async () => {
  const messageOf = async (status: number, body: string) => {
    const error = await answering(status, body)
      .call("read_partner", args)
      .catch((reason: unknown) => reason);
    ok(error instanceof Error && !(error instanceof DatabaseRefusal) && !(error instanceof DatabaseUnavailable));
    return error.message;
  };
  strictEqual(
    await messageOf(400, '{"code":"22P02","message":"invalid input: \\"NH2345\\""}'),
    "read_partner answered 400 22P02",
  );
  strictEqual(
    await messageOf(404, '{"code":"PGRST202","message":"no function read_partner"}'),
    "read_partner answered 404 PGRST202: no function read_partner",
  );
  strictEqual(await messageOf(418, '{"code":"PT418","message":"no_such_slug"}'), "read_partner answered 418 PT418");
  strictEqual(await messageOf(200, "<html>NH2345"), "read_partner answered no JSON");
});
