import type { PlaceReview } from "@neighbourhood-help/client";
import { MAX_MESSAGE_LENGTH } from "@neighbourhood-help/client/contracts";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { useClient, useSignedIn } from "../../app/context.ts";
import { useErrorText } from "../../app/error-text.ts";
import { useCommand } from "../../app/use-command.ts";
import { Button } from "../../components/button.tsx";
import { Confirm } from "../../components/confirm.tsx";
import { Field } from "../../components/field.tsx";
import { useNotices } from "../../components/notices.tsx";
import { Loaded } from "../../components/states.tsx";
import { StarChoice } from "../ratings/stars.tsx";

/** The member's own review: to write, to change, to delete. */
export function OwnReview({ place_id }: { place_id: string }) {
  const t = useTranslations("places");
  const client = useClient();
  const { id: user_id } = useSignedIn();
  const query = useQuery({
    queryKey: ["places", "own_review", place_id],
    queryFn: async ({ signal }) => {
      const page = await client.places.reviewsPage({ place_id, user_id, page_size: 1 }, { signal });
      return page.items[0] ?? null;
    },
  });
  return (
    <section className="stack">
      <h2>{t("review_title")}</h2>
      <Loaded query={query}>
        {/* another one when it was deleted, or written on another device */}
        {(review) => <ReviewForm key={review?.updated_at ?? "new"} place_id={place_id} review={review} />}
      </Loaded>
    </section>
  );
}

interface ReviewFormProps {
  readonly place_id: string;
  readonly review: PlaceReview | null;
}

function ReviewForm({ place_id, review }: ReviewFormProps) {
  const t = useTranslations("places");
  const ratings = useTranslations("ratings");
  const client = useClient();
  const errorText = useErrorText();
  const { tell } = useNotices();
  const [rating, setRating] = useState(review?.rating);
  const [isMissing, setIsMissing] = useState(false);
  const [problem, setProblem] = useState<string>();
  const send = useCommand({
    run: client.places.review,
    refreshes: [["places"]],
    onDone: () => tell(t("review_saved")),
    onError: (error) => setProblem(errorText(error)),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setProblem(undefined);
    setIsMissing(rating === undefined);
    if (rating === undefined) return;
    const comment = String(new FormData(event.currentTarget).get("comment")).trim() || undefined;
    send.mutate({ place_id, rating, comment });
  };
  return (
    <form onSubmit={submit}>
      <StarChoice
        legend={t("your_rating")}
        score={rating}
        onChoose={setRating}
        error={isMissing ? ratings("choose") : undefined}
      />
      <Field label={t("comment")} isOptional error={problem}>
        {(control) => (
          <textarea
            {...control}
            name="comment"
            rows={3}
            maxLength={MAX_MESSAGE_LENGTH}
            defaultValue={review?.comment ?? ""}
          />
        )}
      </Field>
      <div className="button-row">
        <Button type="submit" kind="primary" isPending={send.isPending}>
          {review === null ? t("review_send") : t("review_change")}
        </Button>
        {review !== null && <DeleteReview place_id={place_id} />}
      </div>
    </form>
  );
}

function DeleteReview({ place_id }: { place_id: string }) {
  const t = useTranslations("places");
  const client = useClient();
  const { tell } = useNotices();
  const [isAsking, setIsAsking] = useState(false);
  const command = useCommand({
    run: () => client.places.deleteReview(place_id),
    refreshes: [["places"]],
    onDone() {
      setIsAsking(false);
      tell(t("review_deleted"));
    },
  });
  return (
    <>
      <Button onClick={() => setIsAsking(true)}>{t("review_delete")}</Button>
      <Confirm
        title={t("delete_title")}
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        action={t("review_delete")}
        isPending={command.isPending}
        onConfirm={() => command.mutate(undefined)}
      >
        {t("delete_text")}
      </Confirm>
    </>
  );
}
