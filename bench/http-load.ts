import http from "node:http";
import { performance } from "node:perf_hooks";
import { text } from "node:stream/consumers";
import { StackError } from "../dev/base/stack-error.ts";
import type { TimedResult } from "./pgbench.ts";
import { quantile } from "./statistics.ts";

/** POST requests to one address, sent by several clients at once. */
export interface HttpLoad {
  /** Shown when it fails. */
  name: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  /** One for each request. */
  bodies: readonly string[];
  clients: number;
}

/**
 * Plays a load; each client has one connection, which it keeps, and sends its next request when the last is answered.
 *
 * @throws StackError when an answer is not 200.
 */
export async function httpLoad({ name, url, headers, bodies, clients }: HttpLoad): Promise<TimedResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const waiting = bodies.values();
  const durations: number[] = [];
  const client = async () => {
    for (const body of waiting) {
      const started = performance.now();
      const answer = await post(url, headers, body, agent);
      if (answer.status !== 200) throw new StackError(`${name} failed: ${answer.status} ${answer.body}`);
      durations.push(performance.now() - started);
    }
  };
  const started = performance.now();
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - started) / 1000;
  return { transactions: durations.length, tps: durations.length / seconds, p95: quantile(durations, 0.95) };
}

function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  agent: http.Agent,
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: "POST", headers, agent }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, body: answer }), reject);
    });
    request.once("error", reject).end(body);
  });
}
