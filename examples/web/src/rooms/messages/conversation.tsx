import { ApiError } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { Empty, Loading, Problem } from "../../components/states.tsx";
import { useConversation, useMessages } from "./data.ts";
import { MessageForm } from "./message-form.tsx";
import { MessageList } from "./message-list.tsx";
import { useOutbox } from "./outbox.ts";
import "./messages.css";

/** What the two sides of an offer write to each other. */
export function ConversationPage() {
  const { offer_id } = useParams({ from: "/member/messages/$offer_id" });
  return <ConversationScreen key={offer_id} offerId={offer_id} />;
}

function ConversationScreen({ offerId }: { offerId: string }) {
  const t = useTranslations("messages");
  const pages = useMessages(offerId);
  const conversation = useConversation(offerId);
  const { title, name, taskId } = useSubject(offerId);
  const outbox = useOutbox(offerId);
  if (pages.error instanceof ApiError && pages.error.code === "offer_not_found") {
    return (
      <Page title={t("gone_title")} hasBack>
        <Empty>
          <p>{t("gone")}</p>
          <Link to="/messages">{t("to_messages")}</Link>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={name === undefined ? t("title") : t("with", { name })} hasBack>
      {taskId !== undefined && (
        <Link to="/tasks/$task_id" params={{ task_id: taskId }}>
          {title === undefined ? t("to_task") : t("about", { title })}
        </Link>
      )}
      {pages.data === undefined ? (
        pages.error ? (
          <Problem error={pages.error} onRetry={() => void pages.refetch()} />
        ) : (
          <Loading />
        )
      ) : (
        <MessageList
          offerId={offerId}
          name={name ?? ""}
          messages={[...pages.data].reverse()}
          outbox={outbox}
          otherReadId={conversation.data?.other_read_id ?? 0}
          onEarlier={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
          isFetchingEarlier={pages.isFetchingNextPage}
        />
      )}
      {conversation.data?.is_open === false ? (
        <p className="quiet">{t("closed")}</p>
      ) : (
        <MessageForm offerId={offerId} onSend={outbox.send} />
      )}
    </Page>
  );
}

/** Whom the conversation is with and about what: of a conversation that has not begun, its task and offer tell. */
function useSubject(offerId: string) {
  const client = useClient();
  const me = useSignedIn().id;
  const { task: searched } = useSearch({ from: "/member/messages/$offer_id" });
  const { data: conversation } = useConversation(offerId);
  const hasNotBegun = conversation === null && searched !== undefined;
  const task = useQuery({
    queryKey: ["tasks", "task", searched],
    queryFn: ({ signal }) => client.tasks.get(searched ?? "", { signal }),
    enabled: hasNotBegun,
  });
  const offers = useQuery({
    queryKey: ["tasks", "offers", searched],
    queryFn: ({ signal }) => client.tasks.offers(searched ?? "", { signal }),
    enabled: hasNotBegun,
  });
  if (conversation) {
    return { title: conversation.task_title, name: conversation.other_name, taskId: conversation.task_id };
  }
  const helper = offers.data?.find(({ id }) => id === offerId)?.helper;
  const other = task.data?.creator_id === me ? helper : task.data?.creator;
  return { title: task.data?.title, name: other?.name, taskId: searched };
}
