/**
 * What the work of a route gets.
 *
 * @module
 */
import type { Context } from "hono";
import type { z } from "zod";
import type { Database } from "../_shared/database.ts";
import type { Outbound } from "../_shared/outbound.ts";
import type { Sealer } from "../_shared/sealing.ts";
import type { Route, RouteName, Routes } from "./routes.ts";

/** What the work of the routes needs from outside. */
export interface Services {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly outbound: Outbound;
  /** Where the function can be reached, for the API's description. */
  readonly serverUrl: string;
}

/** One request, its inputs checked. */
export interface Call<Path = unknown, Query = unknown, Body = unknown> extends Services {
  readonly context: Context;
  /** SHA-256 of the key; empty where none is needed. */
  readonly keyHash: string;
  readonly path: Path;
  readonly query: Query;
  readonly body: Body;
}

type CallOf<Name extends RouteName> =
  Routes[Name] extends Route<infer Path, infer Query, infer Body>
    ? Call<z.output<Path>, z.output<Query>, z.output<Body>>
    : never;

/**
 * The work of every route. It answers with what the database said, which is cut to the route's contract, or with a finished
 * response.
 */
export type Handlers = { readonly [Name in RouteName]: (call: CallOf<Name>) => Promise<unknown> };
