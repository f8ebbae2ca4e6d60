import jpeg from "jpeg-js";
import { vi } from "vitest";

/** Pixels of one colour, red by default. */
function pixels(width: number, height: number, colour: readonly number[] = [200, 30, 30]): jpeg.BufferLike {
  const data = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < data.length; at += 4) data.set(colour, at);
  return data;
}

/** Exif data as a phone writes it: taken at 52.5° N, 13.4° E. */
export function gpsExif(): Buffer {
  const exif = Buffer.alloc(150);
  const entry = (at: number, tag: number, type: number, count: number, value: number | string): void => {
    exif.writeUInt16BE(tag, at);
    exif.writeUInt16BE(type, at + 2);
    exif.writeUInt32BE(count, at + 4);
    if (typeof value === "string") exif.write(value, at + 8, "latin1");
    else exif.writeUInt32BE(value, at + 8);
  };
  const degrees = (at: number, whole: number, minutes: number): void => {
    for (const [index, value] of [whole, 1, minutes, 1, 0, 1].entries()) exif.writeUInt32BE(value, at + index * 4);
  };
  exif.write("Exif\0\0MM\0*", "latin1");
  const tiff = 6; // where offsets count from
  exif.writeUInt32BE(8, tiff + 4);
  exif.writeUInt16BE(1, tiff + 8);
  entry(tiff + 10, 0x8825, 4, 1, 26); // the GPS directory
  exif.writeUInt16BE(4, tiff + 26);
  entry(tiff + 28, 1, 2, 2, "N");
  entry(tiff + 40, 2, 5, 3, 80);
  entry(tiff + 52, 3, 2, 2, "E");
  entry(tiff + 64, 4, 5, 3, 104);
  degrees(tiff + 80, 52, 30);
  degrees(tiff + 104, 13, 24);
  return exif;
}

/** A JPEG, with Exif data when given some. */
export function photo({
  width = 32,
  height = 16,
  exif,
}: {
  width?: number;
  height?: number;
  exif?: Buffer;
} = {}): Buffer {
  const image = { width, height, data: pixels(width, height), ...(exif && { exifBuffer: exif }) };
  return Buffer.from(jpeg.encode(image, 90).data);
}

/** A JPEG with one more segment after its start. */
export function withSegment(picture: Buffer, marker: number, content: string): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([picture.subarray(0, 2), head, Buffer.from(content, "latin1"), picture.subarray(2)]);
}

/** A PNG or WebP chunk. */
function chunk(kind: "png" | "webp", name: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  if (kind === "png") {
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(name, "latin1"), content, Buffer.alloc(4)]);
  }
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name, "latin1"), length, content, Buffer.alloc(content.length % 2)]);
}

/** The chunks of a PNG, with more before its end. */
export function png(...more: [string, Buffer][]): Buffer {
  const chunks = [["IHDR", Buffer.alloc(13)], ["IDAT", Buffer.alloc(9)], ...more, ["IEND", Buffer.alloc(0)]] as const;
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    ...chunks.map(([name, content]) => chunk("png", name, content)),
  ]);
}

/** The chunks of a WebP, with more at its end. */
export function webp(...more: [string, Buffer][]): Buffer {
  const chunks = Buffer.concat(
    [["VP8X", Buffer.alloc(10)] as const, ["VP8 ", Buffer.alloc(21)] as const, ...more].map(([name, content]) =>
      chunk("webp", name, content),
    ),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(chunks.length + 4);
  return Buffer.concat([Buffer.from("RIFF"), length, Buffer.from("WEBP"), chunks]);
}

/** What the stand-in browser saw. */
export interface SeenDrawing {
  readonly canvases: { width: number; height: number }[];
  bitmapsOpen: number;
}

/** How the stand-in browser is built. */
export interface BrowserKind {
  /** Exif data that the browser writes into what it encodes, as Safari does. */
  readonly ownExif?: Buffer;
  /** An older browser has canvases in its page only. */
  readonly offscreen?: boolean;
}

/** A browser's canvas made of a JPEG library: it really decodes, draws and encodes. Undone by `vi.unstubAllGlobals()`. */
export function pretendBrowser({ ownExif, offscreen = true }: BrowserKind = {}): SeenDrawing {
  const seen: SeenDrawing = { canvases: [], bitmapsOpen: 0 };
  vi.stubGlobal("createImageBitmap", async (picture: Blob) => {
    const { width, height, data } = jpeg.decode(new Uint8Array(await picture.arrayBuffer()));
    seen.bitmapsOpen += 1;
    return {
      width,
      height,
      data,
      close: () => {
        seen.bitmapsOpen -= 1;
      },
    };
  });
  class Canvas {
    width: number;
    height: number;
    #colour: number[] = [0, 0, 0];
    constructor(width = 0, height = 0) {
      this.width = width;
      this.height = height;
    }
    getContext() {
      return {
        fillRect: () => undefined,
        drawImage: ({ data }: { data: Uint8Array }) => {
          this.#colour = [...data.subarray(0, 3)];
        },
      };
    }
    async convertToBlob({ type, quality }: { type: string; quality: number }): Promise<Blob> {
      seen.canvases.push({ width: this.width, height: this.height });
      const data = pixels(this.width, this.height, this.#colour);
      const image = { width: this.width, height: this.height, data, ...(ownExif && { exifBuffer: ownExif }) };
      return new Blob([new Uint8Array(jpeg.encode(image, quality * 100).data)], { type });
    }
    toBlob(callback: (blob: Blob) => void, type: string, quality: number): void {
      void this.convertToBlob({ type, quality }).then(callback);
    }
  }
  if (offscreen) vi.stubGlobal("OffscreenCanvas", Canvas);
  else vi.stubGlobal("document", { createElement: () => new Canvas() });
  return seen;
}
