import { useTranslations } from "use-intl";
import { Page } from "../../components/page.tsx";

/** Map and list of the tasks nearby. */
export function Home() {
  const t = useTranslations("map");
  return <Page title={t("home_title")}>…</Page>;
}
