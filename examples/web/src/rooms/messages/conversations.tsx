import type { Conversation } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { InboxTabs } from "../../app/inbox-tabs.tsx";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Avatar } from "../users/member-link.tsx";
import "./messages.css";

/** All conversations, last written to first. */
export function Conversations() {
  const t = useTranslations("messages");
  const client = useClient();
  const pages = usePages(["messages", "conversations"], async (page, options) => {
    const { items, next } = await client.messages.conversationsPage(page, options);
    return { items: items.map((conversation) => ({ ...conversation, id: conversation.offer_id })), next };
  });
  return (
    <Page title={t("title")}>
      <InboxTabs />
      <PagedList query={pages} empty={t("none")}>
        {(conversation) => <ConversationCard conversation={conversation} />}
      </PagedList>
    </Page>
  );
}

function ConversationCard({ conversation }: { conversation: Conversation }) {
  const t = useTranslations("messages");
  const format = useFormatter();
  const me = useSignedIn().id;
  const { offer_id, task_id, other_name, other_avatar_path, task_title, unread_count } = conversation;
  const text = conversation.last_body ?? t("taken_back");
  const sentAt = new Date(conversation.last_message_at);
  return (
    <Link to="/messages/$offer_id" params={{ offer_id }} search={{ task: task_id }} className="card conversation-card">
      <Avatar user={{ name: other_name, avatar_path: other_avatar_path }} />
      <span className="conversation-facts">
        <span>
          <strong>{other_name}</strong> <span className="quiet">{task_title}</span>
        </span>
        <span className="one-line">{conversation.last_sender_id === me ? t("you", { text }) : text}</span>
        <span className="quiet">
          <time dateTime={conversation.last_message_at}>
            {format.dateTime(sentAt, { dateStyle: "medium", timeStyle: "short" })}
          </time>{" "}
          {unread_count > 0 && <span className="badge">{t("unread", { count: unread_count })}</span>}
        </span>
      </span>
    </Link>
  );
}
