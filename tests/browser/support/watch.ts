import type { BrowserContext, Page, Request } from "playwright-core";

/**
 * Writes down what no screen may do: throw, write errors to the console, make the server fail, or ask another host.
 * Refusals (4xx) and a network that a test cuts are no such problems: screens answer them.
 */
export function watch(context: BrowserContext, hosts: readonly string[]): readonly string[] {
  const problems: string[] = [];
  context.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    // the browser does not find it
    if (protocol.startsWith("http") && !hosts.includes(host)) problems.push(`asked another host: ${request.url()}`);
  });
  context.on("page", (page) => watchPage(page, problems));
  return problems;
}

const underWay = new WeakMap<Page, Set<Request>>();

/** How many answers a watched page still waits for. */
export function countUnderWay(page: Page): number {
  return underWay.get(page)?.size ?? 0;
}

function watchPage(page: Page, problems: string[]): void {
  const requests = new Set<Request>();
  underWay.set(page, requests);
  page.on("request", (request) => requests.add(request));
  page.on("requestfinished", (request) => requests.delete(request));
  page.on("requestfailed", (request) => requests.delete(request));
  const at = () => new URL(page.url()).pathname;
  page.on("pageerror", (error) => problems.push(`${at()} threw: ${error.stack ?? error.message}`));
  page.on("console", (message) => {
    // Chromium says so of every answer from 400 on, and of every lost one
    // and of Realtime, which the local stack has not: then the app asks now and then
    // and supabase-js of a token that it could not renew without a network
    const ofAnswers = [
      "Failed to load resource",
      "WebSocket connection to",
      "TypeError: Failed to fetch",
      "AuthRetryableFetchError: Failed to fetch",
    ];
    if (message.type() !== "error" || ofAnswers.some((start) => message.text().startsWith(start))) return;
    problems.push(`${at()} wrote to the console: ${message.text()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 500) problems.push(`${at()}: ${response.status()} from ${response.url()}`);
  });
}
