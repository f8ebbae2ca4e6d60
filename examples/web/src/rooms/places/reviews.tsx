import { useFormatter, useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { PagedList, usePages } from "../../components/paged-list.tsx";
import { Stars } from "../ratings/stars.tsx";
import { MemberLink } from "../users/member-link.tsx";

/** What members wrote about a place, newest first. */
export function Reviews({ place_id }: { place_id: string }) {
  const t = useTranslations("places");
  const format = useFormatter();
  const client = useClient();
  const me = useSignedIn();
  const reviews = usePages(["places", "reviews", place_id], ({ after }, options) =>
    client.places.reviewsPage({ place_id, after }, options),
  );
  return (
    <>
      <h2>{t("reviews")}</h2>
      <PagedList query={reviews} empty={t("reviews_empty")}>
        {({ rating, comment, created_at, user }) => (
          <article className="card">
            <span>
              <Stars score={rating} />{" "}
              <time className="quiet" dateTime={created_at}>
                {format.dateTime(new Date(created_at), { dateStyle: "medium" })}
              </time>
              {user.id === me.id && <span className="quiet"> ({t("yours")})</span>}
            </span>
            {comment && <p className="as-written">{comment}</p>}
            <MemberLink user={user} />
          </article>
        )}
      </PagedList>
    </>
  );
}
