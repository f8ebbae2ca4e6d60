import { connect } from "node:net";
import type { Address } from "../core/address.ts";

/** What a host answers before anybody logs in. */
export interface Probe {
  readonly offersTls: boolean;
  readonly milliseconds: number;
}

/** Where somebody listens. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** A socket of this machine. */
  readonly path?: string;
}

/** Takes them out of the lists of one that an address keeps for postgres.js. */
export function endpointOf({ options: { host, port, path } }: Pick<Address, "options">): Endpoint {
  return { host: String(host), port: Number(port), ...(path === undefined ? {} : { path }) };
}

/** The question whether a server speaks TLS, which it answers with one letter and without a login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Knocks at a PostgreSQL server or pooler.
 *
 * @throws Error with the system's code when nobody answers in time.
 */
export function probe({ host, port, path }: Endpoint, timeoutMs: number): Promise<Probe> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const socket = path === undefined ? connect({ host, port }) : connect({ path });
    const fail = (error: Error) => {
      socket.destroy();
      reject(error);
    };
    socket.setTimeout(timeoutMs, () => {
      fail(Object.assign(new Error(`no answer in ${timeoutMs / 1000} s`), { code: "ETIMEDOUT" }));
    });
    socket.once("connect", () => socket.write(SSL_REQUEST));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("what listens there hung up: it is no PostgreSQL server")));
    socket.once("data", ([letter]) => {
      socket.destroy();
      const isServer = letter === 0x53 || letter === 0x4e; // S or N
      if (isServer) resolve({ offersTls: letter === 0x53, milliseconds: performance.now() - started });
      else reject(new Error("what listens there is no PostgreSQL server"));
    });
  });
}
