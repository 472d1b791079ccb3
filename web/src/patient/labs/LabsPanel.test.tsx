// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import { show } from "../../test_page";
import { eventsOf } from "../events";
import { sampleRecord } from "../sample_record";
import { readView, type ViewState } from "../view_state";
import { LabsPanel } from "./LabsPanel";

// A canvas is the browser tests' business; here only what stands around it.
vi.mock("./LabChart", () => ({ LabChart: () => <hr data-curve /> }));

function Page() {
  const [view, setView] = useState<ViewState>(readView(""));
  const onView = (part: Partial<ViewState>) => setView({ ...view, ...part });
  return <LabsPanel events={eventsOf(sampleRecord)} view={view} onView={onView} />;
}

test("a row says the last value with its unit, its flag in a word, and its range", () => {
  show(<Page />);
  const row = screen.getByRole("row", { name: /Créatinine/ });
  expect(row.textContent).toContain("88 µmol/L");
  expect(within(row).getByText("Haut")).toBeDefined();
  expect(row.textContent).toContain("45 – 84");
  expect(row.textContent).toContain("rss_2025.txt : 12");
});

test("a curve opens under its row; T shows its table; Escape gives the focus back", async () => {
  show(<Page />);
  const user = userEvent.setup();
  const opener = screen.getByRole("button", { name: "Créatinine" });
  await user.click(opener);
  expect(opener.getAttribute("aria-expanded")).toBe("true");
  await waitFor(() => expect(document.querySelector("[data-curve]")).not.toBeNull());
  expect(screen.getByText("Zone grise : valeurs de référence 45 – 84 µmol/L.")).toBeDefined();
  await user.tab();
  await user.keyboard("t");
  const table = screen.getByRole("table", { name: /Résultats de Créatinine/ });
  expect(within(table).getByText("0,995 mg/dL")).toBeDefined();
  expect(within(table).getAllByRole("row")).toHaveLength(3);
  (table.querySelector("th button") as HTMLElement).focus();
  await user.keyboard("{Escape}");
  expect(document.activeElement).toBe(opener);
  expect(screen.queryByRole("table", { name: /Résultats de/ })).toBeNull();
});
