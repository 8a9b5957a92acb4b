import { clientSuite } from "../suite.ts";

clientSuite("armeria");
