import { clientSuite } from "../suite.ts";

clientSuite("envoy");
