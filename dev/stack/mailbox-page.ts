import { escapeHtml } from "./escape-html.ts";
import type { CaughtMail } from "./mailbox.ts";
import type { Attachment } from "./read-mail.ts";

/** An e-mail with the number it is asked for by. */
export interface NumberedMail extends CaughtMail {
  readonly number: number;
}

/** Where the gateway shows the mails. */
export const MAILBOX_PATH = "/mailbox";

/**
 * Whoever writes an e-mail is not trusted: nothing is run, nothing is loaded from elsewhere, and a frame leads nowhere. Frames
 * made with `srcdoc` have the rules of the page around them.
 */
const RULES = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const STYLE = `
:root { color-scheme: light dark; --line: light-dark(#ccc, #444); --chosen: light-dark(#e3f1ea, #17392b) }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif }
header { padding: 12px 20px; border-bottom: 1px solid var(--line) }
h1, h2, header p, dl, dd, ol { margin: 0; padding: 0 }
h1 { font-size: 20px }
h2 { font-size: 20px; overflow-wrap: anywhere }
.columns { display: grid; grid-template-columns: minmax(240px, 360px) minmax(0, 1fr) }
nav { border-right: 1px solid var(--line); max-height: calc(100vh - 80px); overflow-y: auto }
nav li { list-style: none; border-bottom: 1px solid var(--line) }
nav a { display: block; padding: 10px 20px; color: inherit; text-decoration: none; overflow-wrap: anywhere }
nav a:hover strong { text-decoration: underline }
nav a[aria-current] { background: var(--chosen) }
nav span, nav time { display: block; font-size: 14px }
main { padding: 20px }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 16px; margin: 12px 0 }
dd, td, th { overflow-wrap: anywhere }
fieldset { border: 0; padding: 0; margin: 16px 0 0; display: flex; flex-wrap: wrap; gap: 4px 20px; border-bottom: 1px solid var(--line) }
legend { position: absolute; clip-path: inset(50%) }
label { display: flex; gap: 8px; align-items: center; min-height: 44px }
section { display: none; padding-top: 16px }
article:has(#as-html:checked) .as-html, article:has(#as-text:checked) .as-text,
article:has(#as-headers:checked) .as-headers { display: block }
iframe { width: 100%; height: 65vh; border: 1px solid var(--line); background: #fff; color-scheme: light; resize: vertical }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
th { text-align: left; vertical-align: top; padding-right: 16px; font-weight: 600 }
@media (max-width: 720px) { .columns { grid-template-columns: 1fr } nav { border-right: 0; max-height: 40vh } }
`;

/**
 * The mailbox as a mail program shows it.
 *
 * @param open the number of the mail to show; another one, or none, shows the newest.
 */
export function mailboxPage(mails: readonly NumberedMail[], open: number): Response {
  const shown = mails.find(({ number }) => number === open) ?? mails[0];
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${shown === undefined ? "" : `${escapeHtml(subjectOf(shown))} – `}Mailbox</title>
<base target="_blank">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Mailbox</h1>
<p>Every e-mail that this stack sends ends here, and none leaves this machine. Reload the page for new ones.</p>
</header>
${shown === undefined ? "<main><p>No e-mail was sent yet.</p></main>" : columns(mails, shown)}
</body>
</html>
`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": RULES,
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    },
  });
}

/** A file of a mail, which no browser opens by itself. */
export function attachmentAnswer({ name, content }: Attachment): Response {
  return new Response(new Uint8Array(content), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replaceAll("'", "%27")}`,
      "content-security-policy": RULES,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    },
  });
}

function columns(mails: readonly NumberedMail[], shown: NumberedMail): string {
  const items = mails.map(
    (
      mail,
    ) => `<li><a target="_self" href="${MAILBOX_PATH}?mail=${mail.number}"${mail === shown ? ' aria-current="true"' : ""}>
<strong>${escapeHtml(subjectOf(mail))}</strong><span>to ${escapeHtml(mail.to.join(", "))}</span>${timeOf(mail)}</a></li>`,
  );
  return `<div class="columns">
<nav aria-label="E-mails"><ol>
${items.join("\n")}
</ol></nav>
<main>${article(shown)}</main>
</div>`;
}

function article(mail: NumberedMail): string {
  const views = [
    ...(mail.html === "" ? [] : [["html", "HTML", frame(mail.html)]]),
    ["text", "Text", `<pre>${withLinks(mail.text)}</pre>`],
    ["headers", "Headers", headerTable(mail)],
  ];
  const facts = [
    ["From", escapeHtml(mail.headers.get("from") ?? "")],
    ["To", escapeHtml(mail.to.join(", "))],
    ["At", timeOf(mail)],
    ...(mail.attachments.length === 0 ? [] : [["Files", files(mail)]]),
  ];
  const choices = views.map(
    ([name, label], index) =>
      `<label><input type="radio" name="view" id="as-${name}"${index === 0 ? " checked" : ""}>${label}</label>`,
  );
  return `<article>
<h2>${escapeHtml(subjectOf(mail))}</h2>
<dl>${facts.map(([label, value]) => `<dt>${label}</dt><dd>${value}</dd>`).join("\n")}</dl>
<fieldset><legend>Shown as</legend>${choices.join("")}</fieldset>
${views.map(([name, , content]) => `<section class="as-${name}">${content}</section>`).join("\n")}
</article>`;
}

/** Without `allow-scripts` and `allow-forms`; links open in a tab of their own, which is a page like any other. */
function frame(html: string): string {
  const page = `<!doctype html><base target="_blank">${html}`;
  return `<iframe title="The e-mail as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(page)}"></iframe>`;
}

function headerTable({ headers }: CaughtMail): string {
  const rows = [...headers].map(
    ([name, value]) => `<tr><th scope="row">${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`,
  );
  return `<table>${rows.join("\n")}</table>`;
}

function files({ number, attachments }: NumberedMail): string {
  return attachments
    .map(
      ({ name, type, content }, index) =>
        `<a target="_self" href="${MAILBOX_PATH}/${number}/${index}">${escapeHtml(name)}</a> (${escapeHtml(type)}, ${content.length} bytes)`,
    )
    .join("<br>");
}

const subjectOf = ({ headers }: CaughtMail): string => headers.get("subject") || "(no subject)";

const timeOf = ({ at }: CaughtMail): string =>
  `<time datetime="${at.toISOString()}">${at.toLocaleString("en-GB")}</time>`;

function withLinks(body: string): string {
  return escapeHtml(body).replaceAll(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
}
