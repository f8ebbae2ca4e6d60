import type { Rating, TaskWithPeople } from "@neighbourhood-help/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { Button } from "../../components/button.tsx";
import { Loaded } from "../../components/states.tsx";
import { AskButton } from "../tasks/page/ask-button.tsx";
import { RatingForm } from "./rating-form.tsx";
import { Stars } from "./stars.tsx";

const DAY_MS = 24 * 3_600_000;
/** Days after completion in which one may rate. */
const WINDOW_DAYS = 60;

const isWithin = (moment: string | null, days: number) =>
  moment !== null && Date.parse(moment) + days * DAY_MS > Date.now();

/** What the two sides of a completed task say about each other; for one of the two. */
export function TaskRatings({ task }: { task: TaskWithPeople }) {
  const t = useTranslations("ratings");
  const client = useClient();
  const isDone = task.status === "completed" || task.status === "archived";
  const ratings = useQuery({
    queryKey: ["ratings", "task", task.id],
    queryFn: ({ signal }) => client.ratings.ofTask(task.id, { signal }),
    enabled: isDone,
  });
  if (!isDone || task.helper === null) return null;
  return (
    <section className="stack" aria-labelledby="ratings">
      <h2 id="ratings">{t("title")}</h2>
      <Loaded query={ratings}>{(shown) => <BothRatings task={task} ratings={shown} />}</Loaded>
    </section>
  );
}

function BothRatings({ task, ratings }: { task: TaskWithPeople; ratings: readonly Rating[] }) {
  const t = useTranslations("ratings");
  const me = useSignedIn().id;
  const name = (task.creator_id === me ? task.helper?.name : task.creator.name) ?? "";
  const [isChanging, setIsChanging] = useState(false);
  const own = ratings.find(({ rater_id }) => rater_id === me);
  const other = ratings.find(({ rater_id }) => rater_id !== me);
  const showsForm = isChanging || (own === undefined && isWithin(task.completed_at, WINDOW_DAYS));
  return (
    <>
      {showsForm ? (
        <RatingForm taskId={task.id} name={name} former={own} onDone={() => setIsChanging(false)} />
      ) : own ? (
        <OwnRating rating={own} name={name} onChange={() => setIsChanging(true)} />
      ) : (
        <p className="quiet">{t("over")}</p>
      )}
      {other ? (
        <div className="card">
          <strong>{t("theirs", { name })}</strong>
          <RatingWords rating={other} />
        </div>
      ) : (
        own && <p className="quiet">{t("theirs_later", { name })}</p>
      )}
    </>
  );
}

function RatingWords({ rating }: { rating: Rating }) {
  return (
    <>
      <Stars score={rating.score} />
      {rating.comment && <p className="quote">{rating.comment}</p>}
    </>
  );
}

/** One's own rating: for a day, and until it is revealed, it may be changed; later the words may go. */
function OwnRating({ rating, name, onChange }: { rating: Rating; name: string; onChange: () => void }) {
  const t = useTranslations("ratings");
  const client = useClient();
  const mayChange = rating.revealed_at === null && isWithin(rating.created_at, 1);
  return (
    <div className="card">
      <strong>{t("yours")}</strong>
      <RatingWords rating={rating} />
      {rating.revealed_at === null && <p className="quiet">{t("hidden", { name })}</p>}
      <div className="button-row">
        {mayChange ? (
          <Button onClick={onChange}>{t("change")}</Button>
        ) : (
          rating.comment && (
            <AskButton
              taskId={rating.task_id}
              label={t("withdraw")}
              explanation={t("withdraw_explained")}
              confirm={t("withdraw")}
              kind="danger"
              run={() => client.ratings.rate(rating.task_id, { score: rating.score })}
            />
          )
        )}
      </div>
    </div>
  );
}
