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

/** A column as it is shown: people who pass stand beside those who could. */
interface Shown {
  column: Column;
  at: number;
  could: boolean;
}

/** Columns of people with nobody in any row are left out. */
function shownColumns(table: Table): Shown[] {
  const somebody = (at: number) => numbers(table, at).some((people) => people > 0);
  return table.columns.flatMap((column, at) => {
    if (column.holds === "capacity" || (column.holds === "people" && !somebody(at))) return [];
    return [{ column, at, could: table.columns[at + 1]?.holds === "capacity" }];
  });
}

function TableView({ table }: { table: Table }) {
  const columns = shownColumns(table);
  const oneDay = new Set(table.rows.map((row) => local().day(row.at))).size === 1;
  const kind = (column: Column) => (column.holds === "words" ? "" : "number");
  const shown = (cell: Cell | undefined) => (typeof cell === "number" ? (cell === 0 ? strings.left.nobody : count(cell)) : cell);
  const adds = (column: Column) => column.holds === "people";
  return (
    <>
      <h4>{table.title}{oneDay && table.rows.length > 1 && `, ${local().date(table.rows[0]!.at)}`}</h4>
      {table.rows.length === 0 ? (
        <p>{strings.orders.nothing}</p>
      ) : (
        <table class="sheet" data-table={table.slug}>
          <thead>
            <tr>
              <th scope="col">{table.when}</th>
              {columns.map(({ column, could }) => (
                <th scope="col" class={kind(column)} key={column.name}>{could ? strings.orders.ofCould(column.title) : column.title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row, index) => (
              <tr key={index} class={index > 0 && local().day(row.at) !== local().day(table.rows[index - 1]!.at) ? "new-day" : ""}>
                <th scope="row">{oneDay ? local().clock(row.at) : local().short(row.at)}</th>
                {columns.map(({ column, at, could }) => (
                  <td class={kind(column)} key={column.name}>{shown(row.cells[at])}{could && ` / ${shown(row.cells[at + 1])}`}</td>
                ))}
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{strings.orders.sum}</th>
              {columns.map(({ column, at, could }) => (
                <td class={kind(column)} key={column.name}>
                  {adds(column) ? count(sum(numbers(table, at))) : ""}
                  {could && ` / ${count(sum(numbers(table, at + 1)))}`}
                </td>
              ))}
            </tr>
          </tfoot>
        </table>
      )}
    </>
  );
}
