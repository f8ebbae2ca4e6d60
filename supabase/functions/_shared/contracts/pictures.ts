/**
 * Inputs of the pictures room, and what its buckets take.
 *
 * @module
 */
import { z } from "zod";
import { MAX_PICTURE_NAME_LENGTH } from "./words-and-limits.ts";

/** What a bucket takes; the Storage server refuses the rest. */
export interface PictureBucketRules {
  /** Most bytes of one file. */
  readonly maxBytes: number;
  /** Pixels of the longer edge that the client scales down to. */
  readonly maxEdge: number;
}

/** The buckets, by name. */
export const PICTURE_BUCKETS: { readonly [Bucket in PictureBucket]: PictureBucketRules } = {
  avatars: { maxBytes: 1_048_576, maxEdge: 512 },
  "task-images": { maxBytes: 5_242_880, maxEdge: 1600 },
};
/** Types of pictures that both buckets take, with the extension their names end in. */
export const PICTURE_TYPES: { readonly [Type in PictureType]: string } = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
};
/** Most pictures whose addresses are asked for at once. */
export const MAX_SIGNED_URLS = 100;

const PICTURE_PATH = new RegExp(
  `^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[A-Za-z0-9_-]{1,${MAX_PICTURE_NAME_LENGTH}}` +
    `\\.(?:${Object.values(PICTURE_TYPES).join("|")})$`,
  "u",
);

/** Whether the buckets can hold a file of this path: `<user id>/<name>.jpg`, `.png` or `.webp`. */
export function isPicturePath(path: string): boolean {
  return PICTURE_PATH.test(path);
}

const picturePath = z.string({ error: "image_paths_invalid" }).refine(isPicturePath, "image_paths_invalid");

/** Input of `taskImageUrls`: the addresses open the pictures to whoever has them, for a while. */
export const taskImageUrlsInput = z.strictObject({
  paths: z.array(picturePath, { error: "image_paths_invalid" }).max(MAX_SIGNED_URLS, "image_paths_invalid"),
  /** One minute to one day; an hour when nothing is said. */
  expires_in_seconds: z
    .int({ error: "validation_failed" })
    .min(60, "validation_failed")
    .max(86_400, "validation_failed")
    .default(3600),
});

/** Names a file in one of the buckets. */
export const pictureRef = z.strictObject({
  bucket: z.enum(["avatars", "task-images"], { error: "validation_failed" }),
  path: picturePath,
});

/** A bucket of this room. */
export type PictureBucket = "avatars" | "task-images";
/** A type of pictures that the buckets take. */
export type PictureType = "image/jpeg" | "image/png" | "image/webp";
/** See {@link taskImageUrlsInput}. */
export type TaskImageUrlsInput = z.input<typeof taskImageUrlsInput>;
/** See {@link pictureRef}. */
export type PictureRef = z.input<typeof pictureRef>;
