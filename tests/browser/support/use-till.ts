import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import jpeg from "jpeg-js";
import type { Page } from "playwright-core";
import { encode } from "uqr";
import { build } from "vite";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { paths } from "../../../dev/base/paths.ts";
import { createTill } from "../../../examples/till/server.ts";
import { openBrowser } from "../page.ts";
import type { BrowserStack } from "./use-browser-stack.ts";
import { watch } from "./watch.ts";

const DOT = 8;
const FRAME = { width: 640, height: 480 };

/** The till of examples/till, which uses codes of a shop. */
export interface TestTill {
  /** A cashier at this shop's till, whose camera sees a QR code with this text. */
  open(key: string, seen?: string, language?: "en" | "de"): Promise<Page>;
}

/** Builds the till for the tests of this file; a page that throws or asks another host fails its test. */
export function useTill(stack: BrowserStack): TestTill {
  const folder = mkdtempSync(join(tmpdir(), "nh-till-"));
  const page = join(folder, "page");
  beforeAll(() =>
    build({ root: join(paths.root, "examples/till"), logLevel: "warn", build: { outDir: page, emptyOutDir: true } }),
  );
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    async open(key, seen, language = "en") {
      const partnerUrl = `${stack.url}/functions/v1/partner`;
      // starts the function, for which a busy machine may take longer than a till waits
      await fetch(`${partnerUrl}/v1/me`, { headers: { authorization: `Bearer ${key}` } });
      const till = createTill({ partnerUrl, key, name: "till-7", page });
      const port = await new Promise<number>((resolve) => {
        const served = serve({ fetch: till.fetch, port: 0, hostname: "127.0.0.1" }, (info) => resolve(info.port));
        onTestFinished(() => void served.close());
      });
      const url = `http://127.0.0.1:${port}`;
      const film = join(folder, "camera.mjpeg");
      writeFileSync(film, picture(seen ?? "nothing"));
      const browser = await openBrowser([
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${film}`,
      ]);
      onTestFinished(() => browser.close());
      const context = await browser.newContext({
        locale: language === "de" ? "de-DE" : "en-GB",
        viewport: { width: 320, height: 700 },
        permissions: ["camera"],
      });
      const problems = watch(context, [new URL(url).host]);
      onTestFinished(() => {
        if (problems.length > 0) throw new Error(problems.join("\n"));
      });
      const cashier = await context.newPage();
      await cashier.goto(url);
      return cashier;
    },
  };
}

/** A film of one frame: the QR code, black on white. */
function picture(text: string): Buffer {
  const { data, size } = encode(text, { border: 4 });
  const { width, height } = FRAME;
  const [left, top] = [(width - size * DOT) / 2, (height - size * DOT) / 2];
  const pixels = Buffer.alloc(width * height * 4, 255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const isDark = data[Math.floor((y - top) / DOT)]?.[Math.floor((x - left) / DOT)] ?? false;
      if (isDark) pixels.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return jpeg.encode({ data: pixels, width, height }, 90).data;
}
