import type { Cell } from "./matrix.ts";

/** Writes the pgTAP file that asserts every cell. The preamble is SQL that defines `tests.cell`. */
export function generateTest(cells: readonly Cell[], preamble: string): string {
  return [
    "-- Generated from docs/rooms/tasks.md by node dev/matrix/main.ts. Do not edit: change the page, or",
    "-- dev/matrix/preamble.sql, and run it again.",
    "begin;",
    `select plan(${cells.length});`,
    "",
    preamble.trim(),
    "",
    ...cells.flatMap((cell, index) => [
      ...(cell.state === cells[index - 1]?.state
        ? []
        : [`-- State: ${cell.state} ${"-".repeat(107 - cell.state.length)}`]),
      statement(cell),
    ]),
    "",
    "select * from finish();",
    "rollback;",
    "",
  ].join("\n");
}

function statement({ state, action, actor, expected }: Cell): string {
  return `select tests.cell(${[state, action, actor, expected].map(literal).join(", ")});`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
