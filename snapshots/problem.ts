/** Something wrong in an input object: a value, never thrown. It is shown where the object's owner looks. */
export interface Problem {
  /** What it is about: `Service default/greeter`, `file services.yaml:12:3`. */
  readonly object: string;
  /** A stable word for filters and metrics, such as `bad-annotation`. */
  readonly code: string;
  /** What is wrong, where, and what is allowed. */
  readonly message: string;
}

/** A value and what was wrong with its input. */
export interface Derived<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}
