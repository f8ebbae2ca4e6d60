// Builds the pages of the repository as a site.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { installPackages } from "../base/install.mjs";
import { paths } from "../base/paths.ts";
import { messageOf, StackError } from "../base/stack-error.ts";
import { portOf, runCommand } from "../commands/command.ts";
import { navigation } from "./navigation.ts";
import { takePictures } from "./pictures.ts";
import { typedocSettings, writeErrors, writePartnerApi } from "./references.ts";
import { PAGES, writePage, writePages } from "./write-pages.ts";

const SITE = join(paths.root, "docs/site");
const program = (path: string): string => join(SITE, "node_modules", path);

const USAGE = `Usage: npm run docs -- [options]

Builds docs/ and the pages beside README.md as a site into docs/site/.vitepress/dist: files that any web server hands out, with a
search that needs none. Every link inside of it is checked. Its tools are packages of their own (docs/site/package.json), which
the first run installs.

  --pictures    only takes over the pictures of the app that its browser test has left
  --serve       shows the site afterwards, until Ctrl-C
  --port N      where --serve shows it (4173)
  --base PATH   where the site will stand on its server, such as /docs/ (/)
  --help        show this text`;

await runCommand({
  usage: USAGE,
  options: {
    pictures: { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
    port: { type: "string", default: "4173" },
    base: { type: "string", default: "/" },
  },
  async run({ pictures, serve, port, base }) {
    if (pictures) return takePictures();
    portOf("--port", port, USAGE);
    await requirePackages();
    console.log("Writing the pages …");
    const pages = writePages();
    copyFileSync(join(paths.root, "examples/web/public/icon.svg"), join(PAGES, "public/icon.svg"));
    writeErrors();
    writePartnerApi(program("redoc/bundles/redoc.standalone.js"));
    const reference = await writeClientReference();
    const menu = navigation([...pages, "errors.md", "partner-api.md", ...reference]);
    writeFileSync(join(PAGES, "menu.json"), JSON.stringify(menu));
    console.log("Building the site …");
    await node(program("vitepress/bin/vitepress.js"), "build", SITE, "--base", base);
    console.log(`The site is in ${relative(paths.root, join(SITE, ".vitepress/dist"))}`);
    if (serve) await node(program("vitepress/bin/vitepress.js"), "preview", SITE, "--port", port, "--base", base);
  },
});

async function requirePackages(): Promise<void> {
  const wanted = readFileSync(join(SITE, "package-lock.json"), "utf8");
  const installed = program(".installed-lock.json");
  if (existsSync(installed) && readFileSync(installed, "utf8") === wanted) return;
  console.log("Installing the packages of the site; the first time this takes a minute …");
  try {
    await installPackages(SITE);
  } catch (error) {
    throw new StackError(messageOf(error));
  }
  writeFileSync(installed, wanted);
}

/** From the comments in the client's source. */
async function writeClientReference(): Promise<string[]> {
  console.log("Writing the client's reference …");
  const settings = join(PAGES, "typedoc.json");
  writeFileSync(settings, JSON.stringify(typedocSettings(program("typedoc-plugin-markdown/dist/index.js"))));
  await node(program("typedoc/bin/typedoc"), "--options", settings);
  const pages = globSync("client-reference/**/*.md", { cwd: PAGES }).map((file) => file.replaceAll(sep, "/"));
  for (const page of pages) {
    const text = readFileSync(join(PAGES, page), "utf8");
    writePage(page, text.replace(/^# (?:src\/client\/|supabase\/functions\/_shared\/)/u, "# "));
  }
  return pages;
}

/** Runs a program until it ends; Ctrl-C ends both. */
function node(file: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [file, ...args], { cwd: SITE, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0 || signal !== null || code === 130) resolve();
      else reject(new StackError(`${relative(SITE, file)} failed: what it says above has to be mended`));
    });
  });
}
