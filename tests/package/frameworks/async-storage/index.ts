const values = new Map<string, string>();

/** As AsyncStorage: strings by name, which outlive the app. */
export default {
  getItem: async (key: string): Promise<string | null> => values.get(key) ?? null,
  setItem: async (key: string, value: string): Promise<void> => void values.set(key, value),
  removeItem: async (key: string): Promise<void> => void values.delete(key),
};

/** Names of everything that is kept. */
export const keptNames = (): string[] => [...values.keys()];
