import { z } from "zod";
import { json } from "../gateway/json.ts";
import type { Fetch } from "../rest/servers.ts";
import { storageError } from "./known-errors.ts";

/** What supabase-js and the real Storage server say to each other, where the local one knows it differently. */

const ROOT = "/storage/v1";

const signManyInput = z.object({ expiresIn: z.number(), paths: z.array(z.string()) });
const signedAnswer = z.object({ signedUrl: z.string(), token: z.string().optional() });
const listInput = z.looseObject({ prefix: z.string().default("") });
const listed = z.array(z.looseObject({ name: z.string() }));

const pathOf = (request: Request): string => new URL(request.url).pathname.slice(ROOT.length);

/** Answers a request for many signed addresses; undefined: it is another request. */
export async function signMany(request: Request, ask: Fetch): Promise<Response | undefined> {
  const [, bucket] = /^\/object\/sign\/([^/]+)$/u.exec(pathOf(request)) ?? [];
  if (bucket === undefined || request.method !== "POST") return undefined;
  const input = signManyInput.safeParse(await request.json().catch(() => undefined));
  if (!input.success) return storageError(400, "InvalidRequest", "body must have expiresIn and paths");
  const { expiresIn, paths } = input.data;
  const signed = [];
  for (const path of paths) {
    const single = new Request(new URL(`${ROOT}/object/sign/${bucket}/${escaped(path)}`, request.url), {
      method: "POST",
      headers: request.headers,
      body: JSON.stringify({ expiresIn }),
    });
    const answer = await completeAnswer(single, await ask(single));
    const { signedURL = null, message = null } = (await answer.json()) as { signedURL?: string; message?: string };
    signed.push({ path, signedURL, error: message });
  }
  return json(200, signed);
}

/** Answers a request for what lies in a folder, with names in it; undefined: it is another request. */
export async function listFolder(request: Request, ask: Fetch): Promise<Response | undefined> {
  if (!pathOf(request).startsWith("/object/list/") || request.method !== "POST") return undefined;
  const input = listInput.safeParse(await request.json().catch(() => undefined));
  if (!input.success) return storageError(400, "InvalidRequest", "body must have a prefix");
  const folder = input.data.prefix === "" ? "" : `${input.data.prefix.replace(/\/+$/u, "")}/`;
  const { url, headers } = request;
  const body = JSON.stringify({ ...input.data, prefix: folder });
  const answer = await ask(new Request(url, { method: "POST", headers, body }));
  if (!answer.ok) return answer;
  const entries = new Map<string, object>();
  for (const file of listed.parse(await answer.json())) {
    const [name = "", ...deeper] = file.name.slice(folder.length).split("/");
    entries.set(name, deeper.length === 0 ? { ...file, name } : { name, id: null, metadata: null });
  }
  return json(200, [...entries.values()]);
}

/** The request with all of its body; what came in a form, as browsers send files, comes as the file alone. */
export async function plainRequest(request: Request): Promise<Request | Response> {
  if (request.method === "GET" || request.method === "HEAD") return request;
  const headers = new Headers(request.headers);
  if (headers.has("x-metadata")) return noMetadata();
  const isForm = headers.get("content-type")?.startsWith("multipart/form-data") ?? false;
  let body: ArrayBuffer;
  if (isForm) {
    const form = await request.formData();
    const file = [...form.values()].find((value) => value instanceof File);
    if (file === undefined) return storageError(400, "InvalidRequest", "no file in the form");
    if (form.has("metadata")) return noMetadata();
    const seconds = form.get("cacheControl");
    headers.set("content-type", file.type || "application/octet-stream");
    if (typeof seconds === "string") headers.set("cache-control", `max-age=${seconds}`);
    body = await file.arrayBuffer();
  } else {
    body = await request.arrayBuffer();
  }
  headers.set("content-length", String(body.byteLength));
  return new Request(request.url, { method: request.method, headers, body });
}

/** The answer in the words that supabase-js knows. */
export async function completeAnswer(request: Request, response: Response): Promise<Response> {
  const path = pathOf(request);
  if (!response.ok || request.method !== "POST") return response;
  if (/^\/object\/(?:upload\/)?sign\//u.test(path)) {
    const { signedUrl, token } = signedAnswer.parse(await response.json());
    const address = signedUrl.slice(ROOT.length);
    return json(200, token === undefined ? { signedURL: address } : { url: address, token });
  }
  return response;
}

/** The server would drop it without a word. */
const noMetadata = (): Response =>
  storageError(400, "InvalidRequest", "files of the local stack have no metadata of their own");

const escaped = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
