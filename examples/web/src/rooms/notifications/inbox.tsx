import type { Page as ListPage, Notification } from "@neighbourhood-help/client";
import type { InfiniteData } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { InboxTabs } from "../../app/inbox-tabs.tsx";
import { useUnread } from "../../app/unread.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Page } from "../../components/page.tsx";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { useLanguage } from "../../texts/language.tsx";
import { targetOf } from "./target.ts";
import "./inbox.css";

const LIST = ["notifications", "list"] as const;
type Shown = InfiniteData<ListPage<Notification>>;

/** What happened and concerns the member, newest first; each leads to what it is about. */
export function Inbox() {
  const t = useTranslations("notifications");
  const client = useClient();
  const unread = useUnread();
  const pages = usePages(LIST, client.notifications.listPage);
  const markRead = useMarkRead();
  return (
    <Page
      title={t("title")}
      actions={
        <Link to="/settings/notifications" className="button">
          {t("settings")}
        </Link>
      }
    >
      <InboxTabs />
      {unread.notifications > 0 && (
        <div className="button-row">
          <Button isPending={markRead.isPending} onClick={() => markRead.mutate(undefined)}>
            {t("mark_all")}
          </Button>
        </div>
      )}
      <PagedList query={pages} empty={t("none")}>
        {(notification) => (
          <NotificationCard
            notification={notification}
            onOpen={() => notification.read_at === null && markRead.mutate([notification.id])}
          />
        )}
      </PagedList>
    </Page>
  );
}

/** Marks as read what has these ids, all without; it shows at once. */
function useMarkRead() {
  const client = useClient();
  return useCommand<readonly number[] | undefined, number, Shown>({
    run: (ids) => client.notifications.markRead(ids),
    refreshes: [["notifications"]],
    optimistic: {
      key: LIST,
      change: (shown, ids) => ({
        ...shown,
        pages: shown.pages.map((page) => ({
          ...page,
          items: page.items.map((item) =>
            item.read_at === null && (ids?.includes(item.id) ?? true)
              ? { ...item, read_at: new Date().toISOString() }
              : item,
          ),
        })),
      }),
    },
  });
}

function NotificationCard({ notification, onOpen }: { notification: Notification; onOpen: () => void }) {
  const t = useTranslations("notifications");
  const format = useFormatter();
  const { language } = useLanguage();
  const target = targetOf(notification);
  const isUnread = notification.read_at === null;
  const words = (
    <>
      <strong>
        {isUnread && <span className="tag">{t("unread")}</span>} {notification[`title_${language}`]}
      </strong>
      <span>{notification[`body_${language}`]}</span>
      <time className="quiet" dateTime={notification.created_at}>
        {format.dateTime(new Date(notification.created_at), { dateStyle: "medium", timeStyle: "short" })}
      </time>
    </>
  );
  const className = `card ${isUnread ? "notification-unread" : ""}`;
  return target === undefined ? (
    <div className={className}>{words}</div>
  ) : (
    <Link {...target} className={className} onClick={onOpen}>
      {words}
    </Link>
  );
}
