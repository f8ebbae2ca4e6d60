import { inRequest } from "../frameworks/next/headers.ts";
import { NextRequest, type NextResponse } from "../frameworks/next/server.ts";

/** Answers requests as Next.js does, with the modules of docs/client.md, and prints what came of them. */

interface Opened {
  supabase: {
    auth: { signInWithPassword(login: { email: string; password: string }): Promise<{ error: Error | null }> };
  };
}

const [folder = ""] = process.argv.slice(2);
const { openClient } = (await import(`${folder}/lib/server.js`)) as { openClient(): Promise<Opened> };
const { proxy } = (await import(`${folder}/proxy.js`)) as { proxy(request: NextRequest): Promise<NextResponse> };
const { GET } = (await import(`${folder}/app/points/route.js`)) as { GET(): Promise<Response> };

/** A browser: the cookies it has been given. */
type Browser = Map<string, string>;

const readOnly = (browser: Browser) => ({
  getAll: () => [...browser].map(([name, value]) => ({ name, value })),
  set() {
    throw new Error("Cookies can only be modified in a Server Action or Route Handler.");
  },
});

async function signIn(name: string): Promise<Browser> {
  const browser: Browser = new Map();
  const store = { ...readOnly(browser), set: (cookie: string, value: string) => browser.set(cookie, value) };
  await inRequest(store, async () => {
    const { supabase } = await openClient();
    const { error } = await supabase.auth.signInWithPassword({
      email: `${name}@example.test`,
      password: "neighbour-demo",
    });
    if (error) throw error;
  });
  return browser;
}

/** A page or route: it sees what the proxy leaves to it, and may not set cookies. */
async function visit(browser: Browser) {
  const request = new NextRequest("http://127.0.0.1:3000/points");
  for (const [name, value] of browser) request.cookies.set(name, value);
  const response = await proxy(request);
  for (const { name, value } of response.cookies.getAll()) browser.set(name, value);
  const seen: Browser = new Map(request.cookies.getAll().map(({ name, value }) => [name, value]));
  const answer = await inRequest(readOnly(seen), GET);
  return {
    status: answer.status,
    body: await answer.json(),
    renewed: response.cookies.getAll().length > 0,
    caching: response.headers.get("cache-control"),
  };
}

/** The cookies as they are an hour later: the access token is over. */
function later(browser: Browser): Browser {
  const names = [...browser.keys()].sort();
  const text = names
    .map((name) => browser.get(name))
    .join("")
    .replace(/^base64-/u, "");
  const session = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  const expired = JSON.stringify({ ...session, expires_at: Math.floor(Date.now() / 1000) - 10 });
  const [first = ""] = names;
  return new Map([[first.replace(/\.0$/u, ""), `base64-${Buffer.from(expired).toString("base64url")}`]]);
}

const [anna, ben] = await Promise.all([signIn("anna"), signIn("ben")]);
const [annas, bens] = await Promise.all([visit(anna), visit(ben)]);
const stranger = await visit(new Map());
const annaLater = later(anna);
const annasLater = await visit(annaLater);
const annasAgain = await visit(annaLater);
console.log(JSON.stringify({ annas, bens, stranger, annasLater, annasAgain }));
