/** A table as psql prints it. Null is an empty cell, a line break in a value is shown as ↵. */
export function formatTable(names: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const cells = rows.map((row) => row.map((value) => (value ?? "").replaceAll(/\r?\n/g, "↵")));
  const widths = names.map((name, column) =>
    Math.max(...[name, ...cells.map((row) => row[column] ?? "")].map(widthOf)),
  );
  const isNumber = names.map((_, column) => cells.every((row) => /^(-?[\d.]+)?$/.test(row[column] ?? "")));
  const line = (row: readonly string[], isHead: boolean) =>
    row
      .map((text, column) => {
        const blanks = " ".repeat((widths[column] ?? 0) - widthOf(text));
        return isNumber[column] && !isHead ? ` ${blanks}${text} ` : ` ${text}${blanks} `;
      })
      .join("|")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width + 2)).join("+");
  const count = `(${rows.length} ${rows.length === 1 ? "row" : "rows"})`;
  return [line(names, true), rule, ...cells.map((row) => line(row, false)), count].join("\n");
}

function widthOf(text: string): number {
  return [...text].length;
}
