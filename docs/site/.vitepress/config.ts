import { readFileSync } from "node:fs";
import { renderMermaidSVG } from "beautiful-mermaid";
import { defineConfig } from "vitepress";
import { slug } from "./slug.ts";

const COLORS = { bg: "var(--vp-c-bg)", fg: "var(--vp-c-text-1)", transparent: true };

/** A diagram as a picture; its letters are those of the page, where the renderer would load them from elsewhere. */
function diagram(source: string): string {
  const svg = renderMermaidSVG(source, COLORS)
    .replaceAll(/@import[^;]*;/gu, "")
    .replaceAll("'Inter', ", "");
  const text = JSON.stringify(svg).replaceAll("&", "&amp;").replaceAll("'", "&#39;");
  return `<div class="diagram" tabindex="0" role="img" aria-label="Diagram" v-html='${text}'></div>`;
}

export default defineConfig({
  title: "Neighbourhood help",
  description: "A complete backend for a neighbourhood-help app",
  lang: "en",
  srcDir: "pages",
  cacheDir: ".cache",
  metaChunk: true,
  head: [["link", { rel: "icon", href: "/icon.svg" }]],
  themeConfig: {
    sidebar: JSON.parse(readFileSync(new URL("../pages/menu.json", import.meta.url), "utf8")),
    outline: [2, 3],
    search: { provider: "local" },
  },
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  markdown: {
    languageAlias: { crontab: "ini" },
    anchor: { slugify: slug },
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const token = tokens[index];
        return token?.info.trim() === "mermaid" ? diagram(token.content) : (fence?.(tokens, index, ...rest) ?? "");
      };
      // Vue would take it for an expression
      const text = md.renderer.rules.text;
      md.renderer.rules.text = (...args) => (text?.(...args) ?? "").replaceAll("{{", "&#123;&#123;");
    },
  },
});
