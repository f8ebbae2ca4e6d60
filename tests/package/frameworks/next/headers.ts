import { AsyncLocalStorage } from "node:async_hooks";

/** The cookies of one request, and what is allowed with them there. */
export interface Cookies {
  getAll(): { name: string; value: string }[];
  set(name: string, value: string, options?: object): unknown;
}

const requests = new AsyncLocalStorage<Cookies>();

/** As in Next.js: the cookies of the request that is being answered. */
export async function cookies(): Promise<Cookies> {
  const store = requests.getStore();
  if (store === undefined) throw new Error("`cookies` was called outside a request scope");
  return store;
}

/** What Next.js does around a page, an action or a route. */
export function inRequest<Result>(store: Cookies, answer: () => Promise<Result>): Promise<Result> {
  return requests.run(store, answer);
}
