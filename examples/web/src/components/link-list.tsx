import { createLink } from "@tanstack/react-router";
import type { ComponentProps, ReactNode } from "react";

/** Ways to further screens, one below the other; `label` says what of, to screen readers. */
export function LinkList({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav aria-label={label} className="list">
      {children}
    </nav>
  );
}

function Row({ children, ...rest }: ComponentProps<"a">) {
  return (
    <a {...rest} className="card link-list-link">
      {children}
      <span aria-hidden="true">›</span>
    </a>
  );
}

/** One of {@link LinkList}. */
export const ListLink = createLink(Row);
