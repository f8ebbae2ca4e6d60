import { createClient } from "@supabase/supabase-js";
import exifr from "exifr";
import jpeg from "jpeg-js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createNeighbourhoodClient, type Database, type NeighbourhoodClient } from "../../src/client/index.ts";
import { inspectPicture, withoutMetadata } from "../../src/client/picture-bytes.ts";
import { PICTURE_BUCKETS, PICTURE_TYPES } from "../../supabase/functions/_shared/contracts/index.ts";
import { fakeRestSignedIn, json, MY_ID } from "./support/fake-rest.ts";
import { readMigrations } from "./support/migrations.ts";
import { gpsExif, photo, png, pretendBrowser, webp, withSegment } from "./support/photos.ts";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const blob = (bytes: Uint8Array<ArrayBuffer> | Buffer): Blob => new Blob([new Uint8Array(bytes)]);

interface SeenUpload {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** A member's client whose Storage server is this function. */
function storage(answer: (request: SeenUpload) => Response | Promise<Response>): {
  client: NeighbourhoodClient;
  requests: SeenUpload[];
} {
  const requests: SeenUpload[] = [];
  const supabase = createClient<Database>("http://rest.test", "publishable-key", {
    accessToken: async () => "token",
    global: {
      fetch: async (input, init) => {
        const request = new Request(input, init);
        const { pathname } = new URL(request.url);
        if (pathname === "/rest/v1/point_accounts") return json({ user_id: MY_ID });
        const seen = {
          method: request.method,
          path: pathname.replace("/storage/v1/", ""),
          headers: request.headers,
          bytes: new Uint8Array(await request.arrayBuffer()),
        };
        requests.push(seen);
        return answer(seen);
      },
    },
  });
  return { client: createNeighbourhoodClient(supabase), requests };
}

const stored = (): Response => json({ Key: "avatars/x", Id: "x" });
const refusedBy =
  (status: number, body: object): (() => Response) =>
  () =>
    json(body, status);

describe("drawing again in the browser", () => {
  test("the photo of this test really says where it was taken", async () => {
    expect(await exifr.gps(photo({ exif: gpsExif() }))).toEqual({ latitude: 52.5, longitude: 13.4 });
  });

  test.each([
    ["a browser", {}],
    ["a browser that has canvases in its page only", { offscreen: false }],
    ["a browser that writes Exif data of its own, as Safari does", { ownExif: gpsExif() }],
  ])("in %s, a JPEG loses its position, and nothing but that", async (_browser, kind) => {
    const seen = pretendBrowser(kind);
    const { client, requests } = storage(stored);
    const original = photo({ width: 1200, height: 600, exif: gpsExif() });

    const path = await client.pictures.uploadAvatar(blob(original));

    expect(path).toMatch(new RegExp(`^${MY_ID}/[0-9a-f-]{36}\\.jpg$`));
    expect(requests.map(({ method, path: where }) => `${method} ${where}`)).toEqual([`POST object/avatars/${path}`]);
    const [sent] = requests;
    expect(sent?.headers.get("content-type")).toBe("image/jpeg");
    expect(sent?.headers.get("x-upsert")).toBe("false");
    const bytes = Buffer.from(sent?.bytes ?? []);
    expect(await exifr.gps(bytes)).toBeUndefined();
    expect(await exifr.parse(bytes)).toBeUndefined();
    expect(bytes.includes("Exif")).toBe(false);
    expect(inspectPicture(bytes)).toEqual({ type: "image/jpeg", isClean: true });
    const { width, height, data } = jpeg.decode(bytes);
    expect({ width, height }).toEqual({ width: 512, height: 256 });
    expect(Math.abs((data[0] ?? 0) - 200)).toBeLessThan(8);
    expect(seen.bitmapsOpen).toBe(0);
  });

  test("pictures of tasks stay larger, and small ones are not blown up", async () => {
    const seen = pretendBrowser();
    const { client } = storage(stored);
    await client.pictures.uploadTaskImage(blob(photo({ width: 1000, height: 2000 })));
    await client.pictures.uploadTaskImage(blob(photo({ width: 32, height: 1 })));
    expect(seen.canvases).toEqual([
      { width: 800, height: 1600 },
      { width: 32, height: 1 },
    ]);
  });

  test("what is no picture, and a place without canvases, are told apart from a broken server", async () => {
    const { client, requests } = storage(stored);
    await expect(client.pictures.uploadAvatar(blob(photo()))).rejects.toMatchObject({
      code: "picture_invalid",
      hint: "There is no canvas here: hand over an encoder of your own.",
    });
    pretendBrowser();
    await expect(client.pictures.uploadAvatar(new Blob(["hello"]))).rejects.toMatchObject({
      code: "picture_invalid",
      hint: "This file is no picture that can be shown.",
    });
    expect(requests).toEqual([]);
  });
});

describe("an encoder of one's own", () => {
  test("is told how large the picture may become, and its bytes are sent as they are", async () => {
    const { client, requests } = storage(stored);
    const encode = vi.fn(async () => blob(webp()));
    const path = await client.pictures.uploadTaskImage(blob(photo()), { encode });
    expect(encode).toHaveBeenCalledWith(expect.any(Blob), { maxEdge: 1600 });
    expect(path).toMatch(/\.webp$/u);
    expect(requests[0]?.headers.get("content-type")).toBe("image/webp");
    expect(Buffer.from(requests[0]?.bytes ?? [])).toEqual(webp());
  });

  test.each<[string, Buffer]>([
    ["leaves the position in", photo({ exif: gpsExif() })],
    ["leaves XMP in", withSegment(photo(), 0xe1, "http://ns.adobe.com/xap/1.0/\0<x/>")],
    ["leaves captions in", withSegment(photo(), 0xed, "Photoshop 3.0\0")],
    ["leaves a comment in", withSegment(photo(), 0xfe, "at home")],
    ["leaves a second picture in", withSegment(photo(), 0xe2, "MPF\0II*\0")],
    ["leaves a thumbnail in", withSegment(photo(), 0xe0, "JFXX\0\x10")],
    ["appends a film", Buffer.concat([photo(), Buffer.from("ftypmp42")])],
    ["makes a PNG with Exif data", png(["eXIf", gpsExif()])],
    ["makes a PNG with text", png(["iTXt", Buffer.from("XML:com.adobe.xmp")])],
    ["appends to a PNG", Buffer.concat([png(), gpsExif()])],
    ["makes a WebP with Exif data", webp(["EXIF", gpsExif()])],
    ["makes a WebP with XMP", webp(["XMP ", Buffer.from("<x/>")])],
    ["appends to a WebP", Buffer.concat([webp(), gpsExif()])],
  ])("that %s is refused before anything is sent", async (_what, bytes) => {
    const { client, requests } = storage(stored);
    await expect(
      client.pictures.uploadAvatar(blob(photo()), { encode: async () => blob(bytes) }),
    ).rejects.toMatchObject({
      code: "picture_has_metadata",
    });
    expect(requests).toEqual([]);
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["half a JPEG", photo().subarray(0, 300)],
    ["a JPEG whose segment is longer than the file", Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff])],
    ["half a PNG", png().subarray(0, 40)],
    ["half a WebP", webp().subarray(0, 30)],
    ["a GIF", Buffer.from("GIF89a\x01\0\x01\0\0\0\0;", "latin1")],
    ["a drawing with a script", Buffer.from("<svg onload='alert(1)'/>")],
  ])("that makes %s is refused", async (_what, bytes) => {
    const { client, requests } = storage(stored);
    await expect(
      client.pictures.uploadAvatar(blob(photo()), { encode: async () => blob(bytes) }),
    ).rejects.toMatchObject({
      code: "picture_invalid",
    });
    expect(requests).toEqual([]);
  });

