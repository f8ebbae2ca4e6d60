import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { paths } from "../../dev/base/paths.ts";
import type { Stack } from "../../dev/stack/start-stack.ts";
import { databases } from "./support/databases.ts";
import { clientOf, request, signUp, startFixtureStack } from "./support/fixture-stack.ts";
import { temporaryDirectory } from "./support/temporary-directory.ts";

/** A bucket where everybody has a folder, files are not overwritten, and one that the database refuses late. */
const BUCKETS = `
  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types) values
    ('drawer', 'drawer', false, 1000, '{text/plain}'), ('window', 'window', true, null, null);
  create policy own_files on storage.objects for all to authenticated
    using (name like auth.uid() || '/%' and current_setting('storage.operation') <> 'storage.object.copy')
    with check (name like auth.uid() || '/%' and storage.operation() <> 'storage.object.copy');
  create function public.refuse_late() returns trigger language plpgsql security definer set search_path = '' as $$
  begin
    if (new.metadata ->> 'size')::int = 13 then raise insufficient_privilege; end if;
    return new;
  end $$;
  create trigger refuse_late before insert or update on storage.objects
    for each row execute function public.refuse_late();`;

describe.each(databases)("Storage on the %s database", (database) => {
  let stack: Stack;
  let id: string;
  let files: ReturnType<SupabaseClient["storage"]["from"]>;
  let ben: SupabaseClient;
  const text = { contentType: "text/plain" };
  beforeAll(async () => {
    stack = await startFixtureStack({ database });
    await stack.database.asOwner((session) => session.script(BUCKETS));
    const anna = await signUp(stack);
    id = anna.id;
    files = anna.client.storage.from("drawer");
    ({ client: ben } = await signUp(stack));
  });
  afterAll(() => stack.stop());

  const readBack = async (path: string) => (await files.download(path)).data?.text();

  it("takes bytes and forms, and gives them back with what they are", async () => {
    const path = `${id}/bytes.txt`;
    const uploaded = await files.upload(path, Buffer.from("bytes"), { ...text, cacheControl: "60" });
    expect(uploaded).toMatchObject({ data: { path, fullPath: `drawer/${path}` }, error: null });
    await files.upload(`${id}/form.txt`, new Blob(["form"], { type: "text/plain" }), { cacheControl: "60" });
    expect(await readBack(path)).toBe("bytes");
    expect(await readBack(`${id}/form.txt`)).toBe("form");
    const { data } = await files.createSignedUrl(path, 60);
    const { headers } = await fetch(data?.signedUrl ?? "");
    expect([headers.get("content-type"), headers.get("cache-control")]).toEqual(["text/plain", "max-age=60"]);
    expect((await files.exists(path)).data).toBe(true);
    expect((await files.info(path)).data).toMatchObject({ name: path, metadata: { size: 5, mimetype: "text/plain" } });
  });

  it("lists folders, signs many at once and says which are not there", async () => {
    await files.upload(`${id}/list/a.txt`, "a", text);
    await files.upload(`${id}/list/more/b.txt`, "b", text);
    expect((await files.list(`${id}/list`)).data?.map(({ name, id: key }) => [name, key === null])).toEqual([
      ["a.txt", false],
      ["more", true],
    ]);
    const { data } = await files.createSignedUrls([`${id}/list/a.txt`, `${id}/none.txt`], 60);
    expect(data?.map(({ path, error }) => [path, error])).toEqual([
      [`${id}/list/a.txt`, null],
      [`${id}/none.txt`, "Object not found"],
    ]);
    expect(await (await fetch(data?.[0]?.signedUrl ?? "")).text()).toBe("a");
    const forged = await fetch((data?.[0]?.signedUrl ?? "").replace("token=", "token=x"));
    expect([forged.status, await forged.json()]).toMatchObject([400, { error: "InvalidJWT" }]);
  });

  it("moves, overwrites where a policy lets, takes later uploads and removes", async () => {
    const [from, to] = [`${id}/from.txt`, `${id}/to.txt`];
    await files.upload(from, "first", text);
    expect((await files.upload(from, "second", text)).error).toMatchObject({ statusCode: "409" });
    expect((await files.upload(from, "second", { ...text, upsert: true })).error).toBeNull();
    expect(await readBack(from)).toBe("second");
    expect((await files.move(from, to)).error).toBeNull();
    expect([await readBack(from), await readBack(to)]).toEqual([undefined, "second"]);
    const later = await files.createSignedUploadUrl(from);
    expect((await files.uploadToSignedUrl(from, later.data?.token ?? "", "third", text)).error).toBeNull();
    expect(await readBack(from)).toBe("third");
    expect((await files.remove([from, to])).data).toHaveLength(2);
    expect([await readBack(from), await readBack(to)]).toEqual([undefined, undefined]);
  });

  it("asks the policies as the caller, with the operation", async () => {
    const path = `${id}/mine.txt`;
    await files.upload(path, "mine", text);
    const theirs = ben.storage.from("drawer");
    expect((await theirs.download(path)).error).not.toBeNull();
    expect((await theirs.remove([path])).data).toEqual([]);
    expect((await theirs.upload(`${id}/theirs.txt`, "x", text)).error).toMatchObject({ statusCode: "403" });
    expect((await clientOf(stack).storage.from("drawer").upload(`${id}/x.txt`, "x", text)).error).toMatchObject({
      statusCode: "403",
    });
    expect((await files.copy(path, `${id}/copy.txt`)).error).not.toBeNull();
    expect((await ben.storage.createBucket("theirs")).error).not.toBeNull();
    expect((await clientOf(stack, stack.secretKey).storage.from("drawer").download(path)).error).toBeNull();
    expect(await readBack(path)).toBe("mine");
  });

  it("keeps the limits of buckets, also of what comes without a length", async () => {
    const refused = async (path: string, body: string, contentType: string) =>
      (await files.upload(path, new Blob([body]).stream(), { contentType })).error;
    expect(await refused(`${id}/large.txt`, "x".repeat(1001), "text/plain")).toMatchObject({ statusCode: "413" });
    expect(await refused(`${id}/page.html`, "x", "text/html")).toMatchObject({ statusCode: "415" });
    expect((await files.upload(`${id}/x.txt`, "x", { ...text, metadata: { x: 1 } })).error).not.toBeNull();
  });

  it("changes no file when the database refuses in the end", async () => {
    const path = `${id}/late.txt`;
    expect((await files.upload(path, "13 characters", text)).error).toMatchObject({ statusCode: "403" });
    expect((await files.upload(path, "before", text)).error).toBeNull();
    expect((await files.upload(path, "13 characters", { ...text, upsert: true })).error).not.toBeNull();
    expect(await readBack(path)).toBe("before");
  });

  it("opens public buckets to everybody and private ones to nobody", async () => {
    const admin = clientOf(stack, stack.secretKey).storage;
    await admin.from("window").upload("poster.txt", "for all", text);
    const open = await fetch(admin.from("window").getPublicUrl("poster.txt").data.publicUrl);
    expect(await open.text()).toBe("for all");
    await files.upload(`${id}/secret.txt`, "secret", text);
    expect((await fetch(files.getPublicUrl(`${id}/secret.txt`).data.publicUrl)).ok).toBe(false);
    expect((await request(stack, "/storage/v1/bucket", { headers: { authorization: "Bearer x.y.z" } })).status).toBe(
      401,
    );
    expect((await fetch(`${stack.url}/storage/v1/bucket`)).status).toBe(401);
  });

  it("is asked by many at once", async () => {
    const names = Array.from({ length: 20 }, (_, n) => `${id}/many/${n}.txt`);
    const answers = await Promise.all(names.map((name) => files.upload(name, name, text)));
    expect(answers.every(({ error }) => error === null)).toBe(true);
    expect(await Promise.all(names.map(readBack))).toEqual(names);
  });
});

