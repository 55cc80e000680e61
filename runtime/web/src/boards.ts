/** What boards, calendars, timelines and trees do. */
import { prepareBoards, startBoards } from "./board.ts";
import { prepareBulk, startBulk } from "./bulk.ts";
import { run } from "./parts.ts";
import { startPeek, startPeekKeys } from "./peek.ts";
import { startSelection } from "./selection.ts";
import { prepareSpans, startSpans } from "./spans.ts";
import { startTrees } from "./tree.ts";

run({
  starts: [startPeekKeys, startBoards, startSelection, startBulk, startPeek, startSpans, startTrees],
  prepares: [prepareBoards, prepareBulk, prepareSpans],
});
