import { useCategories } from "./categories.ts";

interface Node {
  readonly slug: string;
  readonly parent_slug: string | null;
  readonly name: string;
}

/** Options of a `<select>`: the tree of categories, each below its parent. */
export function CategoryOptions() {
  const { categories } = useCategories();
  return branch(categories, null, 0).map(({ slug, name, depth }) => (
    <option key={slug} value={slug}>
      {"\u2003".repeat(depth)}
      {name}
    </option>
  ));
}

function branch(
  nodes: readonly Node[],
  parent: string | null,
  depth: number,
): readonly (Node & { readonly depth: number })[] {
  return nodes
    .filter(({ parent_slug }) => parent_slug === parent)
    .flatMap((node) => [{ ...node, depth }, ...branch(nodes, node.slug, depth + 1)]);
}
