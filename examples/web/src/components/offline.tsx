import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useTranslations } from "use-intl";

/** Says that the phone is offline, while it is. */
export function Offline() {
  const t = useTranslations("app");
  const isOnline = useSyncExternalStore(
    (onChange) => onlineManager.subscribe(onChange),
    () => onlineManager.isOnline(),
  );
  return (
    <div role="status" className="offline">
      {isOnline ? null : t("offline")}
    </div>
  );
}
