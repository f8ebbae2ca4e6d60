import { MAX_SCORE, MIN_SCORE } from "@neighbourhood-help/client/contracts";
import { useTranslations } from "use-intl";
import "./ratings.css";

const SCORES = Array.from({ length: MAX_SCORE - MIN_SCORE + 1 }, (_, index) => MIN_SCORE + index);

/** Stars to read. */
export function Stars({ score }: { score: number }) {
  const t = useTranslations("ratings");
  return (
    <span className="stars" role="img" aria-label={t("stars", { count: score })}>
      {SCORES.map((value) => (value <= score ? "★" : "☆")).join("")}
    </span>
  );
}

interface StarChoiceProps {
  readonly legend: string;
  readonly score: number | undefined;
  readonly onChoose: (score: number) => void;
  /** Text of what is wrong, below the stars. */
  readonly error: string | undefined;
}

/** Stars to choose: radio buttons, so that arrow keys and screen readers know them. */
export function StarChoice({ legend, score, onChoose, error }: StarChoiceProps) {
  const t = useTranslations("ratings");
  return (
    <fieldset className="star-choice">
      <legend>{legend}</legend>
      {SCORES.map((value) => (
        <label key={value}>
          <input
            type="radio"
            name="score"
            className="visually-hidden"
            value={value}
            checked={value === score}
            onChange={() => onChoose(value)}
          />
          <span aria-hidden="true">{score !== undefined && value <= score ? "★" : "☆"}</span>
          <span className="visually-hidden">{t("stars", { count: value })}</span>
        </label>
      ))}
      {error && (
        <p className="field-error" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
