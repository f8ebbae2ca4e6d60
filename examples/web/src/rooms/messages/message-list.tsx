import type { Message } from "@neighbourhood-help/client";
import { useEffect, useRef } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useSignedIn } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Empty } from "../../components/states.tsx";
import type { useOutbox } from "./outbox.ts";
import { TakeBack } from "./take-back.tsx";
import { UnsentMessage } from "./unsent-message.tsx";
import { useMarkRead } from "./use-mark-read.ts";

interface MessageListProps {
  readonly offerId: string;
  /** The other side. */
  readonly name: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly outbox: ReturnType<typeof useOutbox>;
  /** How far the other side has read, where both show it. */
  readonly otherReadId: number;
  readonly onEarlier: (() => void) | undefined;
  readonly isFetchingEarlier: boolean;
}

/** The messages, oldest above, and below them those on their way. */
export function MessageList(props: MessageListProps) {
  const { offerId, name, messages, outbox, otherReadId, onEarlier, isFetchingEarlier } = props;
  const t = useTranslations("messages");
  const me = useSignedIn().id;
  const newest = messages.at(-1)?.id ?? 0;
  const lastOf = (isOwn: boolean) =>
    Math.max(0, ...messages.filter(({ sender_id }) => (sender_id === me) === isOwn).map(({ id }) => id));
  const lastOwn = lastOf(true);
  useMarkRead(offerId, lastOf(false));
  const end = useRef<HTMLDivElement>(null);
  const unsent = outbox.unsent.map(({ state }) => state).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is shown, earlier messages leave the view as it is
  useEffect(() => {
    end.current?.scrollIntoView({ block: "end" });
  }, [newest, unsent]);
  return (
    <>
      {onEarlier && (
        <Button isPending={isFetchingEarlier} onClick={onEarlier}>
          {t("earlier")}
        </Button>
      )}
      {messages.length === 0 && unsent === "" && <Empty>{t("nothing_yet")}</Empty>}
      <div role="log" aria-label={t("conversation")}>
        <ol className="list">
          {messages.map((message) => (
            <li key={message.id} className={message.sender_id === me ? "message message-own" : "message"}>
              <MessageText message={message} name={name} isOwn={message.sender_id === me} />
              {message.id === lastOwn && lastOwn <= otherReadId && <span className="quiet">{t("read")}</span>}
            </li>
          ))}
          {outbox.unsent.map((message) => (
            <li key={message.draft.idempotency_key} className="message message-own">
              <UnsentMessage unsent={message} outbox={outbox} />
            </li>
          ))}
        </ol>
      </div>
      <div ref={end} className="messages-end" />
    </>
  );
}

function MessageText({ message, name, isOwn }: { message: Message; name: string; isOwn: boolean }) {
  const t = useTranslations("messages");
  const format = useFormatter();
  const time = format.dateTime(new Date(message.created_at), { dateStyle: "short", timeStyle: "short" });
  return (
    <>
      {message.body === null ? (
        <em className="quiet">{t("taken_back")}</em>
      ) : (
        <p className="as-written">{message.body}</p>
      )}
      <span className="quiet">{isOwn ? t("from_you", { time }) : t("from_other", { name, time })}</span>
      {isOwn && message.body !== null && <TakeBack message={message} />}
    </>
  );
}
