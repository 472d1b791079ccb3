import type { Span } from "../events";
import { panSpan, zoomSpan } from "./scale";

export type WindowMove = "left" | "right" | "in" | "out" | "fit";

/** The window after a move; null is the whole record. */
export function moveWindow(move: WindowMove, shown: Span, full: Span): Span | null {
  switch (move) {
    case "left":
      return panSpan(shown, -0.3, full);
    case "right":
      return panSpan(shown, 0.3, full);
    case "in":
      return zoomSpan(shown, 0.6, 0.5);
    case "out":
      return zoomSpan(shown, 1 / 0.6, 0.5);
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
