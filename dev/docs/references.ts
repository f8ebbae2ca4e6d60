import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS } from "../../supabase/functions/_shared/contracts/errors.ts";
import { describeApi } from "../../supabase/functions/partner/openapi.ts";
import { paths } from "../base/paths.ts";
import { PAGES, writePage } from "./write-pages.ts";

const PARTNER_API = "https://<project>.supabase.co/functions/v1/partner";
const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");

/** Every error, from the contracts. */
export function writeErrors(): void {
  const rows = Object.entries(ERRORS)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([slug, { status, en, de }]) => `| \`${slug}\` | ${status || "–"} | ${cell(en)} | ${cell(de)} |`);
  writePage(
    "errors.md",
    `# Errors

Every error that the database, the functions and the client answer with. Decide by the slug: \`ApiError.code\` in the client,
\`message\` of the database, \`code\` of a function. The texts are for people, and may change; \`errorText(slug, "de")\` has
them. Without a status are errors that happen before there is an answer, or without one.

| Slug | Status | English | German |
|---|---|---|---|
${rows.join("\n")}
`,
  );
}

/** The partner API: its document, a page that shows it, and a page of the site that lists the routes. */
export function writePartnerApi(redoc: string): void {
  const document = describeApi(PARTNER_API);
  const folder = join(PAGES, "public/partner-api");
  mkdirSync(folder, { recursive: true });
  // its footer has a picture from elsewhere
  const program = readFileSync(redoc, "utf8").replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w/.-]+/gu, "data:,");
  writeFileSync(join(folder, "redoc.js"), program);
  writeFileSync(join(folder, "openapi.json"), `${JSON.stringify(document, undefined, 2)}\n`);
  writeFileSync(join(folder, "index.html"), partnerApiPage(document));
  const rows = Object.entries(document.paths ?? {}).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations?.[method];
      return operation === undefined
        ? []
        : [
            `| \`${method.toUpperCase()} ${path}\` | ${cell(operation.summary ?? "")} | ${operation.tags?.join(", ")} |`,
          ];
    }),
  );
  writePage(
    "partner-api.md",
    `# Partner API

For tills and servers of partners, with an API key: [how to begin](/partner-integration.md). Every parameter, body and answer
stands in the <a href="/partner-api/index.html" target="_blank">whole reference</a>, made from the
<a href="/partner-api/openapi.json" target="_blank">OpenAPI document</a>, which a running backend also hands out at
\`GET …/partner/openapi.json\`.

| Route | Does | About |
|---|---|---|
${rows.join("\n")}
`,
  );
}

/** Nothing of it comes from elsewhere: what would is not loaded. */
function partnerApiPage(document: object): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:">
<title>Partner API</title>
<style>body { margin: 0 }</style>
<div id="reference"></div>
<script src="redoc.js"></script>
<script>
Redoc.init(${JSON.stringify(document).replaceAll("<", "\\u003c")}, { nativeScrollbars: true }, document.getElementById("reference"));
</script>
</html>
`;
}

/** The settings of TypeDoc, which writes a page for each module of the client. */
export function typedocSettings(plugin: string): object {
  const modules = globSync("*.ts", { cwd: paths.client }).filter(
    (file) => file !== "index.ts" && file !== "database.types.ts",
  );
  return {
    name: "Client",
    entryPoints: [
      ...modules.map((file) => join(paths.client, file)),
      ...globSync("tasks/*.ts", { cwd: paths.client }).map((file) => join(paths.client, file)),
      join(paths.functions, "_shared/contracts/index.ts"),
    ].toSorted(),
    tsconfig: join(paths.root, "tsconfig.client.json"),
    plugin: [plugin],
    out: join(PAGES, "client-reference"),
    router: "module",
    readme: "none",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    skipErrorChecking: true,
    validation: false,
    useCodeBlocks: true,
    logLevel: "Warn",
  };
}
