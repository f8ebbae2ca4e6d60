import type { ComponentProps } from "react";

interface ButtonProps extends ComponentProps<"button"> {
  /** `primary` once per screen, `danger` for what cannot be undone. */
  readonly kind?: "primary" | "plain" | "danger";
  /** The work is under way: the button says so and takes no second press. */
  readonly isPending?: boolean;
}

/** A button; `type="submit"` in forms. */
export function Button({ kind = "plain", isPending = false, className = "", onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${kind} ${className}`}
      aria-busy={isPending}
      // not disabled, which would lose the keyboard's place
      aria-disabled={isPending || rest["aria-disabled"]}
      onClick={(event) => (isPending ? event.preventDefault() : onClick?.(event))}
    />
  );
}
