import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { CreatorSteps } from "./creator-steps.tsx";
import type { ShownTask } from "./data.ts";
import { HelperSteps } from "./helper-steps.tsx";
import { OfferSteps } from "./offer-steps.tsx";

/** Whose turn it is, and what the member can do now; the sensible next step stands out. */
export function TaskSteps(shown: ShownTask) {
  const t = useTranslations("tasks.page");
  const section = useRef<HTMLElement>(null);
  const state = `${shown.task.status} ${shown.ownOffer?.status ?? ""}`;
  const former = useRef(state);
  useEffect(() => {
    if (former.current === state) return;
    former.current = state;
    // the button that was pressed is gone: the keyboard goes on where the next one is
    if (document.activeElement === document.body) section.current?.focus();
  }, [state]);
  return (
    <section ref={section} tabIndex={-1} className="steps" aria-label={t("steps")}>
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
