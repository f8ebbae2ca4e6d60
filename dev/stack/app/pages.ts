import { escapeHtml } from "../escape-html.ts";

/** Shown until the app is there; it looks again by itself. */
export const buildingPage = (): string =>
  page(
    "The app is being built …",
    '<meta http-equiv="refresh" content="1">',
    "<p>A few seconds; this page waits for it.</p>",
  );

/** Shown in the app's place when it could not be built. */
export const failedPage = (output: string): string =>
  page(
    "The app could not be built",
    "",
    `<p>The backend runs without it. Mend what is named here and start again, or edit with <code>npm run app</code>, which builds
anew with every change.</p>\n<pre>${escapeHtml(output)}</pre>`,
  );

function page(title: string, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>${head}</head>
<body style="margin:10vh auto;padding:16px;max-width:60rem;font:16px/1.5 system-ui,sans-serif;color-scheme:light dark">
<h1>${title}</h1>
${body}
</body>
</html>
`;
}
