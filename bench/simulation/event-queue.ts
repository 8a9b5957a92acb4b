interface Scheduled<T> {
  readonly at: number;
  readonly item: T;
}

/** What is to happen, by time; of one time, in the order in which it was scheduled. */
export interface EventQueue<T> {
  readonly size: number;
  schedule(at: number, item: T): void;
  /** Takes out what is first; undefined when there is nothing. */
  next(): Scheduled<T> | undefined;
}

interface Entry<T> extends Scheduled<T> {
  /** Rises with each that is scheduled. */
  readonly turn: number;
}

const isBefore = <T>(a: Entry<T>, b: Entry<T>): boolean => a.at < b.at || (a.at === b.at && a.turn < b.turn);

/** Moves an entry towards the root of a heap, from a place that is free, to where it belongs. */
function rise<T>(heap: Entry<T>[], from: number, entry: Entry<T>): void {
  let place = from;
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || isBefore(parent, entry)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = entry;
}

/** The place of the earlier of two children; undefined below the last. */
function earlierChild<T>(heap: readonly Entry<T>[], place: number): number | undefined {
  const left = 2 * place + 1;
  const [a, b] = [heap[left], heap[left + 1]];
  if (a === undefined) return undefined;
  return b !== undefined && isBefore(b, a) ? left + 1 : left;
}

/** Moves an entry from the root, which is free, to where it belongs. */
function sink<T>(heap: Entry<T>[], entry: Entry<T>): void {
  let place = 0;
  for (;;) {
    const below = earlierChild(heap, place);
    const child = below === undefined ? undefined : heap[below];
    if (below === undefined || child === undefined || isBefore(entry, child)) break;
    heap[place] = child;
    place = below;
  }
  heap[place] = entry;
}

/** A binary heap. */
export function createEventQueue<T>(): EventQueue<T> {
  const heap: Entry<T>[] = [];
  let scheduled = 0;
  return {
    get size() {
      return heap.length;
    },
    schedule: (at, item) => {
      rise(heap, heap.length, { at, item, turn: scheduled });
      scheduled += 1;
    },
    next: () => {
      const [first] = heap;
      const last = heap.pop();
      if (last !== undefined && heap.length > 0) sink(heap, last);
      return first;
    },
  };
}
