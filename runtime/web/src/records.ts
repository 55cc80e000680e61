/** What the page of a record does: fields in place and their history, the composer, related lists, print. */
import { prepareComposer, startComposer } from "./composer.ts";
import { prepareCuts, startCuts } from "./cuts.ts";
import { prepareInline, startInline } from "./inline.ts";
import { run } from "./parts.ts";
import { startPast } from "./past.ts";
import { prepareRelated, startRelated } from "./related.ts";
import { startStages } from "./stages.ts";

run({ starts: [startInline, startPast, startComposer, startRelated, startStages, startCuts], prepares: [prepareInline, prepareComposer, prepareRelated, prepareCuts] });
