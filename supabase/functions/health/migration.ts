// Written by npm run db:types.
/** Version of the newest migration of the source that this function was deployed from. */
export const NEWEST_MIGRATION = "20261121002200";
