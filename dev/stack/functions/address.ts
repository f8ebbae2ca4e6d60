import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

/** Where one function listens. */
export interface WorkerAddress {
  /** For `net.connect`, which reads `path`, and `http.request`, which reads `socketPath`. */
  readonly target:
    | { readonly socketPath: string; readonly path: string }
    | { readonly host: string; readonly port: number };
  /** For Deno, as `DENO_SERVE_ADDRESS`. */
  readonly denoServeAddress: string;
  /** Paths that Deno may read and write for it. */
  readonly files: readonly string[];
  /** Takes away what is left of it. */
  remove(): void;
}

const HOST = "127.0.0.1";
const PRINT_FREE_PORT = `const probe = require("net").createServer().listen(0, "${HOST}", () => {
  process.stdout.write(String(probe.address().port));
  probe.close();
});`;

/**
 * An address that nobody else has: a Unix socket in a folder of our own, or, because Deno has none on Windows, a port there.
 *
 * @param name of the socket.
 */
export function newWorkerAddress(
  directory: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): WorkerAddress {
  if (platform === "win32") {
    const port = Number(execFileSync(process.execPath, ["-e", PRINT_FREE_PORT], { encoding: "utf8" }));
    const target = { host: HOST, port };
    return { target, denoServeAddress: `tcp:${HOST}:${port}`, files: [], remove: () => undefined };
  }
  const path = join(directory, `${name}.sock`);
  const target = { socketPath: path, path };
  return { target, denoServeAddress: `unix:${path}`, files: [path], remove: () => rmSync(path, { force: true }) };
}
