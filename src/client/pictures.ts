import {
  PICTURE_BUCKETS,
  PICTURE_TYPES,
  type PictureBucket,
  type PictureRef,
  pictureRef,
  type TaskImageUrlsInput,
  taskImageUrlsInput,
} from "../../supabase/functions/_shared/contracts/index.ts";
import { ApiError, abortError, apiErrorFrom } from "./api-error.ts";
import { inspectPicture } from "./picture-bytes.ts";
import { encodeInBrowser, type PictureEncoder } from "./picture-encoder.ts";
import { checked, type RequestOptions, randomId, repeat } from "./request.ts";
import { type NeighbourhoodSupabase, ownUserId } from "./supabase.ts";

/** Last argument of the uploads. */
export interface UploadOptions extends RequestOptions {
  /** Draws the picture again; by default the browser's canvas. */
  readonly encode?: PictureEncoder;
}

/** A picture of a task and where it can be loaded from. */
export interface TaskImageUrl {
  readonly path: string;
  /** Null when the picture is gone, or not for the member who is signed in. */
  readonly url: string | null;
}

/**
 * Adds a profile picture and returns its path, for {@link updateProfile}. The picture is drawn again before it leaves the
 * device, so that where it was taken stays there. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `storage_unavailable`, `picture_invalid`, `picture_too_large`, `picture_has_metadata`,
 * `not_permitted` (banned, or too many pictures), `not_signed_in`
 * @example
 * ```ts
 * const avatar_path = await client.pictures.uploadAvatar(input.files[0]);
 * await client.users.updateProfile({ avatar_path });
 * ```
 */
export async function uploadAvatar(
  supabase: NeighbourhoodSupabase,
  picture: Blob,
  options: UploadOptions = {},
): Promise<string> {
  return upload(supabase, "avatars", picture, options);
}

/**
 * Adds a picture for a task and returns its path, for {@link createTask} or {@link updateTask}. Drawn again before it leaves
 * the device, as in {@link uploadAvatar}. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} as {@link uploadAvatar}
 * @example
 * ```ts
 * const image_paths = await Promise.all(files.map((file) => client.pictures.uploadTaskImage(file)));
 * await client.tasks.create({ ...task, image_paths });
 * ```
 */
export async function uploadTaskImage(
  supabase: NeighbourhoodSupabase,
  picture: Blob,
  options: UploadOptions = {},
): Promise<string> {
  return upload(supabase, "task-images", picture, options);
}

/**
 * The address of a profile picture; it needs nobody signed in and never expires. Null for a member without one. No request
 * is made.
 *
 * @example
 * ```ts
 * image.src = client.pictures.avatarUrl(user.avatar_path) ?? placeholder;
 * ```
 */
export function getAvatarUrl(supabase: NeighbourhoodSupabase, avatarPath: string | null): string | null {
  return avatarPath === null ? null : supabase.storage.from("avatars").getPublicUrl(avatarPath).data.publicUrl;
}

/**
 * Addresses of tasks' pictures, in the order of the paths. They open the pictures to whoever has them until they expire, so
 * do not store them. Repeated by itself when the connection fails.
 *
 * @throws {@link ApiError} `image_paths_invalid`, `storage_unavailable`, `not_signed_in`
 * @example
 * ```ts
 * for (const { url } of await client.pictures.taskImageUrls({ paths: task.image_paths })) if (url) addImage(url);
 * ```
 */
export async function getTaskImageUrls(
  supabase: NeighbourhoodSupabase,
  input: TaskImageUrlsInput,
  options: RequestOptions = {},
): Promise<TaskImageUrl[]> {
  const { paths, expires_in_seconds } = checked(taskImageUrlsInput, input);
  if (paths.length === 0) return [];
  const signed = await ask(
    () => supabase.storage.from("task-images").createSignedUrls(paths, expires_in_seconds),
    options,
  );
  // to nobody signed in the server signs nothing, and says so of each picture
  if (!signed.some(({ signedUrl }) => signedUrl)) await ownUserId(supabase, options);
  const urls = new Map(signed.map(({ path, signedUrl }) => [path, signedUrl]));
  return paths.map((path) => ({ path, url: urls.get(path) || null }));
}