it("keeps files as long as the data, and not longer", async () => {
  const dataDir = temporaryDirectory();
  const start = (fresh = false) => startFixtureStack({ dataDir, fresh });
  const download = (stack: Stack) => clientOf(stack, stack.secretKey).storage.from("window").download("poster.txt");
  const kept = () => readdirSync(join(dataDir, "storage/embedded"));

  const first = await start();
  await first.database.asOwner((session) => session.script(BUCKETS));
  const secret = clientOf(first, first.secretKey);
  await secret.storage.from("window").upload("poster.txt", "for all", { contentType: "text/plain" });
  await first.stop();
  const second = await start();
  expect(await (await download(second)).data?.text()).toBe("for all");
  await second.stop();
  expect(kept()).toHaveLength(1);
  const third = await start(true);
  expect((await download(third)).error).not.toBeNull();
  await third.stop();
  expect(kept()).toEqual([]);
});

it("is not there where config.toml does not want it", async () => {
  const supabase = join(temporaryDirectory(), "supabase");
  cpSync(paths.supabase, supabase, { recursive: true });
  const config = join(supabase, "config.toml");
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace("[storage]\nenabled = true", "[storage]\nenabled = false"),
  );
  const stack = await startFixtureStack({ supabase });
  expect(await request(stack, "/storage/v1/bucket")).toMatchObject({
    status: 501,
    body: { code: "not_part_of_the_local_stack" },
  });
  await stack.stop();
});
