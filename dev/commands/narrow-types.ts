import ts from "typescript";

/** What the catalogue knows about one property of the generated types. */
export interface Fact {
  /** The type of its word, where it has one. */
  word?: string;
  /** It may be null although the generated types say otherwise. */
  isNullable?: boolean;
}

/**
 * The generated types with what they do not know: the words of domains, which they call `unknown`, and which columns of a
 * function's rows may be null.
 *
 * @param factOf by names such as `Tables tasks status` or `Functions nearby_tasks Returns expires_at`.
 */
export function narrowTypes(source: string, factOf: (name: string) => Fact | undefined): string {
  const file = ts.createSourceFile("database.types.ts", source, ts.ScriptTarget.Latest, true);
  const edits: { from: number; to: number; text: string }[] = [];
  const visit = (node: ts.Node, path: readonly string[]): void => {
    if (!ts.isPropertySignature(node)) return ts.forEachChild(node, (child) => visit(child, path));
    const here = [...path, node.name.getText(file).replaceAll('"', "")];
    const fact = factOf(nameOf(here));
    if (fact !== undefined && node.type !== undefined) {
      const type = node.type.getText(file);
      const text = (fact.word === undefined ? type : type.replace("unknown", fact.word)) + (fact.isNullable ? " | null" : "");
      edits.push({ from: node.type.getStart(file), to: node.type.end, text });
    } else ts.forEachChild(node, (child) => visit(child, here));
  };
  visit(file, []);
  return edits.reduceRight((text, edit) => text.slice(0, edit.from) + edit.text + text.slice(edit.to), source);
}

/** Rows, inserts and updates of a table say the same about a column. */
function nameOf([, kind, owner, part, ...rest]: readonly string[]): string {
  return [kind, owner, ...(kind === "Functions" ? [part] : []), ...rest].join(" ");
}
