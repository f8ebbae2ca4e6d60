import { randomInt } from "node:crypto";
import { isPortFree } from "../start/ports.mjs";

/**
 * A TCP port on 127.0.0.1 that nothing listens on, below those that the system gives to outgoing connections: one of them
 * may be gone by the time somebody listens, and while a server restarts.
 */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isPortFree(port)) return port;
  }
}
