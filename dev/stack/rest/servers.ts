import { App } from "@supabase/lite";
import type { MiddlewareHandler } from "hono";
import { StackError } from "../../base/stack-error.ts";
import { AUTH_ROLE, REST_ROLE, STORAGE_ROLE } from "../database/roles.ts";
import type { Catalogue, StackDatabase } from "../database/stack-database.ts";
import type { StackKeys } from "../keys.ts";
import type { StackSettings } from "../settings.ts";
import { startStorage } from "../storage/storage-server.ts";
import type { AuthMails } from "./auth-mails.ts";
import {
  hardenConnection,
  IDLE_TIMEOUT_SQL,
  type RequestContext,
  ROLES_SQL,
  STATEMENT_TIMEOUTS_SQL,
} from "./harden-connection.ts";
import { refuseSelfReferenceByName } from "./self-references.ts";
import { withTextArguments } from "./text-arguments.ts";

/** Answers one HTTP request. */
export type Fetch = (request: Request) => Promise<Response>;

/** The servers behind `/rest/v1`, `/auth/v1` and `/storage/v1`. */
export interface ApiServers {
  rest: Fetch;
  auth: Fetch;
  /** Undefined where the database has no tables for it, or `config.toml` does not want it. */
  storage: Fetch | undefined;
  /** Lets REST see what has changed in the catalogue; requests under way end as they began. */
  refresh(): Promise<void>;
}

/**
 * Starts REST, Auth and Storage on a migrated database; each acts as its own role, as in a hosted project.
 *
 * @param fileFolder where Storage keeps files.
 */
export async function startApiServers(
  database: StackDatabase,
  settings: StackSettings,
  keys: StackKeys,
  mails: AuthMails,
  fileFolder: string,
): Promise<ApiServers> {
  await requireRoles(database);
  const configuration = appConfiguration(settings, keys);
  const { rest, refresh, context, catalogue } = await startRest(database, settings, keys);
  const auth = new App({
    connection: database.connect(AUTH_ROLE),
    ...configuration,
    options: { server: { admin: false }, drivers: { email: mails } },
  });
  await auth.init();
  const storage =
    settings.storage.enabled && (await hasStorage(database))
      ? await startStorage(
          database,
          { ...configuration, storage: { enabled: true, file_size_limit: settings.storage.file_size_limit } },
          { ...context, catalogue: exposedPart(catalogue, ["storage"]) },
          fileFolder,
        )
      : undefined;
  return {
    storage,
    rest,
    auth: (request) => mails.during(request, () => database.asRole(AUTH_ROLE, () => auth.fetch(request))),
    refresh,
  };
}

/** Starts REST alone, which is all that a read replica has. */
export async function startRest(database: StackDatabase, settings: StackSettings, keys: StackKeys) {
  const connection = database.connect(REST_ROLE);
  const catalogue = await database.introspect();
  const context = await readRequestContext(database, settings, catalogue);
  hardenConnection(connection, context);
  const createApp = async () => {
    const app = new App({
      connection,
      ...appConfiguration(settings, keys),
      options: { server: { admin: false, middlewares: [trustVerifiedToken] } },
    });
    await app.init();
    return app;
  };
  let app = await createApp();
  return {
    context,
    /** All of it, not only what the API exposes. */
    catalogue,
    async rest(request: Request): Promise<Response> {
      const refusal = refuseSelfReferenceByName(request, context.catalogue);
      if (refusal !== undefined) return refusal;
      const read = await withTextArguments(request, context.catalogue);
      return database.asRole(REST_ROLE, () => app.fetch(read));
    },
    async refresh(): Promise<void> {
      Object.assign(context, await readRequestContext(database, settings, await database.introspect()));
      app = await createApp();
    },
  };
}

async function requireRoles(database: StackDatabase): Promise<void> {
  const [me] = await database.admin.query<{ name: string; allowed: boolean }>(
    "select current_user as name, pg_has_role($1, 'member') and pg_has_role($2, 'member') as allowed",
    [REST_ROLE, AUTH_ROLE],
  );
  if (!me?.allowed) {
    throw new StackError(
      `role ${me?.name} of DATABASE_URL may not act as ${REST_ROLE} and ${AUTH_ROLE}: start with a superuser's address`,
    );
  }
}

async function hasStorage(database: StackDatabase): Promise<boolean> {
  const [found] = await database.admin.query<{ is_there: boolean }>(
    `select to_regclass('storage.objects') is not null and pg_has_role(r.oid, 'member') as is_there
     from pg_roles r where r.rolname = $1`,
    [STORAGE_ROLE],
  );
  return found?.is_there ?? false;
}

/**
 * PostgREST believes a valid token and asks no table. The server would look up user and session in `auth` first,
 * where the API's role has no rights; with both already set it goes straight to checking the token itself.
 */
const trustVerifiedToken: MiddlewareHandler = async (context, next) => {
  if (context.req.header("authorization") !== undefined) {
    context.set("userId", "taken from the token below");
    context.set("sessionId", "taken from the token below");
  }
  await next();
};

async function readRequestContext(
  database: StackDatabase,
  settings: StackSettings,
  catalogue: Catalogue,
): Promise<RequestContext> {
  const roles = await database.admin.query<{ role: string }>(ROLES_SQL, [REST_ROLE]);
  const timeouts = await database.admin.query<{ role: string; timeout: string }>(STATEMENT_TIMEOUTS_SQL);
  const [idle] = await database.admin.query<{ timeout: string }>(IDLE_TIMEOUT_SQL, [REST_ROLE]);
  return {
    catalogue: exposedPart(catalogue, settings.api.schemas),
    searchPath: settings.api.extra_search_path,
    roles: new Set(roles.map(({ role }) => role)),
    statementTimeouts: new Map(timeouts.map((row) => [row.role, row.timeout])),
    idleTimeout: idle?.timeout ?? "0",
  };
}

/**
 * The server looks tables up by name alone, so `auth.users` would answer for `public.users` in an embedding: it is shown
 * only what the API exposes.
 */
function exposedPart(catalogue: Catalogue, schemas: readonly string[]): Catalogue {
  const isExposed = (entry: unknown): boolean =>
    !(typeof entry === "object" && entry !== null && "schema" in entry) || schemas.includes(String(entry.schema));
  const entries = Object.entries(catalogue).map(([name, part]) => [
    name,
    Array.isArray(part) ? part.filter(isExposed) : part,
  ]);
  return Object.fromEntries(entries) as Catalogue;
}

/** The servers' own configuration, from `supabase/config.toml` and the generated keys. */
export function appConfiguration(settings: StackSettings, keys: StackKeys) {
  const { auth, api } = settings;
  return {
    api: {
      schemas: api.schemas,
      extra_search_path: api.extra_search_path,
      max_rows: api.max_rows,
      pg_safe_update: true,
    },
    auth: {
      enabled: true,
      jwt_secret: keys.jwtSecret,
      publishable_key: keys.publishableKey,
      secret_key: keys.secretKey,
      jwt_expiry: auth.jwt_expiry,
      enable_signup: auth.enable_signup,
      enable_refresh_token_rotation: auth.enable_refresh_token_rotation,
      refresh_token_reuse_interval: auth.refresh_token_reuse_interval,
      minimum_password_length: auth.minimum_password_length,
      site_url: auth.site_url,
      additional_redirect_urls: auth.additional_redirect_urls,
      email: { ...auth.email, enable_signup: auth.enable_signup },
    },
    db: { migrations: { enabled: false } },
    storage: { enabled: false },
    options: { server: { admin: false } },
  };
}
