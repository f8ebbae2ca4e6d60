// Runs one function as the edge runtime does: it may call Deno.serve() itself or export default { fetch }.
// Deno listens on the address named by DENO_SERVE_ADDRESS in both cases.
declare const Deno: {
  args: string[];
  exit(code: number): never;
  serve(handler: (request: Request) => Response | Promise<Response>): unknown;
  stdin: { readable: AsyncIterable<Uint8Array> };
};

const [entry] = Deno.args;
if (entry === undefined) throw new Error("usage: boot.ts <file url of index.ts>");

const module: { default?: { fetch?: (request: Request) => Response | Promise<Response> } } = await import(entry);
const handler = module.default?.fetch;
if (typeof handler === "function") Deno.serve((request) => handler.call(module.default, request));

// The stack holds our standard input open; when it closes, the stack is gone and nobody will stop us.
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
