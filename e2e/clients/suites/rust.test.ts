import { clientSuite } from "../suite.ts";

clientSuite("rust");
