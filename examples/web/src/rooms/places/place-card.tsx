import { type FoundPlace, type Place, type RecommendedPlace, splitSnippet } from "@neighbourhood-help/client";
import { Link } from "@tanstack/react-router";
import { useFormatter, useTranslations } from "use-intl";
import { useLanguage } from "../../texts/language.tsx";

/** What others think of a place, in words. */
export function usePlaceRating(): (place: Pick<Place, "rating_average" | "rating_count">) => string {
  const t = useTranslations("places");
  return ({ rating_average, rating_count }) =>
    rating_count === 0 ? t("no_reviews") : t("rating", { average: rating_average, count: rating_count });
}

/** A place near the member, with why it is in the list; leads to its page. */
export function PlaceCard({ place }: { place: FoundPlace | RecommendedPlace }) {
  const t = useTranslations("places");
  const format = useFormatter();
  const { language } = useLanguage();
  const rating = usePlaceRating()(place);
  const facts = [
    t(`categories.${place.category}`),
    format.number(place.distance_m / 1000, { style: "unit", unit: "kilometer", maximumFractionDigits: 1 }),
    rating,
  ];
  return (
    <Link to="/places/$place_id" params={{ place_id: place.id }} className="card">
      <strong>{place.name}</strong>
      {"snippet" in place ? (
        <>
          <span className="quiet">{facts.join(" · ")}</span>
          <span>
            <Snippet text={place.snippet} />
          </span>
        </>
      ) : (
        // says the category, the rating and the way, too
        <span className="quiet">{place[`explanation_${language}`]}</span>
      )}
    </Link>
  );
}

function Snippet({ text }: { text: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: a piece has no name of its own, and the list of them never changes
  return splitSnippet(text).map((part, index) => (part.isHit ? <mark key={index}>{part.text}</mark> : part.text));
}
