import type { RewardWithPartner } from "@neighbourhood-help/client";
import { Fragment } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { useAvailabilityText } from "./facts.ts";

/** What one should know before spending points. */
export function RewardFacts({ reward }: { reward: RewardWithPartner }) {
  const t = useTranslations("rewards");
  const format = useFormatter();
  const availability = useAvailabilityText()(reward);
  const { limit_per_member, limit_period, code_source, return_days, expiry_refund_percent } = reward;
  const share = format.number(expiry_refund_percent / 100, { style: "percent" });
  const facts = [
    [t("price"), t("cost", { points: reward.points_cost })],
    [t("offered"), availability],
    [t("limit"), limit_per_member !== null && t(`limit_of.${limit_period ?? "ever"}`, { count: limit_per_member })],
    [
      t("code"),
      [t("code_valid", { days: reward.code_valid_days }), code_source === "partner_api" && t("code_waits")]
        .filter(Boolean)
        .join("; "),
    ],
    [t("returns"), return_days > 0 ? t("returnable", { days: return_days }) : t("not_returnable")],
    [t("expiry"), expiry_refund_percent > 0 && t("expiry_refund", { share })],
  ] as const;
  return (
    <dl className="pairs">
      {facts.map(
        ([name, text]) =>
          text && (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </Fragment>
          ),
      )}
    </dl>
  );
}
