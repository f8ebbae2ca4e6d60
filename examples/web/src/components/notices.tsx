import { Toast } from "radix-ui";
import { createContext, type ReactNode, use, useCallback, useMemo, useState } from "react";
import { useTranslations } from "use-intl";

type Kind = "done" | "problem";
interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: Kind;
}

const NoticesContext = createContext<{ tell(text: string, kind?: Kind): void } | undefined>(undefined);
const SHOWN_MS = { done: 5_000, problem: 12_000 };

/** Short messages at the edge of the screen; screen readers say them. */
export function Notices({ children }: { children: ReactNode }) {
  const t = useTranslations("app");
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const tell = useCallback((text: string, kind: Kind = "done") => {
    setNotices((shown) => [...shown.filter((notice) => notice.text !== text), { id: Date.now(), text, kind }]);
  }, []);
  const value = useMemo(() => ({ tell }), [tell]);
  return (
    <NoticesContext value={value}>
      <Toast.Provider swipeDirection="down" label={t("problem")}>
        {children}
        {notices.map(({ id, text, kind }) => (
          <Toast.Root
            key={id}
            className={`notice notice-${kind}`}
            type={kind === "problem" ? "foreground" : "background"}
            duration={SHOWN_MS[kind]}
            onOpenChange={(isOpen) => !isOpen && setNotices((shown) => shown.filter((notice) => notice.id !== id))}
          >
            <Toast.Description>{text}</Toast.Description>
            <Toast.Close aria-label={t("close")} className="icon-button">
              ×
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className="notices" />
      </Toast.Provider>
    </NoticesContext>
  );
}

/** Tells the member something in passing: `tell(text)`, or `tell(text, "problem")`. */
export function useNotices(): { tell(text: string, kind?: Kind): void } {
  const notices = use(NoticesContext);
  if (notices === undefined) throw new Error("used outside of <Notices>");
  return notices;
}
