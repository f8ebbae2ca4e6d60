import type { Language, Reward, RewardWithPartner } from "@neighbourhood-help/client";
import { useFormatter, useTranslations } from "use-intl";
import { useLanguage } from "../../texts/language.tsx";

type Discount = Pick<Reward, "discount_type" | "discount_value" | "discount_currency">;

/** What a reward gives, in words: “10% off”, “Free”. */
export function useDiscountText(): (discount: Discount) => string {
  const t = useTranslations("rewards");
  const format = useFormatter();
  return ({ discount_type, discount_value, discount_currency }) => {
    const value =
      discount_currency === null
        ? format.number((discount_value ?? 0) / 100, { style: "percent", maximumFractionDigits: 2 })
        : format.number(discount_value ?? 0, {
            style: "currency",
            currency: discount_currency,
            trailingZeroDisplay: "stripIfInteger",
          });
    return t(`discount.${discount_type}`, { value });
  };
}

/** A reward's texts in the language of the app. */
export function textsOf(reward: Reward, language: Language) {
  return {
    title: reward[`title_${language}`],
    description: reward[`description_${language}`],
    terms: reward[`terms_${language}`],
  };
}

/** Whether a reward can be had now, by what is known here; whether it really can, is decided when it is redeemed. */
export function availabilityOf(reward: RewardWithPartner, now: Date) {
  const { stock, valid_from, valid_until } = reward;
  if (valid_until !== null && new Date(valid_until) <= now) return { state: "ended", at: valid_until } as const;
  if (new Date(valid_from) > now) return { state: "not_started", at: valid_from } as const;
  if (stock !== null && stock.taken >= stock.total) return { state: "sold_out" } as const;
  return { state: "available" } as const;
}

/** Why a reward cannot be had now, and otherwise until when and how many of it there are. */
export function useAvailabilityText(): (reward: RewardWithPartner) => string | undefined {
  const t = useTranslations("rewards");
  const format = useFormatter();
  const day = (moment: string) => format.dateTime(new Date(moment), { dateStyle: "medium" });
  return (reward) => {
    const availability = availabilityOf(reward, new Date());
    if (availability.state === "sold_out") return t("state.sold_out");
    if (availability.state !== "available") return t(`state.${availability.state}`, { date: day(availability.at) });
    const facts = [
      reward.stock !== null && t("left", { count: reward.stock.total - reward.stock.taken }),
      reward.valid_until !== null && t("until", { date: day(reward.valid_until) }),
    ].filter((fact) => fact !== false);
    return facts.length === 0 ? undefined : facts.join(" · ");
  };
}

/** The language's title of what keeps both, a reward or a redemption. */
export function useTitleOf(): (thing: { readonly title_de: string; readonly title_en: string }) => string {
  const { language } = useLanguage();
  return (thing) => thing[`title_${language}`];
}
