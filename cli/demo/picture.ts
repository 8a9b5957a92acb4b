import { type Pods, perPod, type Reading, skew, type Way } from "./figures.ts";

const WAYS: readonly { readonly way: Way; readonly title: string; readonly colour: string }[] = [
  { way: "connections", title: "connections balanced, as a Service does", colour: "#c2571a" },
  { way: "evenkeel", title: "requests balanced, over evenkeel", colour: "#1a6fc2" },
];

const WIDTH = 720;
const HALF = WIDTH / WAYS.length;
const TOP = 64;
const TALLEST = 150;
const STEP = 34;
const LEFT = 24;

interface Bars {
  readonly title: string;
  readonly colour: string;
  readonly reading: Reading;
  readonly left: number;
}

/** One bar a pod, in order of name, as tall as its requests beside the busiest pod of both halves. */
function bars({ title, colour, reading, left }: Bars, pods: Pods, most: number): string {
  const requests = perPod(reading);
  const heading = `<text x="${left}" y="18">${title}</text>`;
  const figure = `<text x="${left}" y="36">busiest / average = ${skew(reading, pods).toFixed(2)}</text>`;
  const drawn = [...pods.keys()].toSorted().map((pod, at) => {
    const count = requests.get(pod) ?? 0;
    const height = (count / most) * TALLEST;
    const [x, y] = [left + at * STEP, TOP + TALLEST - height];
    const name = pod.replace(/^greeter-eu-/, "");
    return [
      `<rect x="${x}" y="${y.toFixed(1)}" width="${STEP - 8}" height="${height.toFixed(1)}" fill="${colour}"/>`,
      `<text class="small" x="${x}" y="${(y - 4).toFixed(1)}">${count}</text>`,
      `<text class="small" x="${x}" y="${TOP + TALLEST + 14}">${name}</text>`,
    ].join("");
  });
  return [heading, figure, ...drawn].join("\n");
}

/** Requests of each pod over both ways, as an SVG. */
export function picture(readings: Readonly<Record<Way, Reading>>, pods: Pods): string {
  const most = Math.max(...WAYS.flatMap(({ way }) => [...perPod(readings[way]).values()]));
  const halves = WAYS.map(({ way, title, colour }, at) =>
    bars({ title, colour, reading: readings[way], left: LEFT + at * HALF }, pods, most),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${TOP + TALLEST + 24}" font-family="sans-serif" font-size="13">`,
    "<title>Requests of each pod: connections balanced as a Service does, and requests balanced over evenkeel</title>",
    "<style>text{fill:#333}.small{font-size:10px}</style>",
    `<rect width="100%" height="100%" fill="white"/>`,
    ...halves,
    "</svg>",
    "",
  ].join("\n");
}
