import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const NAME = "service-worker.js";
const SOURCE = "src/service-worker.ts";
/** Loaded when somebody looks at a map, and kept from then on: half of the app's weight. */
const LATER = /node_modules\/maplibre-gl\//u;

/** Builds the service worker beside the app, with the list of the app's files in it. */
export function serviceWorkerFile(root: string): Plugin {
  return {
    name: "service-worker-file",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: join(root, SOURCE), fileName: NAME });
    },
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle[NAME];
        if (worker?.type !== "chunk") throw new Error(`${SOURCE} was not built`);
        if (worker.imports.length > 0) throw new Error(`${SOURCE} shares code with the app: it has to be one file`);
        const built = Object.values(bundle).filter(
          (file) => file !== worker && !(file.type === "chunk" && file.moduleIds.some((id) => LATER.test(id))),
        );
        const contents = new Map([
          ...built.map((file) => [file.fileName, file.type === "chunk" ? file.code : file.source] as const),
          ...readdirSync(join(root, "public")).map((name) => [name, readFileSync(join(root, "public", name))] as const),
        ]);
        contents.delete("config.json");
        const hash = createHash("sha256").update(worker.code);
        for (const [name, content] of [...contents].sort(([a], [b]) => (a < b ? -1 : 1)))
          hash.update(name).update(content);
        const files = [...contents.keys()].filter((name) => !name.endsWith(".map")).map((name) => `/${name}`);
        const list = JSON.stringify({ version: hash.digest("hex").slice(0, 12), files: files.sort() });
        worker.code = worker.code.replaceAll("__APP_FILES__", list);
      },
    },
  };
}
