import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import type { Parameter, Sql } from "./admin.ts";

/**
 * SQL with an admin's rights for test files. The embedded database lives inside the process that started the stack, so
 * test files, which run in processes of their own, reach it through this small door; a server is reached the same way.
 */
export interface SqlDoor {
  address: { url: string; token: string };
  close(): Promise<void>;
}

interface Question {
  text: string;
  parameters: Parameter[];
}

type Answer = { rows: object[] } | { error: { message: string; code?: string } };

/** Opens a door to the given connection. */
export async function openSqlDoor(sql: Sql): Promise<SqlDoor> {
  const token = randomUUID();
  const server = createServer(async (request, response) => {
    if (request.headers.authorization !== token) {
      response.writeHead(403).end();
      return;
    }
    const { text, parameters } = (await json(request)) as Question;
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify(await ask(sql, text, parameters)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { url: `http://127.0.0.1:${port}`, token },
    close: () =>
      new Promise((resolve, reject) => {
        server.closeAllConnections();
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

/** The other side of the door. */
export function sqlThrough({ url, token }: SqlDoor["address"]): Sql {
  return async <Row extends object>(text: string, parameters: readonly Parameter[] = []) => {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: token },
      body: JSON.stringify({ text, parameters }),
    });
    const answer = (await response.json()) as Answer;
    if ("error" in answer) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.rows as Row[];
  };
}

async function ask(sql: Sql, text: string, parameters: readonly Parameter[]): Promise<Answer> {
  try {
    return { rows: await sql(text, parameters) };
  } catch (error) {
    const { message = String(error), code } = error as { message?: string; code?: string };
    return { error: { message, ...(code === undefined ? {} : { code }) } };
  }
}
