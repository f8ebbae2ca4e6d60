/**
 * Spelling of names: the database writes snake_case, the functions answer in camelCase.
 *
 * @module
 */

/** The same value with every key of every object in camelCase. Values stay as they are. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [camelCase(key), camelKeys(entry)]));
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/gu, (_match, letter: string) => letter.toUpperCase());
}
