import { useTranslations } from "use-intl";
import { CreatorSteps } from "./creator-steps.tsx";
import type { ShownTask } from "./data.ts";
import { HelperSteps } from "./helper-steps.tsx";
import { OfferSteps } from "./offer-steps.tsx";

/** Whose turn it is, and what the member can do now; the sensible next step stands out. */
export function TaskSteps(shown: ShownTask) {
  const t = useTranslations("tasks.page");
  return (
    <section className="steps" aria-label={t("steps")}>
      {shown.view === "creator" ? (
        <CreatorSteps {...shown} />
      ) : shown.view === "helper" ? (
        <HelperSteps {...shown} />
      ) : (
        <OfferSteps {...shown} />
      )}
    </section>
  );
}