  test("that makes too large a picture is refused", async () => {
    const { client, requests } = storage(stored);
    const tooLarge = png(["IDAT", Buffer.alloc(PICTURE_BUCKETS.avatars.maxBytes)]);
    const encode = async () => blob(tooLarge);
    await expect(client.pictures.uploadAvatar(blob(photo()), { encode })).rejects.toMatchObject({
      code: "picture_too_large",
    });
    expect(requests).toEqual([]);
    await expect(client.pictures.uploadTaskImage(blob(photo()), { encode })).resolves.toMatch(/\.png$/u);
  });

  test("may keep what says how to show the picture", () => {
    const picture = withSegment(withSegment(photo(), 0xe2, "ICC_PROFILE\0\x01\x01"), 0xee, "Adobe\0d\0\0\0\0\0");
    expect(inspectPicture(picture)).toEqual({ type: "image/jpeg", isClean: true });
    expect(inspectPicture(png(["pHYs", Buffer.alloc(9)], ["iCCP", Buffer.alloc(20)]))?.isClean).toBe(true);
    expect(inspectPicture(webp(["ICCP", Buffer.alloc(7)]))?.isClean).toBe(true);
  });

  test("taking metadata out leaves the picture as it was, byte for byte", () => {
    const clean = photo();
    const dirty = Buffer.concat([
      withSegment(withSegment(clean, 0xe1, "Exif\0\0"), 0xfe, "at home"),
      Buffer.from("film"),
    ]);
    expect(inspectPicture(dirty)?.isClean).toBe(false);
    expect(Buffer.from(withoutMetadata(dirty))).toEqual(clean);
  });
});

