import type { Place } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTranslations } from "use-intl";
import { useClient } from "../../app/context.ts";
import { Page } from "../../components/page.tsx";
import { Loaded } from "../../components/states.tsx";
import { OpeningHours } from "./opening-hours.tsx";
import { OwnReview } from "./own-review.tsx";
import { usePlaceRating } from "./place-card.tsx";
import { Reviews } from "./reviews.tsx";
import "./places.css";

/** A place: what it is, when it is open, and what members think of it. */
export function PlacePage() {
  const t = useTranslations("places");
  const client = useClient();
  const { place_id } = useParams({ from: "/member/places/$place_id" });
  const query = useQuery({
    queryKey: ["places", "place", place_id],
    queryFn: ({ signal }) => client.places.get(place_id, { signal }),
  });
  return (
    <Page title={query.data?.name ?? t("title")} hasBack>
      <Loaded query={query}>{(place) => <PlaceDetails place={place} />}</Loaded>
    </Page>
  );
}

function PlaceDetails({ place }: { place: Place }) {
  const t = useTranslations("places");
  const rating = usePlaceRating()(place);
  return (
    <>
      <p>
        <span className="tag">{t(`categories.${place.category}`)}</span> {rating}
      </p>
      {place.description && <p className="as-written">{place.description}</p>}
      {place.types.length > 0 && <p className="quiet">{place.types.join(" · ")}</p>}
      {place.address && (
        <p>
          {t("address")}: {place.address}
        </p>
      )}
      {place.source === "community" && <p className="quiet">{t("community")}</p>}
      {place.partner_id && (
        <Link to="/rewards" search={{ partner_id: place.partner_id }} className="button">
          {t("to_rewards")}
        </Link>
      )}
      <h2>{t("hours")}</h2>
      <OpeningHours hours={place.opening_hours} />
      <OwnReview place_id={place.id} />
      <Reviews place_id={place.id} />
    </>
  );
}
