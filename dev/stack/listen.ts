import { type ServerType, serve } from "@hono/node-server";
import type { Hono } from "hono";
import { StackError } from "../base/stack-error.ts";
import { type PortName, portInUse } from "./start/ports.mjs";

/** A listening HTTP server. */
export interface Listener {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves an app on 127.0.0.1; nothing of the stack can be reached from another machine.
 *
 * @param name whose port it is.
 * @throws StackError naming the port when it is taken.
 */
export function listen(app: Hono, port: number, name: PortName): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve(
      { fetch: app.fetch, port, hostname: "127.0.0.1", overrideGlobalObjects: false },
      (info) => resolve({ port: info.port, close: () => close(server) }),
    );
    server.once("error", (error) => reject(explain(error, port, name)));
  });
}

function explain(error: Error, port: number, name: PortName): Error {
  return "code" in error && error.code === "EADDRINUSE" ? new StackError(portInUse(name, port)) : error;
}

async function close(server: ServerType): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    // Keep-alive connections of browsers would hold the server open for minutes.
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
