import { AsyncLocalStorage } from "node:async_hooks";
import type { EmailDriver } from "@supabase/lite";
import type { Mailbox } from "../mailbox.ts";

type Mail = Parameters<EmailDriver["send"]>[0];

/**
 * Puts the e-mails of Auth into the mailbox. The Auth server thinks that it stands where the app does and forgets where
 * the app wanted people to come back to; both is put right in the links.
 */
export class AuthMails implements EmailDriver {
  readonly #mailbox: Mailbox;
  readonly #appUrl: string;
  readonly #publicUrl: () => string;
  readonly #wanted = new AsyncLocalStorage<string | null>();

  constructor(mailbox: Mailbox, appUrl: string, publicUrl: () => string) {
    this.#mailbox = mailbox;
    this.#appUrl = appUrl;
    this.#publicUrl = publicUrl;
  }

  /** Runs a request to Auth, whose e-mails lead back to the request's `redirect_to`. */
  during<Result>(request: Request, work: () => Promise<Result>): Promise<Result> {
    return this.#wanted.run(new URL(request.url).searchParams.get("redirect_to"), work);
  }

  async send({ to, subject, text = "", html = "" }: Mail): Promise<void> {
    this.#mailbox.keep({
      to: [to],
      at: new Date(),
      headers: new Map([
        ["from", "Supabase Auth"],
        ["to", to],
        ["subject", subject],
      ]),
      text: this.#withLinks(text, "&"),
      html: this.#withLinks(html, "&amp;"),
      attachments: [],
    });
  }

  #withLinks(content: string, separator: string): string {
    const wrong = new URL("/auth/v1/verify", this.#appUrl).href;
    const wanted = this.#wanted.getStore();
    return content.replaceAll(/https?:[^\s"'<]+/g, (found) => {
      if (!found.startsWith(wrong)) return found;
      const link = new URL(found.replace(wrong, `${this.#publicUrl()}/auth/v1/verify`).replaceAll("&amp;", "&"));
      // whether it may lead there, Auth looks at when the link is opened
      if (wanted) link.searchParams.set("redirect_to", wanted);
      return link.href.replaceAll("&", separator);
    });
  }
}
