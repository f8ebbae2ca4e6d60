import type { RatingWithRater } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Avatar } from "./member-link.tsx";

/** What others said about a member, newest first. */
export function RatingsAbout({ userId }: { userId: string }) {
  const t = useTranslations("users");
  const client = useClient();
  const ratings = usePages(["ratings", "about", userId], (page, options) =>
    client.ratings.aboutPage({ ...page, user_id: userId }, options),
  );
  return (
    <section className="stack-small">
      <h2>{t("ratings_about")}</h2>
      <PagedList query={ratings} empty={t("no_ratings")}>
        {(rating) => <RatingCard rating={rating} />}
      </PagedList>
    </section>
  );
}

function RatingCard({ rating }: { rating: RatingWithRater }) {
  const t = useTranslations("users");
  const format = useFormatter();
  return (
    <article className="card">
      <Link to="/members/$user_id" params={{ user_id: rating.rater_id }} className="member-link">
        <Avatar user={{ name: rating.rater_name, avatar_path: rating.rater_avatar_path }} />
        <strong>{rating.rater_name}</strong>
      </Link>
      <p>
        <span aria-hidden="true">
          {"★".repeat(rating.score)}
          {"☆".repeat(5 - rating.score)}
        </span>{" "}
        {t("stars", { score: rating.score })}
        <span className="quiet"> · {format.dateTime(new Date(rating.revealed_at), { dateStyle: "medium" })}</span>
      </p>
      {rating.comment !== null && <p className="typed">{rating.comment}</p>}
    </article>
  );
}
