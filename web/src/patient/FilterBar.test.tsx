// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { show } from "../test_page";
import { eventsOf, lanes } from "./events";
import { FilterBar } from "./FilterBar";
import { sampleRecord } from "./sample_record";
import { readView, type ViewState } from "./view_state";

const events = eventsOf(sampleRecord);

function showBar(part: Partial<ViewState> = {}) {
  const onView = vi.fn();
  const view = { ...readView(""), ...part };
  show(<FilterBar view={view} onView={onView} events={events} shownCount={2} />);
  return onView;
}

test("only kinds that the record holds can be switched, each with its count", async () => {
  const onView = showBar();
  expect(screen.getAllByRole("checkbox")).toHaveLength(5);
  expect(screen.queryByRole("checkbox", { name: /Médicaments/ })).toBeNull();
  await userEvent.click(screen.getByRole("checkbox", { name: /Biologie\s*2/ }));
  expect(onView).toHaveBeenCalledWith({ lanes: lanes.filter((lane) => lane !== "lab") });
});

test("how many items are shown of how many is said aloud", () => {
  showBar();
  expect(screen.getByRole("status").textContent).toBe(`2 éléments sur ${events.length}`);
});

test("a date is typed day first and applied once it can be read", async () => {
  const onView = showBar();
  const from = screen.getByLabelText("Du");
  await userEvent.type(from, "05/03/202");
  expect(onView).not.toHaveBeenCalled();
  await userEvent.type(from, "5");
  expect(onView).toHaveBeenCalledWith({ from: "2025-03-05" });
});

test("a date that is none says so and applies nothing", async () => {
  const onView = showBar();
  await userEvent.type(screen.getByLabelText("Au"), "31/02/2025");
  expect(screen.getByText("Date illisible : jour/mois/année.")).toBeDefined();
  expect(onView).not.toHaveBeenCalled();
});

test("dates out of order are pointed out, and one button clears all", async () => {
  const onView = showBar({ from: "2025-03-05", to: "2025-03-01" });
  expect(screen.getByText("La date de début dépasse la date de fin.")).toBeDefined();
  expect(screen.getByLabelText<HTMLInputElement>("Du").value).toBe("05/03/2025");
  await userEvent.click(screen.getByRole("button", { name: "Tout afficher" }));
  expect(onView).toHaveBeenCalledWith({ from: "", to: "", text: "", lanes });
});
