import { envoySuite } from "../envoy/suite.ts";
import { clientSuite, programOf } from "../suite.ts";

clientSuite("envoy");

const words = programOf("envoy").command;
const executable = (version: string): string => words[words.indexOf(`--${version}`) + 1] ?? "";
envoySuite({ newest: executable("newest"), older: executable("older") });
