// In the place of Realtime, which supabase-js brings along and an app needs only once a channel is opened: loaded then. The
// build puts it there (lighter-packages.ts).
import type {
  RealtimeClient as Real,
  RealtimeChannel,
  RealtimeChannelOptions,
  RealtimeClientOptions,
} from "@supabase/supabase-js";

type Listen = (channel: RealtimeChannel) => void;

/** A channel that is opened as soon as Realtime is there. */
class LaterChannel {
  readonly #open: () => Promise<RealtimeChannel>;
  readonly #listeners: Listen[] = [];
  #opened: Promise<RealtimeChannel> | undefined;

  constructor(open: () => Promise<RealtimeChannel>) {
    this.#open = open;
  }

  on(...args: unknown[]): this {
    this.#listeners.push((channel) => Reflect.apply(channel.on, channel, args));
    return this;
  }

  subscribe(...args: Parameters<RealtimeChannel["subscribe"]>): this {
    this.#opened = this.#open().then((channel) => {
      for (const listen of this.#listeners) listen(channel);
      return channel.subscribe(...args);
    });
    // as when Realtime cannot be reached
    this.#opened.catch((error: Error) => args[0]?.("CHANNEL_ERROR" as never, error));
    return this;
  }

  /** What stands behind it; undefined before it was subscribed to. */
  opened(): Promise<RealtimeChannel> | undefined {
    return this.#opened;
  }
}

/** As much of Realtime's client as supabase-js and the client for this backend use. */
export class RealtimeClient {
  readonly #create: () => Promise<Real>;
  #real: Promise<Real> | undefined;

  constructor(url: string, options: RealtimeClientOptions) {
    this.#create = async () => {
      const { RealtimeClient: Loaded } = await import("@supabase/realtime-js");
      const real = new Loaded(url, options);
      await real.setAuth();
      return real;
    };
  }

  /** Before it is loaded there is nothing to tell: it asks for the token itself. */
  async setAuth(token?: string | null): Promise<void> {
    await (await this.#real)?.setAuth(token);
  }

  channel(topic: string, options?: RealtimeChannelOptions): LaterChannel {
    return new LaterChannel(async () => {
      this.#real ??= this.#create();
      return (await this.#real).channel(topic, options);
    });
  }

  async removeChannel(channel: LaterChannel): Promise<void> {
    const opened = await channel.opened()?.catch(() => undefined);
    if (opened !== undefined) await (await this.#real)?.removeChannel(opened);
  }
}
