import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "@supabase/lite";

type Adapter = NonNullable<App["_storageAdapter"]>;
type Stored = Awaited<ReturnType<Adapter["headObject"]>>;

/** What a request does to files: new content, or null for one that goes. */
type Changes = Map<string, Buffer | null>;

/**
 * Keeps the bytes of Storage in a folder, each file with a first line that says what it is. The server writes and
 * deletes before the database has had its last word, so a request changes files only once it has succeeded.
 */
export class FileStore implements Adapter {
  readonly driver = null;
  readonly #folder: string;
  readonly #changes = new AsyncLocalStorage<Changes>();

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
  }

  /** Runs a request; what it does to files happens when it is answered with success. */
  async during(work: () => Promise<Response>): Promise<Response> {
    const changes: Changes = new Map();
    const response = await this.#changes.run(changes, work);
    if (response.ok) for (const [file, content] of changes) change(file, content);
    return response;
  }

  async uploadObject(...[bucket, key, , body, mimetype, cacheControl]: Parameters<Adapter["uploadObject"]>) {
    const bytes = Buffer.from(await new Response(body as ConstructorParameters<typeof Response>[0]).arrayBuffer());
    const eTag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    const lastModified = new Date();
    const stored = { mimetype, cacheControl, eTag, lastModified, size: bytes.length, contentLength: bytes.length };
    this.#change(bucket, key, Buffer.concat([Buffer.from(`${JSON.stringify(stored)}\n`), bytes]));
    return stored;
  }

  async getObject(bucket: string, key: string) {
    const content = this.#read(bucket, key);
    return { metadata: metadataIn(content), httpStatusCode: 200, body: content.subarray(content.indexOf("\n") + 1) };
  }

  async headObject(bucket: string, key: string) {
    return metadataIn(this.#read(bucket, key));
  }

  async copyObject(...[fromBucket, from, , toBucket, to]: Parameters<Adapter["copyObject"]>) {
    const content = this.#read(fromBucket, from);
    this.#change(toBucket, to, content);
    const { eTag, lastModified } = metadataIn(content);
    return { httpStatusCode: 200, eTag, lastModified };
  }

  async deleteObject(bucket: string, key: string) {
    this.#change(bucket, key, null);
  }

  async deleteObjects(bucket: string, keys: string[]) {
    for (const key of keys) this.#change(bucket, key, null);
  }

  async privateAssetUrl(): Promise<string> {
    throw new Error("files of the local stack have no address of their own");
  }

  #read(bucket: string, key: string): Buffer {
    const file = this.#fileOf(bucket, key);
    return this.#changes.getStore()?.get(file) ?? readFileSync(file);
  }

  #change(bucket: string, key: string, content: Buffer | null): void {
    const changes = this.#changes.getStore();
    if (changes === undefined) throw new Error("files change in requests only");
    changes.set(this.#fileOf(bucket, key), content);
  }

  /** Names of files are the caller's choice, so they are none on the disk. */
  #fileOf(bucket: string, key: string): string {
    return join(this.#folder, createHash("sha256").update(`${bucket}/${key}`).digest("hex"));
  }
}

function change(file: string, content: Buffer | null): void {
  if (content === null) {
    rmSync(file, { force: true });
    return;
  }
  // nobody reads half a file, also after a crash
  writeFileSync(`${file}.part`, content);
  renameSync(`${file}.part`, file);
}

function metadataIn(content: Buffer): Stored & { lastModified: Date } {
  const stored = JSON.parse(content.subarray(0, content.indexOf("\n")).toString()) as Stored;
  return { ...stored, lastModified: new Date(stored.lastModified ?? 0) };
}
