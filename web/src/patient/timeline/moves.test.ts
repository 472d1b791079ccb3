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
