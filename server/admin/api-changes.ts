/** The shapes of the question how long changes take. */
import { type Static, Type } from "typebox";
import { count, listed, page, query, TypeName, text, texts } from "./schema.ts";

const ms = (description: string) => Type.Number({ minimum: 0, description: `milliseconds ${description}` });

export const ChangesQuery = query(page(1000));
export type ChangesQuery = Static<typeof ChangesQuery>;
export const ChangesAnswer = Type.Object({
  ...listed,
  changes: Type.Array(
    Type.Object({
      id: count("grows with each change of this server"),
      at: Type.String({ format: "date-time", description: "when it was published" }),
      resources: Type.Array(
        Type.Object({ type: TypeName, names: texts("at most 10 are shown"), namesTotal: count("of this type") }),
        { description: "what may be different, for some kind of client" },
      ),
      state: Type.Enum(["spreading", "done", "unfinished"], {
        description: "unfinished: some client did not answer within a minute",
      }),
      publishMs: ms("from its report by the source to its publish"),
      lastAckMs: Type.Optional(ms("from its report to the newest answer of a client; absent before the first")),
      objectAgeMs: Type.Optional(
        ms("from the moment that the EndpointSlice itself gives to the report, by the clocks of two machines"),
      ),
      clients: Type.Object({
        sent: count("streams that were sent something for it"),
        acked: count("that accepted it"),
        refused: count("that refused it"),
        left: count("that went before they answered"),
      }),
      slowest: Type.Optional(
        Type.Object(
          { stream: text("see /v1/clients/{id}"), nodeId: Type.String() },
          { description: "the newest answer" },
        ),
      ),
    }),
  ),
});
export type ChangesAnswer = Static<typeof ChangesAnswer>;
