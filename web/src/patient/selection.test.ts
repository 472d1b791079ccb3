import { expect, test } from "vitest";
import { eventsOf } from "./events";
import { sampleRecord } from "./sample_record";
import { groupItem, resolveItem } from "./selection";

const events = eventsOf(sampleRecord);

test("an item is found by its key, even when the filters hide it", () => {
  expect(resolveItem("diagnosis:1", events, [])).toMatchObject({
    is: "event",
    event: { code: "I210" },
  });
});

test("a group is every shown item of its lane between its two times", () => {
  const stays = events.filter((event) => event.lane === "stay");
  const found = resolveItem(groupItem("stay", stays), events, events);
  expect(found).toMatchObject({ is: "group", events: stays });
});

test("an unknown item is missing, not nothing", () => {
  expect(resolveItem("lab:99", events, events).is).toBe("missing");
  expect(resolveItem("lab@1~2", events, events).is).toBe("missing");
  expect(resolveItem("", events, events).is).toBe("nothing");
});
