import {
  type DescField,
  type DescFile,
  type DescMessage,
  type DescOneof,
  getExtension,
  hasExtension,
  type Message,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { naming } from "./naming.ts";
import { NO_RULES, type Rules, rulesOf } from "./rules.ts";

/** The options of protoc-gen-validate, as one set of files uses them. */
export interface Options {
  /** Throws, with the field's name, where a rule is not known. */
  rules(field: DescField): Rules;
  isRequired(oneof: DescOneof): boolean;
  /** Neither its own rules nor those of the messages in it apply. */
  isDisabled(message: DescMessage): boolean;
  /** It has no validator. */
  isIgnored(message: DescMessage): boolean;
}

/** Reads the options by the definitions in `validate/validate.proto`, which is among the files if any of them uses it. */
export function optionsOf(files: readonly DescFile[]): Options {
  const extensions = new Map(files.flatMap((file) => file.extensions).map((each) => [each.typeName, each]));
  const option = ({ proto }: DescField | DescOneof | DescMessage, name: string): unknown => {
    const extension = extensions.get(`validate.${name}`);
    if (extension === undefined || proto.options === undefined) return undefined;
    return hasExtension(proto.options, extension) ? getExtension(proto.options, extension) : undefined;
  };
  const FieldRules = extensions.get("validate.rules")?.message;
  const read = (field: DescField): Rules => {
    const rules = option(field, "rules") as Message | undefined;
    return FieldRules === undefined || rules === undefined ? NO_RULES : rulesOf(reflect(FieldRules, rules));
  };
  const known = new Map<DescField, Rules>();
  return {
    rules: (field) => {
      const rules = known.get(field) ?? naming(field, () => read(field));
      known.set(field, rules);
      return rules;
    },
    isRequired: (oneof) => option(oneof, "required") === true,
    isDisabled: (message) => option(message, "disabled") === true,
    isIgnored: (message) => option(message, "ignored") === true,
  };
}
