import type { Profile } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { Avatar } from "./member-link.tsx";

/** Picture, what is confirmed, since when, and what somebody says of themselves. */
export function MemberHead({ user }: { user: Profile }) {
  const t = useTranslations("users");
  const format = useFormatter();
  const since = format.dateTime(new Date(user.created_at), { year: "numeric", month: "long" });
  const badges = [
    user.is_email_verified && t("badge.email"),
    user.is_phone_verified && t("badge.phone"),
    user.is_banned && t("badge.banned"),
  ].filter((badge) => badge !== false);
  return (
    <>
      <div className="member-head">
        <Avatar user={user} size="large" />
        <div className="stack-small">
          <p className="quiet">{t("since", { since })}</p>
          {badges.length > 0 && (
            <ul className="tags">
              {badges.map((badge) => (
                <li key={badge} className="tag">
                  {badge}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
      {user.bio !== null && <p className="typed">{user.bio}</p>}
    </>
  );
}
