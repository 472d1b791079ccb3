import {
  flexRender,
  getCoreRowModel,
  getSortedRowModel,
  useReactTable,
  type ColumnDef,
  type Header,
  type SortingState,
} from "@tanstack/react-table";
import { useMemo, type ReactNode } from "react";
import { useSpeech } from "../texts/language";
import { Pager } from "./Pager";
import styles from "./parts.module.css";
import { useTableView } from "./table_view";

/** A column: its title, its text for sorting, and what the cell shows. */
export interface Column<Row> {
  id: string;
  title: string;
  value?: (row: Row) => string | number | null;
  cell: (row: Row) => ReactNode;
  align?: "right";
  /** Left out on a narrow screen: the item's own detail says it too. */
  isWide?: boolean;
  /** The cell that names the row is its header. */
  isRowHeader?: boolean;
}

interface Props<Row> {
  /** Names the table's page and order in the address. */
  name: string;
  caption: string;
  captionShown?: boolean;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string;
  isSelected?: (row: Row) => boolean;
  onRow?: (row: Row) => void;
  pageRows: number;
  /** Given when `rows` is one page of a list the server cuts. */
  serverTotal?: number;
}

function defsOf<Row>(columns: Column<Row>[], isSortable: boolean): ColumnDef<Row>[] {
  return columns.map((column) => ({
    id: column.id,
    header: column.title,
    accessorFn: (row: Row) => column.value?.(row) ?? undefined,
    enableSorting: isSortable && column.value !== undefined,
    sortUndefined: "last" as const,
  }));
}

interface HeaderProps<Row> {
  header: Header<Row, unknown>;
  column: Column<Row> | undefined;
}

function HeaderCell<Row>({ header, column }: HeaderProps<Row>) {
  const shape = { "data-align": column?.align, "data-wide": column?.isWide || undefined };
  const sorted = header.column.getIsSorted();
  const title = flexRender(header.column.columnDef.header, header.getContext());
  const order = sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined;
  if (!header.column.getCanSort()) {
    return (
      <th scope="col" {...shape}>
        {title}
      </th>
    );
  }
  return (
    <th scope="col" {...shape} aria-sort={order}>
      <button
        type="button"
        className={styles.sort}
        onClick={header.column.getToggleSortingHandler()}
      >
        {title}
        <span aria-hidden="true" data-sorted={sorted || undefined}>
          {sorted === "desc" ? "↓" : "↑"}
        </span>
      </button>
    </th>
  );
}

function Cells<Row>({ columns, row }: { columns: Column<Row>[]; row: Row }) {
  return columns.map((column) =>
    column.isRowHeader ? (
      <th key={column.id} scope="row" data-align={column.align}>
        {column.cell(row)}
      </th>
    ) : (
      <td key={column.id} data-align={column.align} data-wide={column.isWide || undefined}>
        {column.cell(row)}
      </td>
    ),
  );
}

/** A table with a caption, scopes, an order and pages, whose counts say what is not shown. */
export function DataTable<Row>(props: Props<Row>) {
  const { name, caption, columns, rows, rowKey, pageRows, serverTotal, isSelected, onRow } = props;
  const { t } = useSpeech();
  const view = useTableView(name);
  const isServer = serverTotal !== undefined;
  const defs = useMemo(() => defsOf(columns, !isServer), [columns, isServer]);
  const { id: sortId, desc } = view.sort ?? { id: null, desc: false };
  const sorting = useMemo<SortingState>(
    () => (sortId === null ? [] : [{ id: sortId, desc }]),
    [sortId, desc],
  );
  const table = useReactTable({
    data: rows,
    columns: defs,
    state: { sorting },
    onSortingChange: (update) => {
      const next = typeof update === "function" ? update(sorting) : update;
      view.setSort(next[0] ?? null);
    },
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    manualSorting: isServer,
    // Pages are ours; the table resetting its own would render without end.
    autoResetPageIndex: false,
  });
  const total = serverTotal ?? rows.length;
  const pageCount = Math.max(1, Math.ceil(total / pageRows));
  const page = Math.min(view.page, pageCount);
  const ordered = table.getRowModel().rows;
  const shown = isServer ? ordered : ordered.slice((page - 1) * pageRows, page * pageRows);
  const columnOf = new Map(columns.map((column) => [column.id, column]));
  return (
    <>
      <div className={styles.scroll} role="region" aria-label={caption} tabIndex={0}>
        <table className={styles.table} data-clickable={onRow ? true : undefined}>
          <caption className={props.captionShown ? styles.caption : "visually-hidden"}>
            {caption}
          </caption>
          <thead>
            <tr>
              {table.getFlatHeaders().map((header) => (
                <HeaderCell key={header.id} header={header} column={columnOf.get(header.id)} />
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ original }) => (
              <tr
                key={rowKey(original)}
                data-selected={isSelected?.(original) || undefined}
                onClick={onRow && (() => onRow(original))}
              >
                <Cells columns={columns} row={original} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > pageRows && (
        <Pager
          label={t("table.pages", { name: caption })}
          page={page}
          pageRows={pageRows}
          total={total}
          onPage={view.setPage}
        />
      )}
    </>
  );
}
