import type { Span } from "../events";
import { anchorOf, panSpan, zoomSpan } from "./scale";

export type WindowMove = "left" | "right" | "in" | "out" | "fit";

/**
 * The window after a move; null is the whole record. Zooming keeps `focusMs`, the item in hand,
 * where it is: from the keyboard one would otherwise lose it.
 */
export function moveWindow(
  move: WindowMove,
  shown: Span,
  full: Span,
  focusMs: number | null = null,
): Span | null {
  switch (move) {
    case "left":
      return panSpan(shown, -0.3, full);
    case "right":
      return panSpan(shown, 0.3, full);
    case "in":
      return zoomSpan(shown, 0.6, anchorOf(focusMs, shown));
    case "out":
      return zoomSpan(shown, 1 / 0.6, anchorOf(focusMs, shown));
    case "fit":
      return null;
  }
}

/** The move a key asks for, or null. Shift turns the arrows from items to time. */
export function moveOfKey(key: string, isShifted: boolean): WindowMove | null {
  if (key === "+" || key === "=") return "in";
  if (key === "-" || key === "−" || key === "_") return "out";
  if (key === "0" || key === "à") return "fit"; // "à" is the unshifted 0 of a French keyboard.
  if (isShifted && key === "ArrowLeft") return "left";
  if (isShifted && key === "ArrowRight") return "right";
  return null;
}
