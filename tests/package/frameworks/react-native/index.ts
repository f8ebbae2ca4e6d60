/** As in React Native: whether the app is in front. */
export type AppStateStatus = "active" | "background" | "extension" | "inactive" | "unknown";

const listeners = new Set<(state: AppStateStatus) => void>();

export const AppState = {
  addEventListener(_type: "change", listener: (state: AppStateStatus) => void): { remove(): void } {
    listeners.add(listener);
    return { remove: () => void listeners.delete(listener) };
  },
};

/** What the phone does when the app comes to the front or goes. */
export function change(state: AppStateStatus): void {
  for (const listener of listeners) listener(state);
}
