import { count } from "../format";
import type { Cell, Column, Sheet, Table } from "../generated/report";
import { local } from "../state";
import { strings } from "../strings";

/** Rows of a table within a span of time; without one, all of them. */
export function within(table: Table, window: { from: number; until: number } | null): Table {
  return window === null ? table : { ...table, rows: table.rows.filter((row) => row.at >= window.from && row.at < window.until) };
}

export function numbers(table: Table, column: number): number[] {
  return table.rows.map((row) => (typeof row.cells[column] === "number" ? (row.cells[column] as number) : 0));
}

export function sum(of: number[]): number {
  return of.reduce((all, each) => all + each, 0);
}

export function SheetTables({ sheet, window }: { sheet: Sheet; window: { from: number; until: number } | null }) {
  return (
    <>
      {sheet.tables.map((table) => (
        <TableView table={within(table, window)} key={table.slug} />
      ))}
    </>
  );
}

function TableView({ table }: { table: Table }) {
  const kind = (column: Column) => (column.holds === "words" ? "" : "number");
  const shown = (cell: Cell | undefined) => (typeof cell === "number" ? (cell === 0 ? strings.left.nobody : count(cell)) : cell);
  const adds = (column: Column) => column.holds === "people" || column.holds === "capacity";
  return (
    <>
      <h4>{table.title}</h4>
      {table.rows.length === 0 ? (
        <p>{strings.orders.nothing}</p>
      ) : (
        <table class="sheet" data-table={table.slug}>
          <thead>
            <tr>
              <th scope="col">{table.when}</th>
              {table.columns.map((column) => (
                <th scope="col" class={kind(column)} key={column.name}>{column.title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              <tr key={index}>
                <th scope="row">{local().short(row.at)}</th>
                {table.columns.map((column, place) => (
                  <td class={kind(column)} key={column.name}>{shown(row.cells[place])}</td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{strings.orders.sum}</th>
              {table.columns.map((column, place) => (
                <td class={kind(column)} key={column.name}>{adds(column) ? count(sum(numbers(table, place))) : ""}</td>
              ))}
            </tr>
          </tfoot>
        </table>
      )}
    </>
  );
}
