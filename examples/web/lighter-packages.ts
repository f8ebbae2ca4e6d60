import { join } from "node:path";
import type { Plugin } from "vite";

/** What supabase-js brings along, and what the app has in its place until it is needed. */
const LATER: Readonly<Record<string, string>> = {
  "@supabase/realtime-js": "src/later/realtime.ts",
  "@supabase/storage-js": "src/later/storage.ts",
};
/** What nobody asks for: zod's schemas as JSON Schema, for documents about an API, and signing in with passkeys. */
const NEVER =
  /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors|json-schema-generator)\.js$|\/auth-js\/.+\/lib\/webauthn\.js$/u;
const EXPORTED = /^export (?:async )?(?:const|function|class) (\w+)/gmu;

/** Keeps out of the app's first load what it does not need, though its packages bring it along (docs/decisions/0073). */
export function lighterPackages(root: string): Plugin {
  return {
    name: "lighter-packages",
    apply: "build",
    enforce: "pre",
    resolveId(source, importer) {
      const later = LATER[source];
      return later !== undefined && importer?.includes("/@supabase/supabase-js/") ? join(root, later) : undefined;
    },
    transform(code, id) {
      if (!NEVER.test(id)) return undefined;
      const names = [...code.matchAll(EXPORTED)].map(([, name]) => name);
      return `function none() {}\nexport { ${names.map((name) => `none as ${name}`).join(", ")} };`;
    },
  };
}