describe("the Storage server's answers", () => {
  const encode = async () => blob(photo());

  test.each<[string, () => Response, string]>([
    [
      "the local stack has none",
      refusedBy(501, { code: "not_part_of_the_local_stack", message: "not here" }),
      "storage_unavailable",
    ],
    [
      "the bucket is missing",
      refusedBy(400, { statusCode: "404", error: "Bucket not found", message: "Bucket not found" }),
      "storage_unavailable",
    ],
    [
      "a policy refuses",
      refusedBy(400, {
        statusCode: "403",
        error: "Unauthorized",
        message: "new row violates row-level security policy",
      }),
      "not_permitted",
    ],
    [
      "the token has expired",
      refusedBy(400, { statusCode: "403", error: "Unauthorized", message: '"exp" claim timestamp check failed' }),
      "not_signed_in",
    ],
    ...[
      "signature verification failed",
      "Invalid Compact JWS",
      "jwt malformed",
      "invalid signature",
      "no applicable key found in the JSON Web Key Set",
      'unexpected "iss" claim value',
    ].map((message): [string, () => Response, string] => [
      `the token is no good: ${message}`,
      refusedBy(400, { statusCode: "403", error: "Unauthorized", message }),
      "not_signed_in",
    ]),
    ["the token is missing", refusedBy(401, { message: "No API key found in request" }), "not_signed_in"],
    [
      "the file is too large",
      refusedBy(400, { statusCode: "413", error: "Payload too large", message: "too large" }),
      "picture_too_large",
    ],
    [
      "the type is not allowed",
      refusedBy(400, { statusCode: "415", error: "invalid_mime_type", message: "mime type" }),
      "picture_invalid",
    ],
    ["something it never said before", refusedBy(418, { message: "teapot" }), "unexpected_response"],
  ])("%s", async (_what, answer, code) => {
    const { client, requests } = storage(answer);
    await expect(client.pictures.uploadAvatar(blob(photo()), { encode })).rejects.toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  test("an upload whose answer was lost is sent again under its name, and has then arrived", async () => {
    vi.useFakeTimers();
    let attempt = 0;
    const { client, requests } = storage(() => {
      attempt += 1;
      if (attempt === 1) throw new TypeError("fetch failed");
      return json({ statusCode: "409", error: "Duplicate", message: "The resource already exists" }, 400);
    });
    const uploading = client.pictures.uploadAvatar(blob(photo()), { encode });
    await vi.runAllTimersAsync();
    const path = await uploading;
    expect(requests.map(({ path: where }) => where)).toEqual(Array(2).fill(`object/avatars/${path}`));
  });

  test("without a connection it gives up after three attempts", async () => {
    vi.useFakeTimers();
    const { client, requests } = storage(() => {
      throw new TypeError("fetch failed");
    });
    const uploading = client.pictures.uploadAvatar(blob(photo()), { encode });
    const failing = expect(uploading).rejects.toMatchObject({ code: "network_error" });
    await vi.runAllTimersAsync();
    await failing;
    expect(requests).toHaveLength(3);
  });

  test("a signal ends the waiting", async () => {
    const controller = new AbortController();
    const { client } = storage(() => new Promise<Response>(() => controller.abort("changed my mind")));
    await expect(
      client.pictures.uploadAvatar(blob(photo()), { encode, signal: controller.signal }),
    ).rejects.toMatchObject({ code: "request_aborted", cause: "changed my mind" });
    await expect(
      client.pictures.taskImageUrls({ paths: [`${MY_ID}/a.jpg`] }, { signal: controller.signal }),
    ).rejects.toMatchObject({ code: "request_aborted" });
  });

  test("nobody signed in uploads nothing", async () => {
    const supabase = createClient<Database>("http://rest.test", "key", {
      auth: { persistSession: false },
      global: { fetch: async () => json(null) },
    });
    await expect(
      createNeighbourhoodClient(supabase).pictures.uploadAvatar(blob(photo()), { encode }),
    ).rejects.toMatchObject({ code: "not_signed_in" });
  });

  test("nobody signed in sees and removes nothing, which the server words as if all was well", async () => {
    const path = `${MY_ID}/a.jpg`;
    const answers: Record<string, unknown> = {
      POST: [{ path, signedURL: null, error: "Either the object does not exist or you do not have access to it" }],
      DELETE: [],
    };
    const supabase = createClient<Database>("http://rest.test", "key", {
      auth: { persistSession: false },
      global: { fetch: async (_input, { method = "GET" } = {}) => json(answers[method] ?? null) },
    });
    const { pictures } = createNeighbourhoodClient(supabase);
    await expect(pictures.taskImageUrls({ paths: [path] })).rejects.toMatchObject({ code: "not_signed_in" });
    await expect(pictures.remove({ bucket: "avatars", path })).rejects.toMatchObject({ code: "not_signed_in" });
  });

  test("a member who sees and removes nothing is no error", async () => {
    const path = `${MY_ID}/a.jpg`;
    const { client } = await fakeRestSignedIn(({ method }) =>
      json(method === "DELETE" ? [] : [{ path, signedURL: null, error: "gone" }]),
    );
    expect(await client.pictures.taskImageUrls({ paths: [path] })).toEqual([{ path, url: null }]);
    await client.pictures.remove({ bucket: "avatars", path });
  });
});

describe("addresses", () => {
  const paths = [`${MY_ID}/a.jpg`, `${MY_ID}/gone.jpg`, `${MY_ID}/b.webp`];

  test("of a profile picture costs no request", async () => {
    const { client, requests } = await fakeRestSignedIn(() => json(null));
    expect(client.pictures.avatarUrl(`${MY_ID}/me.jpg`)).toBe(
      `http://rest.test/storage/v1/object/public/avatars/${MY_ID}/me.jpg`,
    );
    expect(client.pictures.avatarUrl(null)).toBeNull();
    expect(requests).toEqual([]);
  });

  test("of tasks' pictures come in one request and in order; what may not be read has none", async () => {
    const { client, requests } = await fakeRestSignedIn(() =>
      json([
        { path: paths[2], signedURL: `/object/sign/task-images/${paths[2]}?token=2`, error: null },
        { path: paths[1], signedURL: null, error: "Either the object does not exist or you do not have access to it" },
        { path: paths[0], signedURL: `/object/sign/task-images/${paths[0]}?token=0`, error: null },
      ]),
    );
    expect(await client.pictures.taskImageUrls({ paths })).toEqual([
      { path: paths[0], url: `http://rest.test/storage/v1/object/sign/task-images/${paths[0]}?token=0` },
      { path: paths[1], url: null },
      { path: paths[2], url: `http://rest.test/storage/v1/object/sign/task-images/${paths[2]}?token=2` },
    ]);
    expect(requests.map(({ path, body }) => [path, body])).toEqual([
      ["storage/v1/object/sign/task-images", { expiresIn: 3600, paths }],
    ]);
    expect(await client.pictures.taskImageUrls({ paths: [] })).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test.each([
    [{ paths: ["../x.jpg"] }, "image_paths_invalid"],
    [{ paths: Array<string>(101).fill(`${MY_ID}/a.jpg`) }, "image_paths_invalid"],
    [{ paths: [], expires_in_seconds: 0 }, "validation_failed"],
    [{ paths: [], expires_in_seconds: 86_401 }, "validation_failed"],
  ])("%j is refused without a request", async (input, code) => {
    const { client, requests } = await fakeRestSignedIn(() => json([]));
    await expect(client.pictures.taskImageUrls(input)).rejects.toMatchObject({ code });
    expect(requests).toEqual([]);
  });

  test("a picture is removed by its path, which must be one", async () => {
    const { client, requests } = await fakeRestSignedIn(() => json([]));
    await client.pictures.remove({ bucket: "task-images", path: `${MY_ID}/a.jpg` });
    expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
      ["DELETE", "storage/v1/object/task-images", { prefixes: [`${MY_ID}/a.jpg`] }],
    ]);
    await expect(client.pictures.remove({ bucket: "avatars", path: "x" })).rejects.toMatchObject({
      code: "image_paths_invalid",
    });
    expect(requests).toHaveLength(1);
  });
});

test("the contract has the buckets, sizes and types of the migration", () => {
  const sql = readMigrations();
  const types = Object.keys(PICTURE_TYPES).join(",");
  for (const [bucket, { maxBytes }] of Object.entries(PICTURE_BUCKETS)) {
    expect(sql).toMatch(new RegExp(`\\('${bucket}', '${bucket}', (?:true|false), ${maxBytes}, '\\{${types}\\}'\\)`));
  }
  expect(sql).toContain(`\\.(${Object.values(PICTURE_TYPES).join("|")})$`);
});
