import { randomUUID } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import { beforeAll, describe, expect, test } from "vitest";
import { photo } from "../client/support/photos.ts";
import { changeSettings } from "../support/settings.ts";
import { type Member, useStack } from "../support/use-stack.ts";

/** What an attacker does to the Storage server itself, past the client. What a stack does not know it must refuse. */

const { address, sql, members, call } = useStack();

const picture = new Uint8Array(photo());
const drawing = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
const secretly = createClient(address.url, address.secretKey, { auth: { persistSession: false } });

interface Scene {
  anna: Member;
  ben: Member;
  /** Anna's, which everybody may see who has the address. */
  avatar: string;
  /** Anna's, which an open task shows. */
  shown: string;
}
let scene: Scene;

beforeAll(async () => {
  const [anna, ben] = await members(2);
  scene = { anna, ben, avatar: `${anna.id}/me.jpg`, shown: `${anna.id}/lawn.jpg` };
  await upload(anna, "avatars", scene.avatar);
  await upload(anna, "task-images", scene.shown);
  await call(anna.id, "create_task", {
    title: "Mow the lawn",
    description: "About two hours.",
    category: "garten",
    points_reward: 10,
    latitude: -33.88,
    longitude: 151.21,
    image_paths: [scene.shown],
  });
});

const upload = async ({ api }: Member, bucket: string, path: string) => {
  const { error } = await api.storage.from(bucket).upload(path, picture, { contentType: "image/jpeg" });
  if (error) throw error;
};

/** Every file there is, as the database knows it and as its public address gives it. */
async function files(): Promise<unknown> {
  const rows = await sql<{ bucket_id: string; name: string }>(
    `select bucket_id, name, version, owner_id, metadata, user_metadata from storage.objects order by bucket_id, name`,
  );
  const { publicUrl } = scene.anna.api.storage.from("avatars").getPublicUrl(scene.avatar).data;
  const response = await fetch(publicUrl, { cache: "no-store" });
  return { rows, public: [response.headers.get("content-type"), Buffer.from(await response.arrayBuffer())] };
}

interface Attempt {
  method?: string;
  headers?: Record<string, string>;
  /** A plain object is sent as JSON. */
  body?: string | object;
}

/** A request of a member's own making. */
async function send(
  { token }: Member,
  path: string,
  { method = "POST", headers = {}, body }: Attempt,
): Promise<Response> {
  const isJson = typeof body === "object" && body.constructor === Object;
  return fetch(`${address.url}/storage/v1/${path}`, {
    method,
    headers: {
      apikey: address.publishableKey,
      authorization: `Bearer ${token}`,
      ...(isJson ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit);
}

/** The attempt is refused, and nothing has changed. */
async function expectRefused(attempt: () => Promise<{ ok: boolean } | { error: unknown }>): Promise<void> {
  const before = await files();
  const answer = await attempt();
  expect("ok" in answer ? answer.ok : answer.error === null).toBe(false);
  expect(await files()).toEqual(before);
}

const chunks = (bytes: Uint8Array): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 65_536) controller.enqueue(bytes.slice(at, at + 65_536));
      controller.close();
    },
  });
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const jpeg = { "content-type": "image/jpeg" };

