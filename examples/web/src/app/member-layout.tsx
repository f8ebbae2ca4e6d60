import { Link, Outlet } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { Offline } from "../components/offline.tsx";
import { useArrival } from "../rooms/users/arrival.ts";
import { Badge } from "./inbox-tabs.tsx";
import { NAVIGATION } from "./navigation.ts";
import { useUnread } from "./unread.ts";
import { useNews } from "./use-news.ts";

/** Head, navigation and the screen between: the navigation stands below on phones, at the side where there is room. */
export function MemberLayout() {
  const t = useTranslations("app");
  const unread = useUnread();
  useNews();
  useArrival();
  return (
    <div className="layout">
      <a className="skip-link" href="#screen">
        {t("skip")}
      </a>
      <Offline />
      <nav className="navigation" aria-label={t("navigation")}>
        {NAVIGATION.map(({ to, text, icon }) => (
          <Link key={to} to={to} className="navigation-link" activeProps={{ "aria-current": "page" }}>
            <svg aria-hidden="true" viewBox="0 0 24 24" width="24" height="24">
              <path d={icon} />
            </svg>
            {t(text)}
            {to === "/notifications" && <Badge count={unread.notifications + unread.messages} />}
          </Link>
        ))}
      </nav>
      <main id="screen" tabIndex={-1} className="screen">
        <Outlet />
      </main>
    </div>
  );
}
