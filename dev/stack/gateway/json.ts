/** A JSON answer of the gateway itself, which a browser can read wherever the page comes from. */
export function json(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "access-control-allow-origin": "*" } });
}
