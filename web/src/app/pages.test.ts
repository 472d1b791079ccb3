import { expect, test } from "vitest";
import { speechOf } from "../texts/language";
import { openPage, partsOf } from "./pages";

const fr = speechOf("fr");
const titleOf = (path: string) => openPage(path, fr)?.title ?? null;

test("the root and /patients are the list", () => {
  expect(titleOf("/")).toBe("Patients");
  expect(titleOf("/patients/")).toBe("Patients");
});

test("a patient's address keeps a 64-bit id whole", () => {
  expect(titleOf("/patients/9223372036854775807")).toContain("9223372036854775807");
});

test("anything else is no page, even a badly encoded id", () => {
  expect(titleOf("/patients/1/labs")).toBeNull();
  expect(titleOf("/patients/%E0%A4%A")).toBeNull();
  expect(partsOf("/patients/%E0%A4%A")).toBeNull();
});
