import { findPostgresBinaries } from "../../../dev/stack/database/postgres-binaries.ts";

/** The databases that what concerns both is tried on: on the default alone where CI does the rest. */
export const databases: readonly ("embedded" | "cluster")[] =
  process.env["TEST_ALL"] === "true" && findPostgresBinaries() ? ["embedded", "cluster"] : ["embedded"];
