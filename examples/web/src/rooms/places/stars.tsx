import { useTranslations } from "use-intl";
import "./places.css";

const STARS = [1, 2, 3, 4, 5];

/** How many stars somebody gave. */
export function Stars({ stars }: { stars: number }) {
  const t = useTranslations("places");
  return (
    <span className="stars" role="img" aria-label={t("stars_of_5", { stars })}>
      {STARS.map((star) => (star <= stars ? "★" : "☆")).join("")}
    </span>
  );
}

interface StarChoiceProps {
  readonly value: number | undefined;
  readonly onChange: (stars: number) => void;
  readonly error?: string | undefined;
}

/** One to five stars, as radio buttons: arrow keys choose, and each says how many it is. */
export function StarChoice({ value = 0, onChange, error }: StarChoiceProps) {
  const t = useTranslations("places");
  return (
    <fieldset className="star-choice">
      <legend>{t("your_rating")}</legend>
      <div>
        {STARS.map((star) => (
          <label key={star} className={star <= value ? "chosen" : undefined}>
            <input
              type="radio"
              name="rating"
              value={star}
              checked={star === value}
              onChange={() => onChange(star)}
              aria-label={t("stars", { stars: star })}
            />
            <span aria-hidden="true">{star <= value ? "★" : "☆"}</span>
          </label>
        ))}
      </div>
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
