/** Annotations of ours on a Service, and on its Namespace, which gives defaults. */
import { nearest } from "../nearest.ts";
import type { Service } from "../objects.ts";
import type { Problem } from "../problem.ts";
import { serviceProblem } from "./service-problem.ts";

export const PREFIX = "evenkeel.dev/";

export type Annotations = Readonly<Record<string, string>>;

/** One annotation of ours. */
export interface Annotation<T> {
  /** Without prefix. */
  readonly key: string;
  /** On a Namespace it is the default for its Services; otherwise it works on a Service only. */
  readonly inherited: boolean;
  /** In words, for whoever wrote something else. */
  readonly allowed: string;
  /** Undefined where the text is none of what is allowed. */
  parse(text: string): T | undefined;
}

/** An annotation that may say one of these words. A hyphen may stand for an underscore, and the other way round. */
export function wordOf<const W extends string>(words: readonly W[]): Pick<Annotation<W>, "allowed" | "parse"> {
  const plain = (word: string): string => word.replaceAll("-", "_");
  return { allowed: words.join(", "), parse: (text) => words.find((word) => plain(word) === plain(text)) };
}

/** What an annotation says, and who says it. */
export interface Found<T> {
  readonly value: T;
  /** In words: `annotation evenkeel.dev/lb of the Namespace`. */
  readonly from: string;
}

/** Annotations of one object. */
interface Annotated {
  readonly annotations: Annotations;
  /** Before a key, in words: nothing for the Service's own. */
  readonly of: string;
  readonly isNamespace: boolean;
}

/** Reads the annotations that count for one Service. What cannot be read is a problem and is ignored. */
export class AnnotationReader {
  readonly problems: Problem[] = [];
  readonly #service: Service;
  readonly #own: Annotated;
  readonly #inherited: Annotated;

  constructor(service: Service, namespaceAnnotations: Annotations) {
    const of = `Namespace ${service.namespace}: `;
    this.#service = service;
    this.#own = { annotations: service.annotations, of: "", isNamespace: false };
    this.#inherited = { annotations: namespaceAnnotations, of, isNamespace: true };
  }

  /** The Service's own, else that of its Namespace where it may come from there, else undefined. */
  read<T>(annotation: Annotation<T>): Found<T> | undefined {
    const own = this.own(annotation);
    const inherited = annotation.inherited ? this.inherited(annotation) : undefined;
    return own ?? inherited;
  }

  own<T>(annotation: Annotation<T>): Found<T> | undefined {
    return this.#valueIn(this.#own, annotation, `annotation ${PREFIX}${annotation.key}`);
  }

  inherited<T>(annotation: Annotation<T>): Found<T> | undefined {
    return this.#valueIn(this.#inherited, annotation, `annotation ${PREFIX}${annotation.key} of the Namespace`);
  }

  /** Whether the Service itself has it, readable or not. */
  says(key: string): boolean {
    return this.#own.annotations[`${PREFIX}${key}`] !== undefined;
  }

  complain(message: string): void {
    this.problems.push(serviceProblem(this.#service, "bad-annotation", message));
  }

  /** Complains of annotations under our prefix that are not known, or do not work where they are. */
  complainOfOthers(known: readonly Annotation<unknown>[]): void {
    for (const annotated of [this.#own, this.#inherited]) {
      const keys = known.filter(({ inherited }) => inherited || !annotated.isNamespace).map(({ key }) => key);
      for (const name of Object.keys(annotated.annotations).toSorted()) {
        const key = name.slice(PREFIX.length);
        if (!name.startsWith(PREFIX) || keys.includes(key)) continue;
        this.complain(`${annotated.of}${name} is ignored: it ${faultOf(key, keys, known)}`);
      }
    }
  }

  #valueIn<T>({ annotations, of }: Annotated, { key, allowed, parse }: Annotation<T>, from: string) {
    const text = annotations[`${PREFIX}${key}`];
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value !== undefined) return { value, from };
    this.complain(`${of}${PREFIX}${key} is ${JSON.stringify(text)} and is ignored; it may be ${allowed}`);
    return undefined;
  }
}

function faultOf(key: string, keys: readonly string[], known: readonly Annotation<unknown>[]): string {
  if (known.some((one) => one.key === key)) return "works on a Service only";
  const [meant] = nearest(key, keys);
  return meant === undefined
    ? `is not known; known are ${keys.join(", ")}`
    : `is not known; did you mean ${PREFIX}${meant}?`;
}
