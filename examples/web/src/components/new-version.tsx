import { useTranslations } from "use-intl";
import { useNewVersion } from "../app/service-worker-client.ts";
import { Button } from "./button.tsx";

/** Says that a new version of the app is there; it comes when the member asks for it, so that nothing typed is lost. */
export function NewVersion() {
  const t = useTranslations("app");
  const change = useNewVersion();
  return (
    <div role="status" className="new-version">
      {change && (
        <>
          {t("new_version")}
          <Button onClick={change}>{t("reload")}</Button>
        </>
      )}
    </div>
  );
}
