import type { DescField } from "@bufbuild/protobuf";

/** Does what is to be done for a field, so that an error starts with the field's name. */
export function naming<T>(field: DescField, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${field.parent.typeName}.${field.name}: ${reason}`, { cause: error });
  }
}
