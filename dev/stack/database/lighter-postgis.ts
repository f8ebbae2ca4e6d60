import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Extension, PGliteInterface } from "@electric-sql/pglite";
import { postgis as whole } from "@electric-sql/pglite-postgis";
import { createTar, parseTar } from "nanotar";
import { paths } from "../../base/paths.ts";
import { replaceFile, versionOf } from "./kept-directories.ts";

/** Its library, its SQL and the coordinate systems. */
const NEEDED =
  /^(?:lib\/postgresql\/postgis-\d\.so|share\/postgresql\/extension\/postgis(?:--[\d.]+\.sql|\.control)|share\/proj\/.+)$/u;

/**
 * PostGIS without topology, the geocoder of US addresses and scripts for upgrades: more than half of its 58 MB, which every start
 * of an embedded database would unpack and copy.
 */
export const postgis: Extension = {
  name: whole.name,
  async setup(pg: PGliteInterface, options: object) {
    const made = await whole.setup(pg, options);
    return made.bundlePath === undefined ? made : { ...made, bundlePath: lighter(made.bundlePath) };
  },
};

/** Made by whoever is first, and kept in the cache. */
function lighter(bundle: URL): URL {
  const { mtimeMs, size } = statSync(bundle);
  const file = join(paths.cache, "postgis", `${versionOf([`${bundle} ${size} ${mtimeMs}`, NEEDED.source])}.tar.gz`);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const files = parseTar(gunzipSync(readFileSync(bundle)), { filter: ({ name }) => NEEDED.test(name) });
    // not packed: it is read at every start
    replaceFile(file, gzipSync(createTar(files), { level: 0 }));
  }
  return pathToFileURL(file);
}
