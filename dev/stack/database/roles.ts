/** Name of the bootstrap superuser, as on hosted Supabase. */
export const SUPERUSER = "supabase_admin";

/** The role the REST server logs in with; it becomes anon, authenticated or service_role per request. */
export const REST_ROLE = "authenticator";

/** The role the Auth server works as; it owns the schema `auth` and nothing else. */
export const AUTH_ROLE = "supabase_auth_admin";

/** The role the Storage server works as; it owns the schema `storage` and becomes the caller per request. */
export const STORAGE_ROLE = "supabase_storage_admin";

/** Settings that a role brings along when it logs in; acting as the role without a login needs them by hand. */
export const SEARCH_PATH_BY_ROLE: ReadonlyMap<string, string> = new Map([
  [AUTH_ROLE, "auth"],
  [STORAGE_ROLE, "storage"],
]);
