import type { OpeningHours as Hours, Weekday } from "@neighbourhood-help/client";
import { useFormatter, useNow, useTranslations } from "use-intl";
import { groupDays, isOpenAt, WEEKDAYS } from "./hours.ts";

/** A Monday; only its weekday and hour are shown. */
const MONDAY = Date.UTC(2024, 0, 1);

function useDayNames() {
  const format = useFormatter();
  return (day: Weekday) =>
    format.dateTime(new Date(MONDAY + WEEKDAYS.indexOf(day) * 86_400_000), { weekday: "short", timeZone: "UTC" });
}

function useTimes() {
  const format = useFormatter();
  return (time: string) =>
    time === "24:00"
      ? time
      : format.dateTime(new Date(`2024-01-01T${time}:00Z`), { timeStyle: "short", timeZone: "UTC" });
}

/** When a place is open, day by day, and whether it is now. */
export function OpeningHours({ hours }: { hours: Hours | null }) {
  const t = useTranslations("places");
  const now = useNow({ updateInterval: 60_000 });
  const dayName = useDayNames();
  const time = useTimes();
  if (hours === null) return <p className="quiet">{t("hours_unknown")}</p>;
  return (
    <>
      <p>
        <strong>{isOpenAt(hours, now) ? t("open_now") : t("closed_now")}</strong>
      </p>
      <table className="hours">
        <tbody>
          {groupDays(hours).map(({ first, last, spans }) => (
            <tr key={first}>
              <th scope="row">{first === last ? dayName(first) : `${dayName(first)} – ${dayName(last)}`}</th>
              <td>
                {spans.length === 0 && t("closed")}
                {spans.map(([from, to]) => (
                  <span key={from}>
                    {from === "00:00" && to === "24:00" ? t("always") : `${time(from)} – ${time(to)}`}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
