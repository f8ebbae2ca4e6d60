import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { createDatabase, DatabaseRefusal, DatabaseUnavailable } from "./database.ts";

const project = { url: "http://localhost:54321", secretKey: "sb_secret_test" };
const answering = (status: number, body: string) =>
  createDatabase(project, () => Promise.resolve(new Response(status === 204 ? null : body, { status })));

Deno.test("a command is a POST with the secret key", async () => {
  const requests: Request[] = [];
  const database = createDatabase(project, (input, init) => {
    requests.push(new Request(input, init));
    return Promise.resolve(Response.json({ outcome: "applied" }));
  });
  deepStrictEqual(await database.call("do_it", { code_hash: "\\x00" }), { outcome: "applied" });
  const [request] = requests;
  strictEqual(request?.method, "POST");
  strictEqual(request.url, "http://localhost:54321/rest/v1/rpc/do_it");
  strictEqual(request.headers.get("apikey"), "sb_secret_test");
  strictEqual(request.headers.get("authorization"), null);
  deepStrictEqual(await request.json(), { code_hash: "\\x00" });
});

Deno.test("the service key of an older project is sent as a token, too", async () => {
  let authorization: string | null = null;
  const database = createDatabase({ ...project, secretKey: "eyJ.a.b" }, (input, init) => {
    authorization = new Request(input, init).headers.get("authorization");
    return Promise.resolve(Response.json(null));
  });
  await database.call("do_it", {});
  strictEqual(authorization, "Bearer eyJ.a.b");
});

Deno.test("nothing is an answer, too", async () => {
  strictEqual(await answering(200, "null").call("do_it", {}), null);
  strictEqual(await answering(204, "").call("do_it", {}), null);
});

Deno.test("a refusal comes with slug, status, detail and hint", async () => {
  const body = { code: "PT409", message: "price_changed", details: "120", hint: "Show the new price." };
  await rejects(answering(409, JSON.stringify(body)).call("do_it", {}), (error) => {
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
  await rejects(away.call("do_it", {}), DatabaseUnavailable);
  await rejects(answering(503, '{"code":"PGRST001","message":"x"}').call("do_it", {}), DatabaseUnavailable);
  await rejects(answering(500, '{"code":"57014","message":"x"}').call("do_it", {}), DatabaseUnavailable);
  await rejects(answering(502, "<html>").call("do_it", {}), DatabaseUnavailable);
});

Deno.test("an answer that ends early counts as none: the command may have run", async () => {
  const broken = new ReadableStream({ start: (controller) => controller.error(new Error("connection reset")) });
  const database = createDatabase(project, () => Promise.resolve(new Response(broken)));
  await rejects(database.call("do_it", {}), DatabaseUnavailable);
});

Deno.test("a caller who gives up ends the request", async () => {
  const controller = new AbortController();
  const database = createDatabase(project, (_input, init) => {
    controller.abort(new Error("gone"));
    return init?.signal?.aborted ? Promise.reject(init.signal.reason) : Promise.resolve(Response.json(null));
  });
  await rejects(database.call("do_it", {}, { signal: controller.signal }), DatabaseUnavailable);
});

Deno.test("other errors are ours; what they quote is left out, names are kept", async () => {
  const messageOf = async (status: number, body: string) => {
    const error = await answering(status, body)
      .call("do_it", {})
      .catch((reason: unknown) => reason);
    ok(error instanceof Error && !(error instanceof DatabaseRefusal) && !(error instanceof DatabaseUnavailable));
    return error.message;
  };
  strictEqual(
    await messageOf(400, '{"code":"22P02","message":"invalid input: \\"NH2345\\""}'),
    "do_it answered 400 22P02",
  );
  strictEqual(
    await messageOf(404, '{"code":"PGRST202","message":"no function do_it"}'),
    "do_it answered 404 PGRST202: no function do_it",
  );
  strictEqual(await messageOf(418, '{"code":"PT418","message":"no_such_slug"}'), "do_it answered 418 PT418");
  strictEqual(await messageOf(200, "<html>NH2345"), "do_it answered no JSON");
});
