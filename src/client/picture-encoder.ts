import { ApiError } from "./api-error.ts";
import { withoutMetadata } from "./picture-bytes.ts";

/** What an encoder is asked for. */
export interface EncodeWish {
  /** Most pixels of the longer edge. */
  readonly maxEdge: number;
}

/**
 * Draws a picture again, so that nothing of the file it came in remains. Whatever it answers is checked before it leaves the
 * device: metadata is refused.
 */
export type PictureEncoder = (picture: Blob, wish: EncodeWish) => Promise<Blob>;

/** The part of a browser that draws. Written out here, because not every place this package runs in has it. */
interface Drawing {
  createImageBitmap(picture: Blob, options: { imageOrientation: "from-image" }): Promise<Bitmap>;
  OffscreenCanvas?: new (width: number, height: number) => Canvas;
  document?: { createElement(name: "canvas"): PageCanvas };
}
interface Bitmap {
  readonly width: number;
  readonly height: number;
  close(): void;
}
interface Brush {
  fillStyle: unknown;
  imageSmoothingQuality: "low" | "medium" | "high";
  fillRect(x: number, y: number, width: number, height: number): void;
  drawImage(bitmap: Bitmap, x: number, y: number, width: number, height: number): void;
}
interface Canvas {
  getContext(kind: "2d"): Brush | null;
  convertToBlob(options: { type: string; quality: number }): Promise<Blob>;
}
interface PageCanvas {
  width: number;
  height: number;
  getContext(kind: "2d"): Brush | null;
  toBlob(callback: (blob: Blob | null) => void, type: string, quality: number): void;
}

const TYPE = "image/jpeg";
const QUALITY = 0.82;

/**
 * The encoder of browsers: upright, scaled down, on white, as a JPEG.
 *
 * @throws {@link ApiError} `picture_invalid` when the file is no picture, or when there is no canvas here
 */
export const encodeInBrowser: PictureEncoder = async (picture, { maxEdge }) => {
  const browser = globalThis as unknown as Drawing;
  if (typeof browser.createImageBitmap !== "function") {
    throw new ApiError({ code: "picture_invalid", hint: "There is no canvas here: hand over an encoder of your own." });
  }
  let bitmap: Bitmap;
  try {
    bitmap = await browser.createImageBitmap(picture, { imageOrientation: "from-image" });
  } catch (cause) {
    throw new ApiError({ code: "picture_invalid", hint: "This file is no picture that can be shown.", cause });
  }
  try {
    const scale = Math.min(1, maxEdge / Math.max(bitmap.width, bitmap.height));
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    const drawn = await draw(browser, bitmap, width, height);
    // Safari writes Exif data of its own into every JPEG
    return new Blob([withoutMetadata(new Uint8Array(await drawn.arrayBuffer()))], { type: TYPE });
  } finally {
    bitmap.close();
  }
};

async function draw(browser: Drawing, bitmap: Bitmap, width: number, height: number): Promise<Blob> {
  if (browser.OffscreenCanvas !== undefined) {
    const canvas = new browser.OffscreenCanvas(width, height);
    paint(canvas.getContext("2d"), bitmap, width, height);
    return canvas.convertToBlob({ type: TYPE, quality: QUALITY });
  }
  if (browser.document === undefined) throw noCanvas();
  const canvas = browser.document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  paint(canvas.getContext("2d"), bitmap, width, height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob === null ? reject(noCanvas()) : resolve(blob)), TYPE, QUALITY);
  });
}

function paint(brush: Brush | null, bitmap: Bitmap, width: number, height: number): void {
  if (brush === null) throw noCanvas();
  brush.fillStyle = "#ffffff"; // a JPEG has no transparency
  brush.fillRect(0, 0, width, height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(bitmap, 0, 0, width, height);
}

function noCanvas(): ApiError {
  return new ApiError({ code: "picture_invalid", hint: "This browser cannot draw the picture." });
}
