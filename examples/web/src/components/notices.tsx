import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslations } from "use-intl";

type Kind = "done" | "problem";
interface Notice {
  readonly id: number;
  readonly text: string;
  readonly kind: Kind;
}

const NoticesContext = createContext<{ tell(text: string, kind?: Kind): void } | undefined>(undefined);
const SHOWN_MS = { done: 5_000, problem: 12_000 };
/** Places that are there before anything is said, or screen readers miss the first of it. */
const PLACES = { done: "status", problem: "alert" } as const;
const KINDS = ["done", "problem"] as const;

let lastId = 0;

/** Short messages at the edge of the screen; screen readers say them. */
export function Notices({ children }: { children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([]);
  const tell = useCallback((text: string, kind: Kind = "done") => {
    lastId += 1;
    const notice = { id: lastId, text, kind };
    setNotices((shown) => [...shown.filter((other) => other.text !== text), notice]);
  }, []);
  const end = useCallback((id: number) => setNotices((shown) => shown.filter((notice) => notice.id !== id)), []);
  const value = useMemo(() => ({ tell }), [tell]);
  return (
    <NoticesContext value={value}>
      {children}
      <div className="notices">
        {KINDS.map((kind) => (
          <div key={kind} role={PLACES[kind]} className="list">
            {notices.map((notice) => notice.kind === kind && <Line key={notice.id} notice={notice} onEnd={end} />)}
          </div>
        ))}
      </div>
    </NoticesContext>
  );
}

/** One message; it stays as long as somebody points at it. */
function Line({ notice, onEnd }: { notice: Notice; onEnd: (id: number) => void }) {
  const t = useTranslations("app");
  const [isHeld, setHeld] = useState(false);
  const { id, text, kind } = notice;
  useEffect(() => {
    if (isHeld) return undefined;
    const timer = setTimeout(() => onEnd(id), SHOWN_MS[kind]);
    return () => clearTimeout(timer);
  }, [isHeld, id, kind, onEnd]);
  return (
    <fieldset
      className={`notice notice-${kind}`}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      {text}
      <button type="button" className="icon-button" aria-label={t("close")} onClick={() => onEnd(id)}>
        ×
      </button>
    </fieldset>
  );
}

/** Tells the member something in passing: `tell(text)`, or `tell(text, "problem")`. */
export function useNotices(): { tell(text: string, kind?: Kind): void } {
  const notices = use(NoticesContext);
  if (notices === undefined) throw new Error("used outside of <Notices>");
  return notices;
}
