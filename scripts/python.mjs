// Makes a virtual environment under .cache/ with the pinned gRPC of e2e/python/requirements.txt, once per set of pins.
import { venv } from "./venv.mjs";

venv(".cache/python", "e2e/python/requirements.txt");
