import { type ServerType, serve } from "@hono/node-server";
import type { Hono } from "hono";
import { StackError } from "../base/stack-error.ts";

/** A listening HTTP server. */
export interface Listener {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves an app on 127.0.0.1; nothing of the stack can be reached from another machine.
 *
 * @param hint what to do when the port is taken.
 * @throws StackError naming the port when it is taken.
 */
export function listen(app: Hono, port: number, hint: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server: ServerType = serve(
      { fetch: app.fetch, port, hostname: "127.0.0.1", overrideGlobalObjects: false },
      (info) => resolve({ port: info.port, close: () => close(server) }),
    );
    server.once("error", (error) => reject(explain(error, port, hint)));
  });
}

/** The line for a port that something else listens on. */
export function portInUse(port: number, hint: string): StackError {
  return new StackError(`port ${port} is in use: stop what listens there, or ${hint}`);
}

function explain(error: Error, port: number, hint: string): Error {
  return "code" in error && error.code === "EADDRINUSE" ? portInUse(port, hint) : error;
}

async function close(server: ServerType): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    // Keep-alive connections of browsers would hold the server open for minutes.
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
