import { useEffect, useRef, type PointerEvent, type RefObject } from "react";
import type { Span } from "../events";
import { panSpan, zoomSpan } from "./scale";

interface Hand {
  x: number;
  span: Span;
}

/** Drag to pan, Ctrl + wheel (or a pinch) to zoom at the pointer, sideways wheel to pan. */
export function usePointer(
  target: RefObject<SVGSVGElement | null>,
  shown: Span,
  full: Span,
  plotLeft: number,
  plotWidth: number,
  setWindow: (span: Span) => void,
) {
  const hand = useRef<Hand | null>(null);
  const state = useRef({ shown, full, plotWidth, setWindow });
  state.current = { shown, full, plotWidth, setWindow };

  useEffect(() => {
    const svg = target.current;
    if (!svg) return undefined;
    const turn = (event: WheelEvent) => {
      const now = state.current;
      if (event.ctrlKey) {
        event.preventDefault();
        const x = event.clientX - svg.getBoundingClientRect().left - plotLeft;
        const anchor = Math.min(1, Math.max(0, x / now.plotWidth));
        const factor = Math.exp(Math.max(-80, Math.min(80, event.deltaY)) * 0.006);
        now.setWindow(zoomSpan(now.shown, factor, anchor));
      } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        now.setWindow(panSpan(now.shown, event.deltaX / now.plotWidth, now.full));
      }
    };
    // React listens to wheels passively, and a passive listener may not stop the page's own zoom.
    svg.addEventListener("wheel", turn, { passive: false });
    return () => svg.removeEventListener("wheel", turn);
  }, [target, plotLeft]);

  return {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      const onGlyph = (event.target as Element).closest("[data-glyph]") !== null;
      if (event.button !== 0 || onGlyph) return;
      hand.current = { x: event.clientX, span: shown };
      event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => {
      if (!hand.current) return;
      const moved = (hand.current.x - event.clientX) / plotWidth;
      if (moved !== 0) setWindow(panSpan(hand.current.span, moved, full));
    },
    onPointerUp: () => {
      hand.current = null;
    },
    onPointerCancel: () => {
      hand.current = null;
    },
  };
}
