import type { Kind } from "./events";

const paths: Record<Kind, string> = {
  stay: "M-6,-3.5h12v7h-12z",
  movement: "M-6,-2h12v4h-12z",
  diagnosis: "M0,-6L6,0L0,6L-6,0z",
  act: "M-4.6,-4.6h9.2v9.2h-9.2z",
  drug: "M-2.6,-3.4h5.2a3.4,3.4 0 0 1 0,6.8h-5.2a3.4,3.4 0 0 1 0,-6.8z",
  lab: "M0,-5a5,5 0 1 1 0,10a5,5 0 1 1 0,-10z",
  observation: "M-1.7,-5h3.4v3.3h3.3v3.4h-3.3v3.3h-3.4v-3.3h-3.3v-3.4h3.3z",
  report: "M-4.2,-5.6h5.4l3,3v8.2h-8.4z",
};

/** The outline of each kind: on the timeline, in the filters and in the lists, the same. */
export function kindPath(kind: Kind): string {
  return paths[kind];
}

export function KindMark({ kind }: { kind: Kind }) {
  return (
    <svg width="15" height="15" viewBox="-7.5 -7.5 15 15" aria-hidden="true">
      <path d={paths[kind]} fill={`var(--kind-${kind})`} />
    </svg>
  );
}
