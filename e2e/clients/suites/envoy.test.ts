import { envoySuite } from "../envoy/suite.ts";
import { clientSuite, formSuite, programOf } from "../suite.ts";

clientSuite("envoy");
formSuite("envoy", "state of the world", ["--protocol", "sotw"]);
formSuite("envoy", "1.36", ["--version", "older"]);

const words = programOf("envoy").command;
const executable = (version: string): string => words[words.indexOf(`--${version}`) + 1] ?? "";
envoySuite({ newest: executable("newest"), older: executable("older") });
