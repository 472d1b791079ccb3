// The selected item of the address: one event ("lab:12") or a group of one lane between two times
// ("lab@1740816600000~1740902400000"), which is what a merged mark of the timeline stands for.

import { lanes, type ClinicalEvent, type Lane } from "./events";

export type Selection =
  | { is: "nothing" }
  | { is: "missing" }
  | { is: "event"; event: ClinicalEvent }
  | { is: "group"; lane: Lane; events: ClinicalEvent[] };

export function groupItem(lane: Lane, events: ClinicalEvent[]): string {
  const times = events.map((event) => event.startMs).filter((ms) => ms !== null);
  return `${lane}@${Math.min(...times)}~${Math.max(...times)}`;
}

export function resolveItem(
  item: string,
  every: ClinicalEvent[],
  shown: ClinicalEvent[],
): Selection {
  if (item === "") return { is: "nothing" };
  const group = /^([a-z]+)@(-?\d{1,15})~(-?\d{1,15})$/.exec(item);
  const lane = group && lanes.find((name) => name === group[1]);
  if (group && lane) {
    const first = Number(group[2]);
    const last = Number(group[3]);
    const events = shown.filter(
      ({ lane: own, startMs }) =>
        own === lane && startMs !== null && startMs >= first && startMs <= last,
    );
    if (events.length === 1 && events[0]) return { is: "event", event: events[0] };
    return events.length > 0 ? { is: "group", lane, events } : { is: "missing" };
  }
  const event = every.find(({ key }) => key === item);
  return event ? { is: "event", event } : { is: "missing" };
}
