// In the place of Storage, which supabase-js brings along and an app needs only when somebody uploads a picture or opens one
// that is not public: loaded then. The build puts it there (lighter-packages.ts).
import type { StorageClient as Real } from "@supabase/storage-js";

type Bucket = ReturnType<Real["from"]>;

/** As much of Storage's client as the client for this backend uses. */
export class StorageClient {
  readonly #url: string;
  readonly #load: () => Promise<Real>;
  #real: Promise<Real> | undefined;

  constructor(...args: ConstructorParameters<typeof Real>) {
    this.#url = args[0];
    this.#load = () => {
      this.#real ??= import("@supabase/storage-js").then(({ StorageClient: Loaded }) => new Loaded(...args));
      return this.#real;
    };
  }

  /** Everything of a bucket is asked of the server, but for public addresses, which are only put together. */
  from(bucket: string): Bucket {
    const publicUrl = (path: string) => ({
      data: { publicUrl: encodeURI(`${this.#url}/object/public/${bucket}/${path}`) },
    });
    return new Proxy({} as Bucket, {
      get: (_none, name) =>
        name === "getPublicUrl"
          ? publicUrl
          : async (...args: unknown[]) => {
              const real = (await this.#load()).from(bucket);
              return Reflect.apply(Reflect.get(real, name), real, args);
            },
    });
  }
}

/** Only supabase-js names it, to hand it on. */
export class StorageApiError extends Error {}
