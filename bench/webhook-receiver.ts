import http from "node:http";
import type { AddressInfo } from "node:net";

/** Partners' servers and a push service: one that never answers, and others that answer at once. */
export interface Receiver {
  /** Address of an endpoint; number 0 accepts the connection and never answers. */
  url(endpoint: number): string;
  /** Starts to count anew; settles when so many messages have arrived at the endpoints that answer. */
  expect(messages: number): Promise<void>;
  readonly received: number;
  /** Drops the connections that wait for an answer. */
  hangUp(): void;
  close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function openReceiver(): Promise<Receiver> {
  const silent = new Set<http.IncomingMessage>();
  let received = 0;
  let expected = Number.POSITIVE_INFINITY;
  let settle = (): void => undefined;
  const server = http.createServer((request, response) => {
    if (request.url?.split("?")[0] === "/0") {
      silent.add(request);
      request.once("close", () => silent.delete(request));
      return;
    }
    request.resume().once("end", () => {
      response.writeHead(204).end();
      received += 1;
      if (received === expected) settle();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const hangUp = () => {
    for (const request of silent) request.destroy();
  };
  return {
    url: (endpoint) => `http://127.0.0.1:${port}/${endpoint}`,
    expect(messages) {
      received = 0;
      expected = messages;
      return new Promise((resolve) => {
        settle = resolve;
      });
    },
    get received() {
      return received;
    },
    hangUp,
    async close() {
      hangUp();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
