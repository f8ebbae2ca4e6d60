import { lazy, type ReactNode, Suspense } from "react";

/** What a dialog shows, and how it ends. */
export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

// no first screen is a dialog
const DialogFrame = lazy(() => import("./dialog-frame.tsx").then((module) => ({ default: module.DialogFrame })));

/** A question or a small form above the screen: Escape closes it, and the keyboard stays inside. */
export function Dialog(props: DialogProps) {
  return (
    props.isOpen && (
      <Suspense>
        <DialogFrame {...props} />
      </Suspense>
    )
  );
}
