import http from "node:http";
import type { AddressInfo } from "node:net";

/** A server of which a part takes requests and never answers. */
export interface SilentServer {
  /** Address on this machine; a path that begins with `/silent` gets no answer, all others get 201. */
  url(path: string): string;
  /** Requests that wait for their answer. */
  readonly waiting: number;
  /** Paths that were answered, in order. */
  readonly answered: readonly string[];
  /** Ends the connections that wait, and answers from now on. */
  relent(): void;
  close(): Promise<void>;
}

/**
 * Listens on a free port.
 *
 * @param host name or address of this machine: to those who judge hosts, `127.0.0.1` and `localhost` are two.
 */
export async function openSilentServer(host = "127.0.0.1"): Promise<SilentServer> {
  const waiting = new Set<http.IncomingMessage>();
  const answered: string[] = [];
  let isSilent = true;
  const server = http.createServer((request, response) => {
    const path = request.url ?? "";
    if (isSilent && path.startsWith("/silent")) {
      waiting.add(request);
      request.once("close", () => waiting.delete(request));
      return;
    }
    request.resume().once("end", () => {
      answered.push(path);
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const relent = () => {
    isSilent = false;
    for (const request of waiting) request.destroy();
  };
  return {
    url: (path) => `http://${host}:${port}${path}`,
    get waiting() {
      return waiting.size;
    },
    answered,
    relent,
    async close() {
      relent();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
