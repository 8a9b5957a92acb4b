interface Careful<T> {
  readonly whole: T;
  readonly parts: () => Iterable<T>;
  readonly run: (part: T) => void;
  readonly failed: (error: unknown) => void;
}

/** For what can only be done as a whole. */
export const NO_PARTS = (): readonly never[] => [];

/** Does all at once or, should that fail, part by part, so that what fails harms nothing else. */
export function carefully<T>({ whole, parts, run, failed }: Careful<T>): void {
  const succeeds = (part: T): boolean => {
    try {
      run(part);
      return true;
    } catch (error) {
      failed(error);
      return false;
    }
  };
  if (!succeeds(whole)) for (const part of parts()) succeeds(part);
}