describe("another way in than an upload", () => {
  const copies = (from: string, to: string, destinationBucket?: string, more: object = {}): Attempt => ({
    body: { bucketId: "task-images", sourceKey: from, destinationKey: to, destinationBucket, ...more },
  });
  const asDrawing = { copyMetadata: false, metadata: { mimetype: "image/svg+xml" } };
  test.each<[string, (scene: Scene) => Promise<Response>]>([
    ["a copy of one's own", ({ anna, shown }) => send(anna, "object/copy", copies(shown, `${anna.id}/copy.jpg`))],
    [
      "a copy under the public address, as a drawing",
      ({ anna, shown }) => send(anna, "object/copy", copies(shown, `${anna.id}/copy.jpg`, "avatars", asDrawing)),
    ],
    [
      "a copy over the profile picture",
      ({ anna, shown, avatar }) =>
        send(anna, "object/copy", {
          ...copies(shown, avatar, "avatars", asDrawing),
          headers: { "x-upsert": "true", "x-metadata": base64("{}") },
        }),
    ],
    [
      "a reader's copy of what a task shows",
      ({ ben, shown }) => send(ben, "object/copy", copies(shown, `${ben.id}/copy.jpg`)),
    ],
    [
      "a reader's copy under the public address",
      ({ ben, shown }) => send(ben, "object/copy", copies(shown, `${ben.id}/copy.jpg`, "avatars")),
    ],
    ["a move", ({ anna, shown }) => send(anna, "object/move", copies(shown, `${anna.id}/moved.jpg`))],
    [
      "a move under the public address",
      ({ anna, shown }) => send(anna, "object/move", copies(shown, `${anna.id}/moved.jpg`, "avatars")),
    ],
    [
      "a new content",
      ({ anna, avatar }) => send(anna, `object/avatars/${avatar}`, { method: "PUT", headers: jpeg, body: picture }),
    ],
    [
      "a new content by upsert",
      ({ anna, avatar }) =>
        send(anna, `object/avatars/${avatar}`, { headers: { ...jpeg, "x-upsert": "true" }, body: drawing }),
    ],
    [
      "an address for a later upload",
      ({ anna }) => send(anna, `object/upload/sign/avatars/${anna.id}/b.jpg`, { body: {} }),
    ],
    [
      "an address for a later upsert",
      ({ anna, avatar }) =>
        send(anna, `object/upload/sign/avatars/${avatar}`, { headers: { "x-upsert": "true" }, body: {} }),
    ],
    [
      "a resumable upload without a type",
      ({ anna }) =>
        send(anna, "upload/resumable", {
          headers: {
            "tus-resumable": "1.0.0",
            "upload-length": String(picture.length),
            "upload-metadata": `bucketName ${base64("avatars")},objectName ${base64(`${anna.id}/resumed.jpg`)}`,
          },
        }),
    ],
    ["S3", ({ anna }) => send(anna, `s3/avatars/${anna.id}/s3.jpg`, { method: "PUT", headers: jpeg, body: picture })],
    [
      "a copy by S3",
      ({ anna, shown }) =>
        send(anna, `s3/avatars/${anna.id}/s3.jpg`, {
          method: "PUT",
          headers: { "x-amz-copy-source": `/task-images/${shown}`, "x-amz-metadata-directive": "REPLACE" },
        }),
    ],
  ])("is shut: %s", async (_what, attempt) => {
    await expectRefused(() => attempt(scene));
  });
});

describe("an upload", () => {
  test.each<[string, string, Attempt]>([
    ["a drawing with a script", "avatars", { headers: { "content-type": "image/svg+xml" }, body: drawing }],
    ["a page", "task-images", { headers: { "content-type": "text/html" }, body: drawing }],
    ["no type", "avatars", { headers: { "content-type": "" }, body: picture }],
    ["a type with something behind", "avatars", { headers: { "content-type": "image/jpeg; x=y" }, body: picture }],
    ["more than the bucket takes", "avatars", { headers: jpeg, body: new Uint8Array(1_048_577) }],
    ["more than it takes, in pieces", "avatars", { headers: jpeg, body: chunks(new Uint8Array(1_048_577)) }],
    ["more than another takes, in pieces", "task-images", { headers: jpeg, body: chunks(new Uint8Array(5_242_881)) }],
    ["metadata of its own", "avatars", { headers: { ...jpeg, "x-metadata": base64('{"x":1}') }, body: picture }],
    ["a form with 900 kB of metadata", "avatars", { body: formWith(JSON.stringify({ x: "x".repeat(900_000) })) }],
  ])("is refused: %s", async (_what, bucket, attempt) => {
    const { anna } = scene;
    await expectRefused(() => send(anna, `object/${bucket}/${anna.id}/${randomUUID()}.jpg`, attempt));
  });

  test.each<[string, (scene: Scene) => string]>([
    ["in somebody else's folder", ({ anna }) => `avatars/${anna.id}/new.jpg`],
    ["in nobody's folder", () => `avatars/${randomUUID()}/new.jpg`],
    ["without a folder", () => "avatars/new.jpg"],
    ["in a folder of the folder", ({ ben }) => `avatars/${ben.id}/more/new.jpg`],
    ["on the way out of the folder", ({ anna, ben }) => `avatars/${ben.id}/%2e%2e/${anna.id}/new.jpg`],
    ["of a page", ({ ben }) => `avatars/${ben.id}/new.html`],
    ["in another bucket", ({ ben }) => `other/${ben.id}/new.jpg`],
  ])("is refused %s", async (_where, path) => {
    await expectRefused(() => send(scene.ben, `object/${path(scene)}`, { headers: jpeg, body: picture }));
  });

  test("never takes a name that was used, so that an admin sees what was there", async () => {
    const { anna } = scene;
    const path = `${anna.id}/${randomUUID()}.jpg`;
    await upload(anna, "avatars", path);
    expect((await anna.api.storage.from("avatars").remove([path])).data).toHaveLength(1);
    await expectRefused(() => send(anna, `object/avatars/${path}`, { headers: jpeg, body: picture }));
  });

  test("of a banned member is refused, also by an address that was signed before", async () => {
    const [cem] = await members(1);
    const path = `${cem.id}/late.jpg`;
    const { data } = await secretly.storage.from("avatars").createSignedUploadUrl(path);
    await sql("select ops.ban_user($1, 'Spam')", [cem.id]);
    await expectRefused(() => send(cem, `object/avatars/${cem.id}/new.jpg`, { headers: jpeg, body: picture }));
    await expectRefused(() =>
      cem.api.storage
        .from("avatars")
        .uploadToSignedUrl(path, data?.token ?? "", picture, { contentType: "image/jpeg" }),
    );
  });

  test("of a member who left is refused", async () => {
    const [cem] = await members(1);
    await sql("delete from auth.users where id = $1", [cem.id]);
    await expectRefused(() => send(cem, `object/avatars/${cem.id}/new.jpg`, { headers: jpeg, body: picture }));
  });

  test("20 times at once leaves as many as the limit", async () => {
    const [cem] = await members(1);
    await changeSettings(sql, { picture_limit: 3 });
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        send(cem, `object/avatars/${cem.id}/${n}.jpg`, { headers: jpeg, body: picture }),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
    expect(await sql("select from storage.objects where name like $1", [`${cem.id}/%`])).toHaveLength(3);
  });
});

