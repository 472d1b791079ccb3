// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { show } from "../../test_page";
import { eventsOf, lanes, spanOf } from "../events";
import { sampleRecord } from "../sample_record";
import { Timeline } from "./Timeline";

const events = eventsOf(sampleRecord);
const full = spanOf(events)!;

function showTimeline(address = "/") {
  const onItem = vi.fn();
  const onWindow = vi.fn();
  const props = { events, lanes, full, kept: null, item: "", onItem, onWindow };
  show(<Timeline {...props} />, address);
  return { onItem, onWindow, marks: () => screen.getAllByRole("button", { pressed: false }) };
}

test("each lane is named, and each mark says what it is, what kind and when", () => {
  showTimeline();
  expect(screen.getByRole("group", { name: "Diagnostics" })).toBeDefined();
  const name = /^DP I210 Infarctus aigu de la paroi antérieure, Diagnostic, 01\/03\/2025$/;
  expect(screen.getByRole("button", { name })).toBeDefined();
  expect(screen.getByRole("button", { name: /^Hospitalisation · Cardiologie/ })).toBeDefined();
});

test("the words on a bar begin its name, so that a voice finds it", () => {
  showTimeline();
  const bars = screen.getAllByRole("button").filter((mark) => mark.dataset.shape === "bar");
  expect(bars.length).toBeGreaterThan(0);
  for (const bar of bars) {
    const words = bar.querySelector("text")?.textContent?.replace("…", "") ?? "";
    expect(bar.getAttribute("aria-label")?.startsWith(words)).toBe(true);
  }
});

test("one mark is in the order of Tab, arrows go on from it, Enter selects", async () => {
  const { onItem } = showTimeline();
  const user = userEvent.setup();
  const entries = document.querySelectorAll('[data-glyph][tabindex="0"]');
  expect(entries.length).toBe(1);
  (entries[0] as SVGGElement).focus();
  await user.keyboard("{ArrowDown}");
  expect(document.activeElement?.getAttribute("data-kind")).toBe("diagnosis");
  await user.keyboard("{Enter}");
  expect(onItem).toHaveBeenCalledWith("diagnosis:1");
});

test("what has no readable date is counted under the timeline", () => {
  showTimeline();
  expect(screen.getByText("1 élément sans date lisible")).toBeDefined();
});

test("in English every word is English", () => {
  showTimeline("/?lang=en");
  expect(screen.getByRole("group", { name: "Lab results" })).toBeDefined();
  expect(screen.getByRole("button", { name: /Diagnosis, 1 Mar 2025$/ })).toBeDefined();
  expect(screen.getByText("1 item without a readable date")).toBeDefined();
});
