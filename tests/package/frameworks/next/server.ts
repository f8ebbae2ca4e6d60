class CookieMap {
  readonly #values = new Map<string, string>();

  getAll(): { name: string; value: string }[] {
    return [...this.#values].map(([name, value]) => ({ name, value }));
  }

  set(name: string, value: string, _options?: object): this {
    this.#values.set(name, value);
    return this;
  }
}

/** As in Next.js: a request with its cookies. */
export class NextRequest extends Request {
  readonly cookies = new CookieMap();
}

/** As in Next.js: an answer with its cookies, or the sign that the request goes on. */
export class NextResponse extends Response {
  readonly cookies = new CookieMap();

  static next(_init?: { request?: NextRequest }): NextResponse {
    return new NextResponse();
  }
}
