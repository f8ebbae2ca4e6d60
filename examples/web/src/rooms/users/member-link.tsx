import type { UserCard } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";

interface AvatarProps {
  readonly user: Pick<UserCard, "name" | "avatar_path">;
  readonly size?: "small" | "large";
}

/** A member's picture, or the first letter of the name. */
export function Avatar({ user, size = "small" }: AvatarProps) {
  const client = useClient();
  const url = client.pictures.avatarUrl(user.avatar_path);
  const className = size === "small" ? "avatar" : "avatar avatar-large";
  return url ? (
    <img className={className} src={url} alt="" loading="lazy" width="40" height="40" />
  ) : (
    <span className={className} aria-hidden="true">
      {[...user.name][0]}
    </span>
  );
}

/** A member with what others think of them; leads to their page. */
export function MemberLink({ user }: { user: UserCard }) {
  const t = useTranslations("users");
  return (
    <Link to="/members/$user_id" params={{ user_id: user.id }} className="member-link">
      <Avatar user={user} />
      <span>
        <strong>{user.name}</strong>
        <br />
        <span className="quiet">
          {user.rating_count === 0
            ? t("no_ratings")
            : t("rating", { average: user.rating_average ?? 0, count: user.rating_count })}
        </span>
      </span>
    </Link>
  );
}
