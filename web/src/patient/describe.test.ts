import { expect, test } from "vitest";
import { speechOf } from "../texts/language";
import { describeEvent, modeWords, roleWords, whenWords } from "./describe";
import { eventsOf } from "./events";
import { sampleRecord } from "./sample_record";

const fr = speechOf("fr");
const events = new Map(eventsOf(sampleRecord).map((event) => [event.key, event]));

test("a stay names its kind and its units; a unit without a name keeps its code", () => {
  expect(describeEvent(events.get("stay:1")!, fr)).toBe("Hospitalisation · Cardiologie → 1240");
});

test("a high result says so in words", () => {
  expect(describeEvent(events.get("lab:1")!, fr)).toBe("Créatinine : 88 µmol/L, Haut");
});

test("a result that is no number keeps its text, and its unreadable time too", () => {
  const event = events.get("lab:2")!;
  expect(describeEvent(event, fr)).toBe("Créatinine : <5 µmol/L");
  expect(whenWords(event, fr)).toBe("date illisible");
});

test("an open stay is going on", () => {
  const open = { ...events.get("stay:1")!, end: null };
  expect(whenWords(open, fr)).toBe("01/03/2025 → en cours");
});

test("codes without a meaning are shown, not guessed", () => {
  expect(modeWords("Z", fr)).toBe("code Z");
  expect(roleWords("XX", fr)).toBe("XX");
  expect(roleWords("DR", fr)).toBe("DR (relié)");
  expect(roleWords(null, fr)).toBeNull();
});
