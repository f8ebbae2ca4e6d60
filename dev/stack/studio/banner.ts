/** What Studio says to whoever wants to edit a row. */
export const FOR_LOOKING =
  "The local Studio is for looking: npm run sql edits rows here, the hosted Studio in a project.";

/**
 * Puts a line above the page that says so. When the page has told of a refused edit it is loaded anew, because it would go on
 * showing what was typed.
 */
export function withBanner(page: string): string {
  const banner = `<style>
#for-looking { position: fixed; inset: auto 0 0 0; z-index: 1000; margin: 0; padding: 8px 16px; font: 14px/1.4 system-ui, sans-serif;
  background: #ffe9a8; color: #222; text-align: center }
body { padding-bottom: 36px }
</style>
<p id="for-looking" role="note">${FOR_LOOKING}</p>
<script>
const tell = window.alert.bind(window);
window.alert = (text) => { tell(text); location.reload(); };
</script>`;
  return page.replace("<body>", () => `<body>${banner}`);
}
