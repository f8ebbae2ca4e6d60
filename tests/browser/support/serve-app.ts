import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Files of an app at an address. */
export interface ServedApp {
  readonly url: string;
  close(): void;
}

/** Serves the files of a built app, with this `config.json`; every other address is the app's, which has screens for them. */
export async function serveApp(folder: string, config: object): Promise<ServedApp> {
  const read = async (path: string): Promise<[string, string | Buffer]> => {
    if (path === "/config.json") return [path, JSON.stringify(config)];
    if (extname(path) === "") return ["/index.html", await readFile(join(folder, "index.html"))];
    return [path, await readFile(join(folder, normalize(path)))];
  };
  const server = createServer((request, response) => {
    read(new URL(request.url ?? "/", "http://app").pathname).then(
      ([name, content]) => {
        response.setHeader("content-type", TYPES[extname(name)] ?? "application/octet-stream").end(content);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // another host name than the stack's, as in production
  return { url: `http://localhost:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}
