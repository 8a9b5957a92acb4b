import { clientSuite } from "../suite.ts";

clientSuite("node");
