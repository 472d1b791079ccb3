import { navigate, useLocation, withQuery } from "../app/router";

export interface Sort {
  id: string;
  desc: boolean;
}

export interface TableView {
  /** The first page is 1. */
  page: number;
  sort: Sort | null;
}

function pageKey(name: string): string {
  return name === "" ? "page" : `${name}_page`;
}

export function readTable(search: string, name: string): TableView {
  const query = new URLSearchParams(search);
  const page = /^[1-9]\d{0,6}$/.exec(query.get(pageKey(name)) ?? "");
  const sort = /^(-?)([a-z_]+)$/.exec(query.get(`${name}_sort`) ?? "");
  return {
    page: page ? Number(page[0]) : 1,
    sort: sort?.[2] ? { id: sort[2], desc: sort[1] === "-" } : null,
  };
}

/** The page and order of one table, kept in the address under its name. */
export function useTableView(name: string) {
  const view = readTable(useLocation().search, name);
  return {
    ...view,
    setPage: (page: number) => {
      navigate(withQuery({ [pageKey(name)]: page > 1 ? String(page) : null }), "replace");
    },
    setSort: (sort: Sort | null) => {
      const text = sort ? (sort.desc ? "-" : "") + sort.id : null;
      navigate(withQuery({ [`${name}_sort`]: text, [pageKey(name)]: null }), "replace");
    },
  };
}