/**
 * Removes an own picture for good. Does nothing when it is not there, or not one's own. Repeated by itself when the
 * connection fails.
 *
 * @throws {@link ApiError} `image_paths_invalid`, `storage_unavailable`, `not_signed_in`
 * @example
 * ```ts
 * await client.pictures.remove({ bucket: "avatars", path: formerAvatarPath });
 * ```
 */
export async function removePicture(
  supabase: NeighbourhoodSupabase,
  input: PictureRef,
  options: RequestOptions = {},
): Promise<void> {
  const { bucket, path } = checked(pictureRef, input);
  const removed = await ask(() => supabase.storage.from(bucket).remove([path]), options);
  if (removed.length === 0) await ownUserId(supabase, options); // nobody signed in removes nothing
}

async function upload(
  supabase: NeighbourhoodSupabase,
  bucket: PictureBucket,
  picture: Blob,
  { encode = encodeInBrowser, ...options }: UploadOptions,
): Promise<string> {
  const { maxBytes, maxEdge } = PICTURE_BUCKETS[bucket];
  const folder = await ownUserId(supabase, options);
  const drawn = await encode(picture, { maxEdge });
  // exactly these bytes are checked and sent
  const bytes = new Uint8Array(await drawn.arrayBuffer());
  const found = inspectPicture(bytes);
  if (found === null) throw new ApiError({ code: "picture_invalid", hint: "The encoder made no JPEG, PNG or WebP." });
  if (!found.isClean) throw new ApiError({ code: "picture_has_metadata" });
  if (bytes.length > maxBytes) throw new ApiError({ code: "picture_too_large", detail: `${bytes.length}` });

  const path = `${folder}/${randomId()}.${PICTURE_TYPES[found.type]}`;
  const send = async (): Promise<StorageReply<true>> => {
    const { error } = await supabase.storage
      .from(bucket)
      // the name is never used again, so it may be kept for a year
      .upload(path, bytes, { contentType: found.type, cacheControl: "31536000" });
    // nobody else has this name: an earlier attempt arrived, and its answer did not
    return error === null || statusOf(error) === 409 ? { data: true, error: null } : { data: null, error };
  };
  await ask(send, options);
  return path;
}

/** What supabase-js tells about a call of the Storage server. */
interface StorageReply<Data> {
  readonly data: Data | null;
  readonly error: Error | null;
}

async function ask<Data>(
  request: () => Promise<StorageReply<Data>>,
  { signal }: RequestOptions,
): Promise<NonNullable<Data>> {
  return repeat(async () => {
    if (signal?.aborted) throw abortError(signal);
    const { data, error } = await unlessAborted(request(), signal);
    if (error !== null) throw storageError(error);
    if (data === null || data === undefined)
      throw new ApiError({ code: "unexpected_response", detail: "empty answer" });
    return data;
  }, signal);
}

/** Ends the waiting, not the work: supabase-js cannot be told to stop an upload. */
function unlessAborted<Data>(work: Promise<Data>, signal: AbortSignal | undefined): Promise<Data> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortError(signal));
    const done = (): void => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    work.finally(done).then(resolve, reject);
  });
}

/** The Storage server may answer 400 and say the real status in the body. */
function statusOf(error: Error): number {
  const inBody = Number(Reflect.get(error, "statusCode"));
  const status = Number.isInteger(inBody) && inBody >= 400 ? inBody : Number(Reflect.get(error, "status"));
  return Number.isInteger(status) ? status : 0;
}

/** What the server says of a token that has expired, is of another secret or is none at all. */
const BAD_TOKEN = /\bjw[tsk]\b|json web key|" claim|\bsignature\b/iu;

function storageError(error: Error): ApiError {
  const status = statusOf(error);
  // 501: this stack has none; 404: its buckets or its routes are missing, since a file that is missing is no error here
  if (status === 501 || status === 404) return new ApiError({ code: "storage_unavailable", cause: error });
  if (status === 401 || ((status === 400 || status === 403) && BAD_TOKEN.test(error.message))) {
    return new ApiError({ code: "not_signed_in", cause: error });
  }
  if (status === 403) return new ApiError({ code: "not_permitted", cause: error });
  if (status === 413) return new ApiError({ code: "picture_too_large", cause: error });
  if (status === 415) return new ApiError({ code: "picture_invalid", cause: error });
  if (status === 429 || status >= 500) return new ApiError({ code: "service_unavailable", cause: error });
  return apiErrorFrom(error, status);
}
