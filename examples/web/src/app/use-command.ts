import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useNotices } from "../components/notices.tsx";
import { useErrorText } from "./error-text.ts";

/** A command of the client, and how the screen follows it. */
export interface CommandOptions<Input, Result, Shown> {
  readonly run: (input: Input) => Promise<Result>;
  /** Queries to read again afterwards, by the beginning of their keys. */
  readonly refreshes: readonly QueryKey[];
  /** The cached value that shows the effect at once, and what it will be; it goes back, with a notice, when the command fails. */
  readonly optimistic?: { readonly key: QueryKey; readonly change: (shown: Shown, input: Input) => Shown };
  /** Commands of the same turn are sent one after the other, in the order they were given. */
  readonly turn?: string;
  readonly onDone?: (result: Result, input: Input) => void;
  /** Shows the error where it belongs, a form's field for example, in place of a notice. */
  readonly onError?: (error: unknown) => void;
}

/** A command as a button or a form uses it: `command.mutate(input)`, `command.isPending`. */
export function useCommand<Input, Result, Shown = unknown>(options: CommandOptions<Input, Result, Shown>) {
  const queryClient = useQueryClient();
  const { tell } = useNotices();
  const errorText = useErrorText();
  const { run, refreshes, optimistic, turn, onDone, onError } = options;
  return useMutation<Result, unknown, Input, Shown | undefined>({
    mutationFn: run,
    ...(turn !== undefined && { scope: { id: turn } }),
    async onMutate(input) {
      if (optimistic === undefined) return undefined;
      await queryClient.cancelQueries({ queryKey: optimistic.key });
      const shown = queryClient.getQueryData<Shown>(optimistic.key);
      if (shown !== undefined) queryClient.setQueryData(optimistic.key, optimistic.change(shown, input));
      return shown;
    },
    onSuccess: (result, input) => onDone?.(result, input),
    onError(error, _input, shown) {
      if (optimistic !== undefined && shown !== undefined) queryClient.setQueryData(optimistic.key, shown);
      if (onError !== undefined) onError(error);
      else tell(errorText(error), "problem");
    },
    onSettled: () => Promise.all(refreshes.map((queryKey) => queryClient.invalidateQueries({ queryKey }))),
  });
}
