import type { Language } from "@neighbourhood-help/client";
import type { Texts } from "./en.ts";

declare module "use-intl" {
  interface AppConfig {
    Locale: Language;
    Messages: Texts;
  }
}
