import { pathToFileURL } from "node:url";
import compile from "icu-minify/compile";
import type { Plugin } from "vite";

type Texts = string | { readonly [name: string]: Texts };

const FILE = /\/texts\.(?:de|en)\.ts$/u;

/** Reads the texts' placeholders and plurals when the app is built, so that it needs no parser for them. */
export function compiledTexts(): Plugin {
  return {
    name: "compiled-texts",
    apply: "build",
    config: () => ({ resolve: { alias: { "use-intl/format-message": "use-intl/format-message/format-only" } } }),
    async load(id) {
      if (!FILE.test(id)) return undefined;
      const { default: texts } = (await import(pathToFileURL(id).href)) as { default: Texts };
      return `export default ${JSON.stringify(compiled(texts))}`;
    },
  };
}

function compiled(texts: Texts): unknown {
  if (typeof texts === "string") return compile(texts);
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, compiled(text)]));
}
