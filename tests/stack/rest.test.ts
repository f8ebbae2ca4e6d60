import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { databases } from "./support/databases.ts";
import { request, signUp, startFixtureStack } from "./support/fixture-stack.ts";

describe.each(databases)("REST and Auth on the %s database", (database) => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startFixtureStack({ database });
  });
  afterAll(() => stack.stop());

  it("obeys row level security and grants, and changes neither", async () => {
    const { client: anna, id } = await signUp(stack);
    const { client: ben } = await signUp(stack);
    expect((await anna.from("notes").insert({ author_id: id, text: "mine" })).error).toBeNull();
    expect((await anna.from("notes").select("text")).data).toEqual([{ text: "mine" }]);
    expect((await ben.from("notes").select("text")).data).toEqual([]);
    expect((await ben.from("notes").insert({ author_id: id, text: "forged" })).error?.code).toBe("42501");
    expect((await anna.from("notes").update({ text: "x" }).eq("author_id", id)).error?.code).toBe("42501");

    const { status, body } = await request(stack, "/rest/v1/notes");
    expect(status).toBe(401);
    expect(body).toMatchObject({ code: "42501" });
    const [grants] = await stack.sql(`
      select has_table_privilege('anon', 'public.notes', 'select') as anon,
        has_table_privilege('service_role', 'public.notes', 'select') as service_role,
        has_table_privilege('authenticated', 'public.notes', 'update') as authenticated_update`);
    expect(grants).toEqual({ anon: false, service_role: false, authenticated_update: false });
  });

  it("writes values as PostgREST does", async () => {
    const { client, id } = await signUp(stack);
    await client.from("notes").insert({ author_id: id, text: "value" });
    expect((await client.from("notes").select("written_at, price").single()).data).toEqual({
      written_at: "2026-01-02T03:04:05.678+00:00",
      price: 0,
    });
  });

  it.each([
    ["PT409", 409],
    ["PT402", 402],
    ["P0001", 400],
    ["23514", 400],
    ["23505", 409],
    ["40001", 500],
    ["57014", 500],
    ["28000", 403],
    ["54000", 500],
    ["54001", 500],
    ["55P03", 500],
    ["ZZ001", 400],
  ])("answers SQLSTATE %s with %i and PostgREST's body", async (code, expected) => {
    const { status, body } = await request(stack, "/rest/v1/rpc/raise_error", {
      method: "POST",
      body: JSON.stringify({ code }),
    });
    expect(status).toBe(expected);
    expect(body).toEqual({ code, message: "a message", details: "a detail", hint: "a hint" });
  });

  it("keeps GET requests read-only", async () => {
    const { client } = await signUp(stack);
    const { status, error } = await client.rpc("write_note", {}, { get: true });
    expect([status, error?.code]).toEqual([405, "25006"]);
    expect((await client.rpc("write_note")).error).toBeNull();
  });

  it("keeps requests apart that arrive together", async () => {
    const members = await Promise.all(Array.from({ length: 4 }, () => signUp(stack)));
    const calls = Array.from({ length: 40 }, (_, index) => {
      const member = members[index % members.length];
      if (!member) throw new Error("there are members");
      return member.client.rpc("who_am_i").then(({ data }) => [data?.id, member.id]);
    });
    for (const [seen, expected] of await Promise.all(calls)) expect(seen).toBe(expected);
  });

  it("signs in, refreshes and signs out", async () => {
    const { client, id } = await signUp(stack);
    const { data, error } = await client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.user?.id).toBe(id);
    expect((await client.auth.updateUser({ data: { name: "New name" } })).error).toBeNull();
    expect((await client.auth.getUser()).data.user?.user_metadata["name"]).toBe("New name");
    expect((await client.auth.signOut()).error).toBeNull();
    const wrong = await client.auth.signInWithPassword({ email: "nobody@example.test", password: "wrong-password" });
    expect(wrong.error?.code).toBe("invalid_credentials");
  });

  it("runs sign-up triggers as Auth's own role, which has no rights of its own", async () => {
    const { id } = await signUp(stack);
    const [row] = await stack.sql<{ acted_as: string }>("select acted_as from public.sign_ups where id = $1", [id]);
    expect(row?.acted_as).toContain("supabase_auth_admin");
  });

  it("applies migrations as a role without superuser rights", async () => {
    const [table] = await stack.sql<{ owner: string; superuser: boolean }>(`
      select rolname as owner, rolsuper as superuser from pg_class join pg_roles on pg_roles.oid = relowner
      where pg_class.oid = 'public.notes'::regclass`);
    expect(table).toEqual({ owner: "postgres", superuser: false });
  });

  it("gives the roles what a hosted project gives them", async () => {
    const roles = await stack.sql(`
      select rolname, rolsuper, rolinherit, rolcreaterole, rolcanlogin, rolbypassrls from pg_roles
      where rolname in ('anon', 'authenticated', 'service_role', 'authenticator', 'postgres') order by rolname`);
    const role = (rolname: string, rights: object) => ({
      rolname,
      rolsuper: false,
      rolinherit: false,
      rolcreaterole: false,
      rolcanlogin: false,
      rolbypassrls: false,
      ...rights,
    });
    expect(roles).toEqual([
      role("anon", {}),
      role("authenticated", {}),
      role("authenticator", { rolcanlogin: true }),
      role("postgres", { rolinherit: true, rolcreaterole: true, rolcanlogin: true, rolbypassrls: true }),
      role("service_role", { rolbypassrls: true }),
    ]);
  });

  it("lets no transaction be idle for longer than the API's login role may", async () => {
    const { body } = await request(stack, "/rest/v1/rpc/idle_timeout");
    expect(body).toBe("7s");
  });

  // The embedded database has no timers.
  if (database === "cluster") {
    it("ends statements of anonymous callers after three seconds", async () => {
      const { status, body } = await request(stack, "/rest/v1/rpc/wait", { method: "POST", body: '{"seconds": 9}' });
      expect(status).toBe(500);
      expect(body).toMatchObject({ code: "57014" });
    });
  }
});
