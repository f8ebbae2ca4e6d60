import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { Problem } from "./states.tsx";

interface FormProps {
  /** Gets what was typed, by the names of the controls; what is missing or empty is an empty text. */
  readonly onSend: (typed: (name: string) => string) => void;
  readonly submit: ReactNode;
  readonly isPending: boolean;
  /** Why it was refused, above the button. */
  readonly error?: unknown;
  /** Further buttons beside the one that sends. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A form with its button; what was typed stays when it is refused. */
export function Form({ onSend, submit, isPending, error, actions, className, children }: FormProps) {
  return (
    <form
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        onSend((name) => String(data.get(name) ?? ""));
      }}
    >
      {children}
      {error !== undefined && error !== null && <Problem error={error} />}
      <div className="button-row">
        <Button type="submit" kind="primary" isPending={isPending}>
          {submit}
        </Button>
        {actions}
      </div>
    </form>
  );
}
