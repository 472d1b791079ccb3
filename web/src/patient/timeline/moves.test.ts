import { expect, test } from "vitest";
import { moveOfKey, moveWindow } from "./moves";

const full = { startMs: 0, endMs: 1e11 };

test("keys move the window; plain arrows are left to the items", () => {
  expect(moveOfKey("+", true)).toBe("in");
  expect(moveOfKey("ArrowLeft", true)).toBe("left");
  expect(moveOfKey("ArrowLeft", false)).toBeNull();
  expect(moveOfKey("a", false)).toBeNull();
});

test("zooming in then out comes back, and fit shows everything", () => {
  const near = moveWindow("in", full, full)!;
  const back = moveWindow("out", near, full)!;
  expect(back.startMs).toBeCloseTo(0);
  expect(back.endMs).toBeCloseTo(1e11);
  expect(moveWindow("fit", near, full)).toBeNull();
});

test("zooming in again and again keeps the item in hand in view, wherever it lies", () => {
  for (const focusMs of [0, 1e9, 6e10, 1e11]) {
    let shown = full;
    for (let turn = 0; turn < 12; turn += 1) shown = moveWindow("in", shown, full, focusMs)!;
    expect(shown.endMs - shown.startMs).toBeLessThan(1e9);
    expect(shown.startMs).toBeLessThanOrEqual(focusMs);
    expect(shown.endMs).toBeGreaterThanOrEqual(focusMs);
  }
});
