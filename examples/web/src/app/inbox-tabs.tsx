import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useUnread } from "./unread.ts";

/** The two halves of the inbox, each with what is unread in it. */
export function InboxTabs() {
  const t = useTranslations("app");
  const unread = useUnread();
  return (
    <nav className="tabs" aria-label={t("inbox")}>
      <Link to="/notifications" className="tab" activeProps={{ "aria-current": "page" }}>
        {t("news")} <Badge count={unread.notifications} />
      </Link>
      <Link to="/messages" className="tab" activeProps={{ "aria-current": "page" }}>
        {t("messages")} <Badge count={unread.messages} />
      </Link>
    </nav>
  );
}

/** A number that says how much is unread; nothing when nothing is. */
export function Badge({ count }: { count: number }) {
  const t = useTranslations("app");
  if (count === 0) return null;
  return (
    <span className="badge">
      {count > 99 ? "99+" : count} <span className="visually-hidden">{t("unread")}</span>
    </span>
  );
}