describe("somebody else's pictures", () => {
  test("are not listed, not removed and, but for those of a task, not read", async () => {
    const { anna, ben, avatar, shown } = scene;
    const hidden = `${anna.id}/${randomUUID()}.jpg`;
    await upload(anna, "task-images", hidden);
    const before = await files();
    for (const bucket of ["avatars", "task-images"]) {
      for (const folder of ["", anna.id]) {
        const { data } = await ben.api.storage.from(bucket).list(folder);
        expect(data?.filter(({ name }) => !name.startsWith(ben.id))).toEqual([]);
      }
      const removed = await ben.api.storage.from(bucket).remove([avatar, shown, hidden]);
      expect(removed.data ?? []).toEqual([]);
    }
    expect((await ben.api.storage.from("task-images").download(shown)).error).toBeNull();
    for (const path of [
      `task-images/${hidden}`,
      `public/task-images/${shown}`,
      `authenticated/task-images/${hidden}`,
    ]) {
      expect((await send(ben, `object/${path}`, { method: "GET" })).ok, path).toBe(false);
    }
    const signed = await ben.api.storage.from("task-images").createSignedUrl(hidden, 60);
    expect(signed.data).toBeNull();
    expect(await files()).toEqual(before);
  });

  test("are not opened by an address that was signed for another", async () => {
    const { anna, ben, shown } = scene;
    const hidden = `${anna.id}/${randomUUID()}.jpg`;
    await upload(anna, "task-images", hidden);
    const { data } = await ben.api.storage.from("task-images").createSignedUrl(shown, 60);
    const url = data?.signedUrl ?? "";
    expect((await fetch(url)).ok).toBe(true);
    expect((await fetch(url.replace(shown, hidden))).ok).toBe(false);
    expect((await fetch(url.replace(/token=.*/u, `token=${ben.token}`))).ok).toBe(false);
    expect(
      (await fetch(url.replace("/sign/", "/upload/sign/"), { method: "PUT", headers: jpeg, body: picture })).ok,
    ).toBe(false);
  });

  test("nor are the buckets anybody's to change", async () => {
    const { anna } = scene;
    await anna.api.storage.createBucket("mine");
    await anna.api.storage.updateBucket("task-images", { public: true });
    await anna.api.storage.emptyBucket("avatars");
    await anna.api.storage.deleteBucket("avatars");
    expect(
      await sql("select id, public from storage.buckets where id in ('avatars', 'task-images', 'mine') order by id"),
    ).toEqual([
      { id: "avatars", public: true },
      { id: "task-images", public: false },
    ]);
    const left = await sql("select from storage.objects where name = $1", [scene.avatar]);
    expect(left).toHaveLength(1);
  });
});

function formWith(metadata: string): FormData {
  const form = new FormData();
  form.set("cacheControl", "3600");
  form.set("metadata", metadata);
  form.set("", new Blob([picture], { type: "image/jpeg" }));
  return form;
}
