/**
 * What is in the bytes of a picture besides the picture. Cameras write where a photo was taken into it (Exif, XMP), and
 * phones append whole films. Everything that is not known to be harmless counts as metadata.
 *
 * @module
 */
import type { PictureType } from "../../supabase/functions/_shared/contracts/index.ts";

/** A stretch of a file. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly isHarmless: boolean;
}

/** What the bytes are. */
export interface PictureBytes {
  readonly type: PictureType;
  /** Nothing but the picture: no Exif, XMP, comments, thumbnails, and nothing after its end. */
  readonly isClean: boolean;
}

/** What the bytes are, or null for anything that is not a whole JPEG, PNG or WebP. */
export function inspectPicture(bytes: Uint8Array): PictureBytes | null {
  for (const [type, read] of READERS) {
    const parts = read(bytes);
    if (parts !== null) return { type, isClean: parts.every(({ isHarmless }) => isHarmless) };
  }
  return null;
}

/** A JPEG without its metadata, other bytes as they are. The picture itself is not touched. */
export function withoutMetadata(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const parts = readJpeg(bytes)?.filter(({ isHarmless }) => isHarmless);
  if (parts === undefined) return new Uint8Array(bytes);
  const clean = new Uint8Array(parts.reduce((length, { from, to }) => length + to - from, 0));
  let at = 0;
  for (const { from, to } of parts) {
    clean.set(bytes.subarray(from, to), at);
    at += to - from;
  }
  return clean;
}

const READERS: readonly (readonly [PictureType, (bytes: Uint8Array) => Part[] | null])[] = [
  ["image/jpeg", readJpeg],
  ["image/png", readPng],
  ["image/webp", readWebp],
];

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const JPEG_START = 0xd8;
const JPEG_END = 0xd9;
const JPEG_SCAN = 0xda;

function readJpeg(bytes: Uint8Array): Part[] | null {
  if (bytes[0] !== 0xff || bytes[1] !== JPEG_START) return null;
  const parts: Part[] = [{ from: 0, to: 2, isHarmless: true }];
  let at = 2;
  while (bytes[at] === 0xff) {
    const from = at;
    while (bytes[at] === 0xff) at += 1; // fill bytes
    const marker = bytes[at];
    if (marker === undefined) return null;
    at += 1;
    if (marker === JPEG_END) {
      parts.push({ from, to: at, isHarmless: true });
      if (at < bytes.length) parts.push({ from: at, to: bytes.length, isHarmless: false });
      return parts;
    }
    if (at + 2 > bytes.length) return null;
    const length = view(bytes).getUint16(at);
    if (length < 2 || at + length > bytes.length) return null;
    const isHarmless = isHarmlessSegment(marker, bytes, at + 2, at + length);
    at += length;
    if (marker === JPEG_SCAN) at = endOfScan(bytes, at);
    parts.push({ from, to: at, isHarmless });
  }
  return null; // no end, or something between the segments
}

/** Where the entropy-coded data after a scan header ends: at the next marker that is neither stuffing nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length) {
    const next = bytes[at + 1] ?? 0;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
    at += 1;
  }
  return at;
}

/** Tables, frames and scans; of the application segments those that say how to show the pixels. */
function isHarmlessSegment(marker: number, bytes: Uint8Array, from: number, to: number): boolean {
  if (marker === 0xe0) return text(bytes, from, from + 5) === "JFIF\0" && to - from === 14; // longer: a thumbnail
  if (marker === 0xe2) return text(bytes, from, from + 12) === "ICC_PROFILE\0";
  if (marker === 0xee) return text(bytes, from, from + 5) === "Adobe" && to - from === 12;
  // C8 is reserved
  return (
    (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8) || (marker >= JPEG_SCAN && marker <= 0xdd) || marker === 0xdb
  );
}

const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";
const HARMLESS_PNG_CHUNKS: ReadonlySet<string> = new Set(
  "IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB bKGD hIST pHYs".split(" "),
);

function readPng(bytes: Uint8Array): Part[] | null {
  if (text(bytes, 0, 8) !== PNG_SIGNATURE) return null;
  const parts: Part[] = [];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const name = text(bytes, at + 4, at + 8);
    const to = at + 12 + view(bytes).getUint32(at);
    if (to > bytes.length) return null;
    parts.push({ from: at, to, isHarmless: HARMLESS_PNG_CHUNKS.has(name) });
    if (name === "IEND") {
      if (to < bytes.length) parts.push({ from: to, to: bytes.length, isHarmless: false });
      return parts;
    }
    at = to;
  }
  return null;
}

const HARMLESS_WEBP_CHUNKS: ReadonlySet<string> = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ICCP"]);

function readWebp(bytes: Uint8Array): Part[] | null {
  if (text(bytes, 0, 4) !== "RIFF" || text(bytes, 8, 12) !== "WEBP") return null;
  const end = view(bytes).getUint32(4, true) + 8;
  if (end > bytes.length) return null;
  const parts: Part[] = [];
  let at = 12;
  while (at + 8 <= end) {
    const length = view(bytes).getUint32(at + 4, true);
    const to = at + 8 + length + (length % 2);
    if (to > end) return null;
    parts.push({ from: at, to, isHarmless: HARMLESS_WEBP_CHUNKS.has(text(bytes, at, at + 4)) });
    at = to;
  }
  if (at !== bytes.length) parts.push({ from: at, to: bytes.length, isHarmless: false });
  return parts.length === 0 ? null : parts;
}
