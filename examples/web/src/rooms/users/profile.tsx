import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { LinkList, ListLink } from "../../components/link-list.tsx";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { Figures } from "./figures.tsx";
import { MemberHead } from "./member-head.tsx";
import { meQuery } from "./queries.ts";
import { Trust } from "./trust.tsx";
import "./users.css";

/** The member's own page, and the way to everything that is theirs. */
export function ProfilePage() {
  const t = useTranslations("users");
  const client = useClient();
  const me = useQuery(meQuery(client));
  return (
    <Loaded query={me}>
      {(user) => (
        <Page
          title={user.name}
          actions={
            <Link to="/profile/edit" className="button">
              {t("profile.edit")}
            </Link>
          }
        >
          <MemberHead user={user} />
          <Link to="/points" className="card balance">
            <span className="balance-number">{t("profile.points", { points: user.points_balance ?? 0 })}</span>
            <span className="quiet">{t("profile.points_hint")}</span>
          </Link>
          <Trust user={user} />
          <Figures userId={user.id} />
          <LinkList label={t("profile.more")}>
            <ListLink to="/redemptions">{t("profile.redemptions")}</ListLink>
            <ListLink to="/messages">{t("profile.messages")}</ListLink>
            <ListLink to="/leaderboard">{t("profile.leaderboard")}</ListLink>
            <ListLink to="/places">{t("profile.places")}</ListLink>
            <ListLink to="/members/$user_id" params={{ user_id: user.id }}>
              {t("profile.as_others")}
            </ListLink>
            <ListLink to="/invite">{t("invite.title")}</ListLink>
            <ListLink to="/settings">{t("settings.title")}</ListLink>
          </LinkList>
        </Page>
      )}
    </Loaded>
  );
}
