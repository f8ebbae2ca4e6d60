/** A table, and those that its foreign keys reference. */
export interface Referencing {
  name: string;
  needs: readonly string[];
}

/** Names of tables, referenced ones before those that reference them; what is referenced and not given is left out. */
export function inForeignKeyOrder(tables: readonly Referencing[]): string[] {
  const needs = new Map(tables.map((table) => [table.name, table.needs]));
  const inOrder: string[] = [];
  const visit = (name: string, path: readonly string[]) => {
    if (!needs.has(name) || inOrder.includes(name) || path.includes(name)) return;
    for (const needed of needs.get(name) ?? []) visit(needed, [...path, name]);
    inOrder.push(name);
  };
  for (const { name } of tables) visit(name, []);
  return inOrder;
}
