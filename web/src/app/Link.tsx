import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { addressOf, navigate, type QueryPatch } from "./router";

type Props = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & {
  to: string;
  query?: QueryPatch | undefined;
};

/** A plain anchor: opening in a tab and copying the address work; a simple click stays here. */
export function Link({ to, query, ...rest }: Props) {
  const address = addressOf(to, query);
  const follow = (event: MouseEvent) => {
    const isHeld = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.button !== 0 || isHeld) return;
    event.preventDefault();
    navigate(address, "push");
    window.scrollTo(0, 0);
  };
  return <a {...rest} href={address} onClick={follow} />;
}
